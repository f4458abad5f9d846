import Community
import Kernel
import People

/// An account as administrators see it.
struct AdminUser: JSONObjectEncodable {
    let user: User

    static let shape = JSONShape<AdminUser>(
        "AdminUser",
        .field("id", \.user.id),
        .field("username", \.user.username),
        .field("email", \.user.email),
        .field("display_name", \.user.displayName),
        .field("created_at", \.user.createdAt),
        .field("email_verified", \.user.emailVerified),
        .field("totp_enabled", \.user.hasTwoFactor),
        .field("admin", \.user.isAdmin),
        .field("bot", \.user.isBot),
        .field("tier", \.user.tier.rawValue),
        .field("badges") { $0.user.badges.map(\.rawValue) },
        .field("locked_at", \.user.lockedAt),
        .field("deletion_at", \.user.deletionAt),
        .field("deleted_at", \.user.deletedAt))
}

/// A server as administrators see it.
struct AdminServer: JSONObjectEncodable {
    let server: Server

    static let shape = JSONShape<AdminServer>(
        "AdminServer",
        .field("id", \.server.id),
        .field("name", \.server.name),
        .field("owner_id", \.server.owner),
        .field("member_count", \.server.memberCount),
        .field("created_at", \.server.createdAt))
}
