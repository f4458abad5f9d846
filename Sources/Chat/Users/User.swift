import Kernel

/// An account, as the database has it.
struct User: Sendable {
    let id: UserID
    var username: String
    var email: String
    var displayName: String?
    var bio: String?
    var emailVerified: Bool
    var isAdmin: Bool
    var hasTwoFactor: Bool
    let createdAt: Timestamp
    var isBot = false
    var tier = Tier.standard
    var badges: [Badge] = []
    var avatar: BlobID?
    /// Since when an administrator keeps the account from being used.
    var lockedAt: Timestamp?
    /// When the account will be deleted, if its owner does not come back.
    var deletionAt: Timestamp?
    /// Since when there is nothing left of it but its id.
    var deletedAt: Timestamp?
}

extension User {
    /// Whether it can be used at the moment: neither locked nor deleted, nor waiting for its deletion.
    var isInUse: Bool { lockedAt == nil && deletedAt == nil && deletionAt == nil }

    var avatarURL: String? { PictureLinks.avatar(of: id, avatar) }
}

/// What anyone may see of a user.
struct PublicUser: JSONObjectEncodable {
    let user: User

    init(_ user: User) { self.user = user }

    static let shape = JSONShape<PublicUser>(
        "User",
        .field("id", \.user.id),
        .field("username", \.user.username),
        .field("display_name", \.user.displayName),
        .field("avatar_url") { $0.user.avatarURL },
        .field("bio", \.user.bio),
        .field("created_at", \.user.createdAt),
        .field("badges") { $0.user.badges.map(\.rawValue) },
        .field("bot", \.user.isBot))
}

/// What users see of themselves.
struct SelfUser: JSONObjectEncodable {
    let user: User

    init(_ user: User) { self.user = user }

    static let shape = JSONShape<SelfUser>(
        "SelfUser",
        .field("id", \.user.id),
        .field("username", \.user.username),
        .field("email", \.user.email),
        .field("avatar_url") { $0.user.avatarURL },
        .field("created_at", \.user.createdAt),
        .field("email_verified", \.user.emailVerified),
        .field("totp_enabled", \.user.hasTwoFactor),
        .field("badges") { $0.user.badges.map(\.rawValue) },
        .field("bio", \.user.bio),
        .field("display_name", \.user.displayName),
        .field("admin", \.user.isAdmin),
        .field("deletion_status") { $0.user.deletionAt == nil ? "none" : "pending" },
        .field("deletion_at", \.user.deletionAt))
}

/// What is shown of a user beside a message.
struct UserFace: Sendable {
    let id: UserID
    let username: String
    let displayName: String?
    let avatar: BlobID?

    var avatarURL: String? { PictureLinks.avatar(of: id, avatar) }
}
