import Files
import Kernel

/// A community with its channels and members (contract: REST, Servers).
package struct Server: Sendable {
    package let id: ServerID
    package var name: String
    var description: String?
    package var owner: UserID
    package var memberCount: Int
    var defaultChannel: ChannelID?
    var icon: BlobID?
    /// The voice channel to which those are brought who are away.
    var afkChannel: ChannelID?
    /// After so long without a word, one of `AFKRoom.timeouts_s`.
    var afkTimeout_s = AFKRoom.standardTimeout_s
    package let createdAt: Timestamp
}

extension Server {
    package var iconURL: String? { PictureLinks.icon(of: id, icon) }
}

extension Server: JSONObjectEncodable {
    package static let shape = JSONShape<Server>(
        "Server",
        .field("id", \.id),
        .field("name", \.name),
        .field("description", \.description),
        .field("icon_url") { PictureLinks.icon(of: $0.id, $0.icon) },
        .field("owner_id", \.owner),
        .field("member_count", \.memberCount),
        .field("default_channel_id", \.defaultChannel),
        .field("afk_channel_id", \.afkChannel),
        .field("afk_timeout", \.afkTimeout_s),
        .field("created_at", \.createdAt))
}

/// What a member's client knows of a server from the start: in READY, and as GUILD_CREATE.
package struct ServerOverview: JSONObjectEncodable {
    let server: Server
    let channels: [EncodedOnce<Channel>]
    let roles: [EncodedOnce<Role>]
    let member: Member
    let emojis: [Emoji]
    let stickers: [Sticker]
    let onboarding: OnboardingProgress
    /// Those that are not over and that the member sees.
    let events: [ScheduledEvent]
    /// Who is in the voice channels that the member sees.
    let voices: [VoiceState]

    package static let shape = JSONShape<ServerOverview>(
        "ServerOverview",
        .field("server", \.server),
        .field("channels", \.channels),
        .field("roles", \.roles),
        .field("member", \.member),
        .field("emojis", \.emojis),
        .field("stickers", \.stickers),
        .field("onboarding", \.onboarding),
        .field("scheduled_events", \.events),
        .field("voice_states", \.voices),
        .field("member_count", \.server.memberCount))
}

/// GUILD_DELETE: the server is gone, or at least for the one who is told.
struct ServerDeletedEvent: JSONObjectEncodable {
    let id: ServerID

    static let shape = JSONShape<ServerDeletedEvent>("ServerDeletedEvent", .field("id", \.id))
}

/// How a member stands in a server: what the permission rules want to know.
package struct Standing: Sendable {
    package let server: Server
    package let holder: PermissionHolder

    package init(server: Server, holder: PermissionHolder) {
        self.server = server
        self.holder = holder
    }

    package var permissions: EffectivePermissions { .inServer(holder) }
}
