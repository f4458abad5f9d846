import HTTPTypes
import Hummingbird

/// Finds out, before anything else, where a request really comes from.
struct ClientAddress: RouterMiddleware {
    let proxies: TrustedProxies
    /// Whether TLS ends in this process.
    let isEncrypted: Bool

    func handle(
        _ request: Request, context: WebContext, next: (Request, WebContext) async throws -> Response
    ) async throws -> Response {
        var context = context
        context.isEncrypted = isEncrypted
        if proxies.trusts(context.remoteAddress) {
            context.isEncrypted = isEncrypted || request.headers[.forwardedProtocol]?.lowercased() == "https"
            context.remoteAddress = proxies.client(
                peer: context.remoteAddress, forwardedFor: request.headers[values: .forwardedFor])
        }
        var response = try await next(request, context)
        // Who speaks TLS is told to go on doing so (RFC 6797).
        if context.isEncrypted { response.headers[.strictTransportSecurity] = StrictTransport.policy }
        return response
    }
}

enum StrictTransport {
    /// For a year.
    static let policy = "max-age=31536000"
}

extension HTTPField.Name {
    // The names are valid tokens, so none of these is nil.
    // swift-format-ignore: NeverForceUnwrap
    static let forwardedFor = Self("X-Forwarded-For")!
    // swift-format-ignore: NeverForceUnwrap
    static let forwardedProtocol = Self("X-Forwarded-Proto")!
}
