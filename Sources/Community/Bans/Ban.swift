import Kernel

/// Somebody who is kept out of a server (contract: REST, Servers).
struct Ban: Sendable {
    let server: ServerID
    let user: UserID
    let username: String
    let bannedBy: UserID
    let reason: String?
    let createdAt: Timestamp
    /// Nil: for ever.
    let expiresAt: Timestamp?

    func holds(at now: Timestamp) -> Bool { expiresAt.map { $0 > now } ?? true }
}

extension Ban: JSONObjectEncodable {
    static let shape = JSONShape<Ban>(
        "Ban",
        .field("server_id", \.server),
        .field("user_id", \.user),
        .field("username", \.username),
        .field("banned_by", \.bannedBy),
        .field("reason", \.reason),
        .field("created_at", \.createdAt),
        .field("expires_at", \.expiresAt))
}

/// GUILD_BAN_REMOVE.
struct BanRemovedEvent: JSONObjectEncodable {
    let server: ServerID
    let user: UserID

    static let shape = JSONShape<BanRemovedEvent>(
        "BanRemovedEvent", .field("server_id", \.server), .field("user_id", \.user))
}
