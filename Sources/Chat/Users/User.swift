import Kernel

/// An account, as the database has it.
struct User: Sendable {
    let id: UserID
    let username: String
    let email: String
    let displayName: String?
    let bio: String?
    let emailVerified: Bool
    let isAdmin: Bool
    let hasTwoFactor: Bool
    let createdAt: Timestamp
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
        .field("avatar_url") { _ in String?.none },
        .field("bio", \.user.bio),
        .field("created_at", \.user.createdAt),
        .field("badges") { _ in [String]() })
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
        .field("avatar_url") { _ in String?.none },
        .field("created_at", \.user.createdAt),
        .field("email_verified", \.user.emailVerified),
        .field("totp_enabled", \.user.hasTwoFactor),
        .field("badges") { _ in [String]() },
        .field("bio", \.user.bio),
        .field("display_name", \.user.displayName),
        .field("deletion_status") { _ in "none" },
        .field("deletion_at") { _ in Timestamp?.none })
}
