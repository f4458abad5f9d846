/// Who makes a request.
public struct Caller: Sendable, Hashable {
    public let user: UserID
    /// The login that the token belongs to.
    public let login: SessionID
    public let isBot: Bool
    /// Whether they administrate the instance.
    public let isAdmin: Bool
    public let tier: Tier
    /// SHA-256 of the token that was sent.
    public let tokenHash: [UInt8]
    /// Why they do it, for the audit log: the request's `X-Audit-Log-Reason`.
    public var reason: String?

    public init(
        user: UserID, login: SessionID, tokenHash: [UInt8], isBot: Bool = false, isAdmin: Bool = false,
        tier: Tier = .standard
    ) {
        self.user = user
        self.login = login
        self.tokenHash = tokenHash
        self.isBot = isBot
        self.isAdmin = isAdmin
        self.tier = tier
    }
}

/// What an `Authorization` header says.
public enum Credentials: Sendable, Equatable {
    case bearer(String)
    case bot(String)

    /// Nil when the header has no scheme that the server knows.
    public init?(header: String) {
        let parts = header.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: true)
        guard parts.count == 2 else { return nil }
        let token = parts[1].trimmingPrefix { $0 == " " }
        switch parts[0].lowercased() {
        case "bearer": self = .bearer(String(token))
        case "bot": self = .bot(String(token))
        default: return nil
        }
    }
}

/// Turns credentials into a caller.
public protocol Authenticator: Sendable {
    /// - Throws: `Invalid token`, `Token expired`.
    func authenticate(_ credentials: Credentials) async throws -> Caller
}
