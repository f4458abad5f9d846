import Files
import Kernel

/// A way into a server (contract: REST, Channels, invites).
struct Invite: Sendable {
    let code: String
    let server: ServerID
    let channel: ChannelID
    let inviter: UserID
    let uses: Int
    /// 0: any number.
    let maxUses: Int
    /// 0: for ever.
    let maxAge_s: Int
    /// Whether those who join by it leave again when they go offline, unless they were given a role.
    let temporary: Bool
    let createdAt: Timestamp
    let expiresAt: Timestamp?

    func isUsable(at now: Timestamp) -> Bool {
        (maxUses == 0 || uses < maxUses) && expiresAt.map { $0 > now } ?? true
    }
}

extension Invite: JSONObjectEncodable {
    static let shape = JSONShape<Invite>(
        "Invite",
        .field("code", \.code),
        .field("server_id", \.server),
        .field("channel_id", \.channel),
        .field("inviter_id", \.inviter),
        .field("uses", \.uses),
        .field("max_uses", \.maxUses),
        .field("max_age", \.maxAge_s),
        .field("temporary", \.temporary),
        .field("created_at", \.createdAt),
        .field("expires_at", \.expiresAt))
}

/// An invite as it is shown to someone who is not in the server yet.
struct InvitePreview: JSONObjectEncodable {
    let invite: Invite
    let server: Server

    static let shape = JSONShape<InvitePreview>(
        "InvitePreview",
        .field("code", \.invite.code),
        .field("server_id", \.invite.server),
        .field("channel_id", \.invite.channel),
        .field("inviter_id", \.invite.inviter),
        .field("uses", \.invite.uses),
        .field("max_uses", \.invite.maxUses),
        .field("max_age", \.invite.maxAge_s),
        .field("temporary", \.invite.temporary),
        .field("created_at", \.invite.createdAt),
        .field("expires_at", \.invite.expiresAt),
        .field("server_name", \.server.name),
        .field("member_count", \.server.memberCount),
        .field("icon_url") { PictureLinks.icon(of: $0.server.id, $0.server.icon) })
}

package struct JoinedServer: JSONObjectEncodable {
    let server: ServerID

    package static let shape = JSONShape<JoinedServer>(
        "JoinedServer", .field("success") { _ in true }, .field("server_id", \.server))
}

/// INVITE_DELETE.
struct InviteDeletedEvent: JSONObjectEncodable {
    let invite: Invite

    static let shape = JSONShape<InviteDeletedEvent>(
        "InviteDeletedEvent",
        .field("code", \.invite.code),
        .field("server_id", \.invite.server),
        .field("channel_id", \.invite.channel))
}
