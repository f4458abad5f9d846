import Kernel

/// A message as the program reads it that sent it through a webhook: ours, and beside its fields those that programs written for
/// Discord's webhooks read. Embeds stand in Discord's notation: colours are numbers, moments are texts, and what is not there is left out.
/// Who has reacted is not told: their libraries give up on a webhook's message that has reactions.
struct WebhookMessage: JSONEncodable {
    let message: Message

    private static let theirs: [JSONSchema.Property] = [
        .init("embeds", .array(of: .any), isRequired: true), .init("mentions", .array(of: .any), isRequired: true),
        .init("author", .any, isRequired: true), .init("guild_id", .nullable(.identifier), isRequired: true),
        .init("timestamp", .string(format: "date-time"), isRequired: true),
        .init("edited_timestamp", .nullable(.string(format: "date-time")), isRequired: true),
        .init("tts", .boolean, isRequired: true), .init("flags", .integer(), isRequired: true),
    ]

    /// Where both have a name, it is written as those programs read it.
    static var schema: JSONSchema {
        guard case .named(_, .object(let properties)) = Message.schema else { return .any }
        let replaced = Set(theirs.map(\.name)).union(["poll"])
        return .named("WebhookMessage", .object(properties.filter { !replaced.contains($0.name) } + theirs))
    }

    func encode(to json: inout JSONWriter) {
        var members = JSON(text: message.json)?.object ?? [:]
        members["poll"] = nil
        members["reactions"] = .array([])
        members["embeds"] = .array((members["embeds"]?.array ?? []).map(Self.embed))
        members["mentions"] = .array(
            (members["mentions"]?.array ?? []).map { user in
                .object((user.object ?? [:]).merging(Self.face) { known, _ in known })
            })
        members["author"] = .object(
            [
                "id": .string(message.author.description), "username": .string(message.authorUsername),
                "bot": .bool(true),
            ].merging(Self.face) { known, _ in known })
        members["guild_id"] = message.server.map { .string($0.description) } ?? .null
        members["timestamp"] = .string(message.createdAt.iso8601)
        members["edited_timestamp"] = message.editedAt.map { .string($0.iso8601) } ?? .null
        JSON.object(members.merging(Self.unknown) { known, _ in known }).encode(to: &json)
    }

    /// What Discord's messages have and ours don't.
    private static let unknown: [String: JSON] = ["tts": .bool(false), "flags": .integer(0)]

    /// What Discord's people have besides a name.
    private static let face: [String: JSON] = ["discriminator": .string("0"), "avatar": .null]

    private static func embed(_ embed: JSON) -> JSON {
        var members = (embed.object ?? [:]).filter { $0.value != .null }
        if let color = members["color"]?.string {
            members["color"] = EmbedColor.number(color).map { .integer(Int64($0)) }
        }
        if let seconds = members["timestamp"]?.integer {
            members["timestamp"] = .string(Timestamp(seconds: seconds).iso8601)
        }
        for part in ["author", "footer", "image", "thumbnail"] {
            if let object = members[part]?.object { members[part] = .object(object.filter { $0.value != .null }) }
        }
        members["type"] = .string("rich")
        return .object(members)
    }
}

extension JSONEncodable {
    fileprivate var json: String { String(decoding: jsonBytes, as: UTF8.self) }
}

/// A webhook as the program sees it that has its token: ours, and beside it what programs written for Discord read.
struct OwnWebhook: JSONObjectEncodable {
    let webhook: Webhook
    let token: String

    static let shape = JSONShape<OwnWebhook>(
        "OwnWebhook",
        .field("id", \.webhook.id),
        .field("type") { _ in 1 },
        .field("server_id", \.webhook.server),
        .field("guild_id", \.webhook.server),
        .field("channel_id", \.webhook.channel),
        .field("name", \.webhook.name),
        .field("avatar_url", \.webhook.avatarURL),
        .field("avatar") { _ in String?.none },
        .field("created_at", \.webhook.createdAt),
        .field("token", \.token))
}
