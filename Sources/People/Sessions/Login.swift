import Kernel

/// A login that is about to be stored, with the token that only the client will know.
struct NewLogin: Sendable {
    let id: SessionID
    let user: UserID
    let token: String
    let tokenHash: [UInt8]
    let address: String
    let userAgent: String?
}

/// A stored login.
struct Login: Sendable {
    let id: SessionID
    let user: UserID
    let address: String
    let userAgent: String?
    let createdAt: Timestamp
    let lastActivity: Timestamp
    let expiresAt: Timestamp
    /// When its user last proved who they are: at the login, or again since.
    let confirmedAt: Timestamp
}

/// A login as its owner sees it in the list.
struct ListedLogin: JSONObjectEncodable {
    let login: Login
    let isCurrent: Bool

    static let shape = JSONShape<ListedLogin>(
        "Session",
        .field("id", \.login.id),
        .field("ip_address", \.login.address),
        .field("user_agent", \.login.userAgent),
        .field("created_at", \.login.createdAt),
        .field("last_activity", \.login.lastActivity),
        .field("expires_at", \.login.expiresAt),
        .field("current", \.isCurrent))
}

struct RefreshedLogin: JSONObjectEncodable {
    let token: String
    let expiresAt: Timestamp

    static let shape = JSONShape<RefreshedLogin>(
        "RefreshedSession", .field("token", \.token), .field("expires_at", \.expiresAt))
}

struct RevokedLogins: JSONObjectEncodable {
    let count: Int

    static let shape = JSONShape<RevokedLogins>(
        "RevokedSessions", .field("success") { _ in true }, .field("revoked_count", \.count))
}

/// SECURITY_LOGOUT: logins of the user were ended, by whom the reason tells.
package struct SecurityLogout: JSONObjectEncodable {
    package enum Reason: String, Sendable {
        case revoked
        case passwordChanged = "password_changed"
        case passwordReset = "password_reset"
        case identityLinked = "identity_linked"
        case deleted
        case locked
    }

    let logins: [SessionID]
    let reason: Reason

    package static let shape = JSONShape<SecurityLogout>(
        "SecurityLogout", .field("session_ids", \.logins), .field("reason", \.reason.rawValue))
}
