import Files
import Kernel

/// An account, as the database has it.
package struct User: Sendable, Equatable {
    package let id: UserID
    package var username: String
    package var email: String
    package var displayName: String?
    package var bio: String?
    /// Who sees it besides oneself.
    package var bioCircle = Circle.everyone
    package var emailVerified: Bool
    package var isAdmin: Bool
    package var hasTwoFactor: Bool
    package let createdAt: Timestamp
    package var isBot = false
    package var tier = Tier.standard
    package var badges: [Badge] = []
    package var avatar: BlobID?
    /// When they have shown to be old enough for an account.
    var ageVerifiedAt: Timestamp?
    /// Since when an administrator keeps the account from being used.
    package var lockedAt: Timestamp?
    /// When the account will be deleted, if its owner does not come back.
    package var deletionAt: Timestamp?
    /// Since when there is nothing left of it but its id.
    package var deletedAt: Timestamp?
}

extension User {
    /// Whether it can be used at the moment: neither locked nor deleted, nor waiting for its deletion.
    package var isInUse: Bool { lockedAt == nil && deletedAt == nil && deletionAt == nil }

    package var avatarURL: String? { PictureLinks.avatar(of: id, avatar) }

    /// Whether others see no difference.
    func looks(like other: User) -> Bool { PublicUser(self).jsonBytes == PublicUser(other).jsonBytes }
}

/// What anyone may see of a user.
package struct PublicUser: JSONObjectEncodable, Equatable {
    package let user: User
    let bio: String?

    package init(_ user: User) { (self.user, bio) = (user, user.bioCircle == .everyone ? user.bio : nil) }

    /// What is left to whom the user keeps away.
    package init(keptAwayFrom user: User) { (self.user, bio) = (user, nil) }

    /// - Parameter strangers: those whom the user keeps away, or who keep away who looks.
    package init(_ user: User, keptAwayBy strangers: Set<UserID>) {
        self = strangers.contains(user.id) ? PublicUser(keptAwayFrom: user) : PublicUser(user)
    }

    package static let shape = JSONShape<PublicUser>(
        "User",
        .field("id", \.user.id),
        .field("username", \.user.username),
        .field("display_name", \.user.displayName),
        .field("avatar_url") { $0.user.avatarURL },
        .field("bio", \.bio),
        .field("created_at", \.user.createdAt),
        .field("badges") { $0.user.badges.map(\.rawValue) },
        .field("bot", \.user.isBot))
}

/// What users see of themselves.
package struct SelfUser: JSONObjectEncodable {
    let user: User

    init(_ user: User) { self.user = user }

    package static let shape = JSONShape<SelfUser>(
        "SelfUser",
        .field("id", \.user.id),
        .field("username", \.user.username),
        .field("email", \.user.email),
        .field("avatar_url") { $0.user.avatarURL },
        .field("created_at", \.user.createdAt),
        .field("email_verified", \.user.emailVerified),
        .field("totp_enabled", \.user.hasTwoFactor),
        .field("age_verified") { $0.user.ageVerifiedAt != nil },
        .field("badges") { $0.user.badges.map(\.rawValue) },
        .field("bio", \.user.bio),
        .field("display_name", \.user.displayName),
        .field("admin", \.user.isAdmin),
        .field("deletion_status") { $0.user.deletionAt == nil ? "none" : "pending" },
        .field("deletion_at", \.user.deletionAt))
}

/// What is shown of a user beside a message.
package struct UserFace: Sendable {
    package let id: UserID
    package let username: String
    package let displayName: String?
    package let avatar: BlobID?

    package var avatarURL: String? { PictureLinks.avatar(of: id, avatar) }

    /// Byte by byte: strings that only look the same are equal in Swift.
    package func isSame(as other: UserFace) -> Bool {
        id == other.id && avatar == other.avatar && username.utf8.elementsEqual(other.username.utf8)
            && (displayName ?? "").utf8.elementsEqual((other.displayName ?? "").utf8)
            && (displayName == nil) == (other.displayName == nil)
    }
}
