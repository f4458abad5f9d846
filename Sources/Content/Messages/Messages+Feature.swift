import Community
import Database
import Features
import Kernel

extension AuditAction {
    static let messageDelete = AuditAction("message.delete")
    static let messageBulkDelete = AuditAction("message.bulk_delete")
}

extension Setting {
    package static let messageLength = Setting(
        "limits.message_length", .integer(1...20_000), default: "4000", "Length of a message, in Unicode scalars.")
}

extension RateLimitBucket {
    package static let messageSend = RateLimitBucket(
        "message.send", Rate(5, per: .seconds(5), burst: 3), botMultiplier: 1.2)
    package static let messageEdit = RateLimitBucket(
        "message.edit", Rate(5, per: .seconds(5), burst: 3), botMultiplier: 1.2)
    package static let messageDelete = RateLimitBucket(
        "message.delete", Rate(5, per: .seconds(5), burst: 3), botMultiplier: 1.2)
    package static let messageList = RateLimitBucket(
        "message.list", Rate(10, per: .seconds(10), burst: 5), botMultiplier: 1.2)
}

extension Messages: Feature {
    package static let settings: [Setting] = [.messageLength]
    package static let rateLimitBuckets: [RateLimitBucket] = [.messageSend, .messageEdit, .messageDelete, .messageList]
    package static let permissions: [Permission] = [
        .messagesSend, .messagesRead, .messagesManage, .messagesMentionEveryone, .messagesBypassSlowmode,
    ]
    package static let auditActions: [AuditAction] = [.messageDelete, .messageBulkDelete]

    package static let migrations: [Migration] = [
        Migration(35, "stickers, voices and forwards of messages") { _ in
            ["stickers", "voice_waveform", "forward"].map { "ALTER TABLE messages ADD COLUMN \(sql: $0) TEXT" }
        }
    ]

    package static let tables: [Table] = [
        Table(
            "message_edits", [.id("message_id"), .number("version"), .text("content"), .time("replaced_at")],
            key: ["message_id", "version"], exports: [.file("messages/1.json")],
            erasure: [.byHand("what was taken back is not kept")],
            endings: [.deleted(with: .message, by: "message_id")]),
        Table(
            "message_nonces",
            [.id("channel_id"), .id("author_id"), .withheld("nonce"), .id("message_id"), .time("created_at")],
            key: ["channel_id", "author_id", "nonce"], exports: [.withheld("stands with the messages, for a day")],
            erasure: [.deleted(of: ["author_id"])],
            endings: [
                .kept(after: .message, "who sends it again makes no second one, also when the first is deleted"),
                .kept(after: .channel, "forgotten after a day"),
            ]),
        Table(
            "messages",
            [
                .id("id"), .id("channel_id"), .id("author_id"), .text("type"), .text("content"), .time("created_at"),
                .time("edited_at"), .id("reply_to_id"), .text("nonce"), .json("embeds"), .text("mentions"),
                .time("pinned_at"), .withheld("has_reactions"), .id("webhook_id"), .text("author_name"),
                .text("author_avatar"), .id("thread_id"), .id("poll_id"), .withheld("has_attachments"),
                .withheld("has_links"), .text("allowed_mentions"), .json("stickers"), .text("voice_waveform"),
                .json("forward"),
            ], exports: [.file("messages/1.json")],
            erasure: [
                .byHand("the nonces go, and the notes to oneself"),
                .kept("what was said to others stands there without a name"),
            ],
            endings: [.byHand(with: .channel)]),
        Table(
            "slowmode_marks", [.id("channel_id"), .id("user_id"), .time("sent_at")], key: ["channel_id", "user_id"],
            exports: [.rows("slow_mode.json", of: ["user_id"])], erasure: [.deleted(of: ["user_id"])],
            endings: [.deleted(with: .channel, by: "channel_id")]),
    ]

    package static func channelEmpties(
        _ channel: ChannelID, _ features: FeatureList, _ tx: Transaction
    ) throws -> Bool {
        try MessageStore.purge(channel, limit: 500, features, tx)
    }

    package static func takeBack(
        of user: UserID, in server: ServerID, since message: MessageID, _ features: FeatureList, _ tx: Transaction
    ) throws -> Bool {
        let messages = try MessageStore.messages(by: user, in: server, after: message, limit: 200, tx)
        for (channel, ids) in Dictionary(grouping: messages, by: \.channel).mapValues({ $0.map(\.id) }) {
            guard let channel = try ChannelStore.channel(channel, tx) else { continue }
            try remove(ids, from: channel, features, tx)
        }
        return !messages.isEmpty
    }

    package var upkeep: [BackgroundStep] { [BackgroundStep(repeated: "nonces", forgetNonces)] }

    package static var caps: [Cap] {
        [
            editCap,
            Cap(
                "embeds", per: .message, Embed.maximumCount, .refused(field: "embeds"), bucket: .messageSend,
                "of \(Embed.maximumLength) characters together"),
        ]
    }
}
