import HTTPTypes
import Hummingbird

/// Answers HEAD as GET, but for the body (RFC 9110, section 9.3.2): the headers tell of what GET would send, packed or not.
struct BodilessAnswers: RouterMiddleware {
    func handle(
        _ request: Request, context: WebContext, next: (Request, WebContext) async throws -> Response
    ) async throws -> Response {
        let response = try await next(request, context)
        return request.method == .head ? response.createHeadResponse() : response
    }
}
