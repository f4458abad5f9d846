import Files
import Kernel

/// A user in a server (contract: REST, Servers).
package struct Member: Sendable, Equatable {
    package let user: UserID
    let username: String
    var displayName: String?
    var avatar: BlobID?
    var nickname: String?
    var roles: [RoleID]
    package let joinedAt: Timestamp
    var timeoutUntil: Timestamp?
    /// Still has to agree to the rules or to answer what new members are asked, and may only look on.
    var isPending = false
    /// Nil where it is not said, as in events.
    var presence: Presence.Status?
}

extension Member: JSONObjectEncodable {
    package static let shape = JSONShape<Member>(
        "Member",
        .field("user_id", \.user),
        .field("username", \.username),
        .field("display_name", \.displayName),
        .field("avatar_url") { PictureLinks.avatar(of: $0.user, $0.avatar) },
        .field("nickname", \.nickname),
        .field("roles", \.roles),
        .field("joined_at", \.joinedAt),
        .field("timeout_until", \.timeoutUntil),
        .field("pending", \.isPending),
        .field("presence", \.presence?.rawValue))
}

/// GUILD_MEMBER_ADD and GUILD_MEMBER_UPDATE.
struct MemberEvent: JSONObjectEncodable {
    let server: ServerID
    let member: Member

    static let shape = JSONShape<MemberEvent>(
        "MemberEvent", .field("server_id", \.server), .field("member", \.member))
}

/// GUILD_MEMBER_REMOVE.
struct MemberRemovedEvent: JSONObjectEncodable {
    let server: ServerID
    let user: UserID

    static let shape = JSONShape<MemberRemovedEvent>(
        "MemberRemovedEvent", .field("server_id", \.server), .field("user_id", \.user))
}
