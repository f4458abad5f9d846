import Kernel

/// A message as it was when somebody handed it on (contract: REST, Forwarding). Nothing in it tells who wrote it: whoever may see
/// the original fetches that.
struct Forward: Sendable {
    /// Where it was first said.
    struct Origin: Sendable, JSONObjectEncodable {
        let server: ServerID?
        let channel: ChannelID
        let message: MessageID

        static let shape = JSONShape<Origin>(
            "ForwardOrigin", .field("server_id", \.server), .field("channel_id", \.channel),
            .field("message_id", \.message))
    }

    struct Snapshot: Sendable, JSONObjectEncodable {
        let type: MessageType
        let content: String?
        /// What the author embedded.
        let embeds: StoredEmbeds
        let createdAt: Timestamp
        let editedAt: Timestamp?
        /// Stored as those of the message that hands it on, as all that follows.
        var attachments: [Attachment] = []
        var stickers: [MessageSticker] = []
        var voice: VoiceRecording?
        var previews: [LinkPreview] = []

        static let shape = JSONShape<Snapshot>(
            "ForwardSnapshot",
            .field("type", \.type.rawValue),
            .field("content", \.content),
            .field("embeds") { $0.embeds.followed(by: $0.previews.map(\.embed)) },
            .field("attachments", \.attachments),
            .field("stickers", \.stickers),
            .field("voice", \.voice),
            .field("created_at", \.createdAt),
            .field("edited_at", \.editedAt))
    }

    let origin: Origin
    var snapshot: Snapshot
}

extension Forward: JSONObjectEncodable {
    static let shape = JSONShape<Forward>("Forward", .field("origin", \.origin), .field("snapshot", \.snapshot))
}

extension Forward {
    /// As it is stored with the message that hands it on.
    var stored: String {
        let snapshot: [String: JSON] = [
            "server_id": origin.server.map { .string($0.description) } ?? .null,
            "channel_id": .string(origin.channel.description),
            "message_id": .string(origin.message.description),
            "type": .string(self.snapshot.type.rawValue),
            "content": self.snapshot.content.map(JSON.string) ?? .null,
            "embeds": self.snapshot.embeds.text.flatMap { JSON(text: $0) } ?? .null,
            "created_at": .integer(self.snapshot.createdAt.milliseconds),
            "edited_at": self.snapshot.editedAt.map { .integer($0.milliseconds) } ?? .null,
        ]
        return JSON.object(snapshot).text
    }

    /// - Returns: nil for what is no forward.
    init?(stored text: String) {
        guard let json = JSON(text: text),
            let channel = json["channel_id"]?.string.flatMap({ try? ChannelID(parsing: $0) }),
            let message = json["message_id"]?.string.flatMap({ try? MessageID(parsing: $0) })
        else { return nil }
        origin = Origin(
            server: json["server_id"]?.string.flatMap { try? ServerID(parsing: $0) }, channel: channel, message: message
        )
        snapshot = Snapshot(
            type: json["type"]?.string.flatMap(MessageType.init) ?? .default, content: json["content"]?.string,
            embeds: StoredEmbeds(text: json["embeds"]?.array.map { JSON.array($0).text }),
            createdAt: Timestamp(milliseconds: json["created_at"]?.integer ?? 0),
            editedAt: json["edited_at"]?.integer.map(Timestamp.init(milliseconds:)))
    }
}
