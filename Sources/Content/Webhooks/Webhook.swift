import Kernel

/// A way for programs to write into one channel (contract: REST, Webhooks).
struct Webhook: Sendable {
    let id: WebhookID
    let server: ServerID
    var channel: ChannelID
    var name: String
    var avatarURL: String?
    let creator: UserID
    let createdAt: Timestamp
}

extension Webhook: JSONObjectEncodable {
    static let shape = JSONShape<Webhook>(
        "Webhook",
        .field("id", \.id),
        .field("server_id", \.server),
        .field("channel_id", \.channel),
        .field("name", \.name),
        .field("avatar_url", \.avatarURL),
        .field("creator_id", \.creator),
        .field("created_at", \.createdAt))
}

/// A webhook with its key, which is shown this once.
struct WebhookWithToken: JSONObjectEncodable {
    let webhook: Webhook
    let token: String
    let url: String

    static let shape = JSONShape<WebhookWithToken>(
        "WebhookWithToken",
        .field("id", \.webhook.id),
        .field("server_id", \.webhook.server),
        .field("channel_id", \.webhook.channel),
        .field("name", \.webhook.name),
        .field("avatar_url", \.webhook.avatarURL),
        .field("creator_id", \.webhook.creator),
        .field("created_at", \.webhook.createdAt),
        .field("token", \.token),
        .field("url", \.url))
}

/// WEBHOOKS_UPDATE: a channel's webhooks have changed.
struct WebhooksEvent: JSONObjectEncodable {
    let server: ServerID
    let channel: ChannelID

    static let shape = JSONShape<WebhooksEvent>(
        "WebhooksEvent", .field("server_id", \.server), .field("channel_id", \.channel))
}
