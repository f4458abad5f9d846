import Hummingbird
import Kernel

/// How a request comes to its handler, and whom that gets to know.
struct RouteEntry<Who: Sendable>: Sendable {
    let access: Route.Access
    /// What is answered to those who don't get in.
    let errors: [ErrorKind]
    let enter: @Sendable (Request, Route.Surroundings) async throws -> Who
    let user: @Sendable (Who) -> UserID?
}

extension RouteEntry<Void> {
    static var everyone: Self {
        RouteEntry(access: .everyone, errors: []) { _, surroundings in
            try surroundings.door.enter(surroundings.client)
        } user: { _ in
            nil
        }
    }
}

extension RouteEntry<Caller> {
    private static let refusals: [ErrorKind] = [.authenticationRequired, .invalidToken, .tokenExpired]

    static var loggedIn: Self {
        RouteEntry(access: .loggedIn, errors: refusals, enter: authenticate, user: \.user)
    }

    static var administrator: Self {
        RouteEntry(access: .administrator, errors: refusals + [.adminAccessRequired]) { request, surroundings in
            let caller = try await authenticate(request, surroundings)
            guard caller.isAdmin else { throw APIError.adminAccessRequired }
            return caller
        } user: {
            $0.user
        }
    }

    @Sendable private static func authenticate(
        _ request: Request, _ surroundings: Route.Surroundings
    ) async throws -> Caller {
        try await surroundings.door.enter(surroundings.client) {
            guard let header = request.headers[.authorization] else { throw APIError.authenticationRequired }
            guard let credentials = Credentials(header: header) else { throw APIError.invalidToken }
            var caller = try await surroundings.authenticator.authenticate(credentials)
            caller.reason = try AuditReason.read(from: request.headers)
            return caller
        }
    }
}
