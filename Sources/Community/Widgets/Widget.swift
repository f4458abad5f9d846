import Files
import Kernel

/// What a server shows on other people's pages (contract: REST, Widget).
struct Widget: Sendable, Equatable {
    var isEnabled = false
    /// To which an invite is shown, if there is one for everybody.
    var channel: ChannelID?
}

extension Widget: JSONObjectEncodable {
    static let shape = JSONShape<Widget>(
        "WidgetSettings", .field("enabled", \.isEnabled), .field("channel_id", \.channel))
}

/// `widget.json`: numbers, and no names but the server's.
struct WidgetReport: JSONObjectEncodable {
    let server: Server
    let presenceCount: Int
    let invite: String?

    static let shape = JSONShape<WidgetReport>(
        "Widget",
        .field("id", \.server.id),
        .field("name", \.server.name),
        .field("icon_url") { PictureLinks.icon(of: $0.server.id, $0.server.icon) },
        .field("member_count", \.server.memberCount),
        .field("presence_count", \.presenceCount),
        .field("instant_invite", \.invite))
}
