import JWTKit
import Kernel

/// A token that shows a service who sends: made when it is needed, kept for as long as it counts, and made anew when the service
/// wants no more of it.
actor ServiceToken {
    struct Made: Sendable {
        let token: String
        let endsAt: Timestamp
    }

    private let make: @Sendable () async throws -> Made
    private var made: Made?
    /// Who comes while one is being made waits for that one: a service does not want to be asked for many.
    private var making: Task<Made, any Error>?

    init(_ make: @escaping @Sendable () async throws -> Made) { self.make = make }

    func token(at now: Timestamp) async throws -> String {
        if let made, now < made.endsAt { return made.token }
        if let making { return try await making.value.token }
        let task = Task { try await make() }
        making = task
        defer { making = nil }
        let new = try await task.value
        made = new
        return new.token
    }

    /// The service does not take it any more.
    func forget(_ token: String) { if made?.token == token { made = nil } }
}

/// The claims of such tokens (RFC 7519, section 4.1).
struct SenderClaims: JWTPayload {
    let iss: String
    let iat: Int64
    var exp: Int64?
    var aud: String?
    var scope: String?

    /// Nobody reads them here.
    func verify(using algorithm: some JWTAlgorithm) {}
}
