import HTTPTypes
import Hummingbird
import Kernel

/// Lets pages of other origins use the API, as the configuration says (Fetch Standard, section 3.2: CORS protocol).
///
/// Credentials are never allowed: tokens travel in a header that a foreign page has to know, not in cookies.
struct CrossOrigin: RouterMiddleware {
    let allowed: WebConfiguration.AllowedOrigins
    let table: RouteTable
    let limiter: RateLimiter

    func handle(
        _ request: Request, context: WebContext, next: (Request, WebContext) async throws -> Response
    ) async throws -> Response {
        guard let origin = request.headers[.origin], let answer = allowedOrigin(origin) else {
            return try await next(request, context)
        }
        if request.method == .options, request.headers[.accessControlRequestMethod] != nil {
            return preflight(request, context, origin: answer)
        }
        var response = try await next(request, context)
        response.headers[.accessControlAllowOrigin] = answer
        response.headers[.accessControlExposeHeaders] =
            "X-Request-Id, X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset, X-RateLimit-Bucket, Retry-After, ETag, Content-Range"
        if answer != "*" { response.varies(with: "Origin") }
        return response
    }

    private func allowedOrigin(_ origin: String) -> String? {
        switch allowed {
        case .own: nil
        case .all: "*"
        case .listed(let origins): origins.contains(origin) ? origin : nil
        }
    }

    private func preflight(_ request: Request, _ context: WebContext, origin: String) -> Response {
        let methods = table.methods(at: request.uri.path).map(\.rawValue)
        var response = Response(
            status: .noContent,
            headers: [
                .accessControlAllowOrigin: origin,
                .accessControlAllowMethods: methods.joined(separator: ", "),
                .accessControlAllowHeaders:
                    "Authorization, Content-Type, Content-Digest, Range, X-Client-Version, X-Audit-Log-Reason",
                .accessControlMaxAge: "86400",
                .requestID: context.requestID,
                .vary: "Origin, Access-Control-Request-Method, Access-Control-Request-Headers",
            ])
        let address = RateLimitSubject(clientAddress: context.remoteAddress)
        for (name, value) in limiter.status(.address, of: address).headers { response.headers[name] = value }
        SecurityHeaders.add(to: &response.headers)
        return response
    }
}
