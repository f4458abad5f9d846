import Community
import Database
import Events
import Features
import Kernel
import People

package enum MessageStore {
    /// A row of `messages`, to which the names are still missing.
    private struct Stored {
        let id: MessageID
        let author: UserID
        let type: MessageType
        let content: String?
        let createdAt: Timestamp
        let editedAt: Timestamp?
        let replyTo: MessageID?
        let nonce: String?
        /// Nil for a message that is nothing but a text.
        let extras: Extras?

        init(_ row: inout ShapedRow<Stored>) throws {
            id = row["id", \.id]
            author = row["author_id", \.author]
            type = MessageType(rawValue: row["type", \.type.rawValue]) ?? .default
            content = row["content", \.content]
            createdAt = row["created_at", \.createdAt]
            editedAt = row["edited_at"]
            replyTo = row["reply_to_id", \.replyTo]
            nonce = row["nonce", \.nonce]
            extras = try row.partIfAny(Extras.shape)
        }

        init(_ message: Message) {
            id = message.id
            author = message.author
            type = message.type
            content = message.content
            createdAt = message.createdAt
            editedAt = message.editedAt
            replyTo = message.replyTo
            nonce = message.nonce
            extras = message.details === MessageDetails.none ? nil : Extras(of: message)
        }
    }

    /// What few messages have.
    private final class Extras {
        static let shape = RowShape<Extras> { Extras(&$0) }

        let embeds: StoredEmbeds
        let mentions: Mentions
        let pinnedAt: Timestamp?
        let hasReactions: Bool
        let hasAttachments: Bool
        let hasLinks: Bool
        let webhook: WebhookID?
        let authorName: String?
        let authorAvatar: String?
        let thread: ChannelID?
        let poll: PollID?
        let stickers: String?
        let waveform: String?
        let forward: String?

        private init(_ row: inout ShapedRow<Extras>) {
            embeds = StoredEmbeds(text: row["embeds", \.embeds.text])
            mentions = Mentions(stored: row["mentions", \.mentions.stored])
            pinnedAt = row["pinned_at"]
            hasReactions = row["has_reactions"]
            hasAttachments = row["has_attachments", \.hasAttachments]
            hasLinks = row["has_links"]
            webhook = row["webhook_id", \.webhook]
            authorName = row["author_name", \.authorName]
            authorAvatar = row["author_avatar", \.authorAvatar]
            thread = row["thread_id"]
            poll = row["poll_id", \.poll]
            stickers = row["stickers", \.stickers]
            waveform = row["voice_waveform", \.waveform]
            forward = row["forward", \.forward]
        }

        /// Whether some of it is in other tables.
        var standElsewhere: Bool {
            hasReactions || hasAttachments || hasLinks || poll != nil || stickers != nil
        }

        /// Of a message that is new.
        init(of message: Message) {
            let details = message.details
            embeds = details.embeds
            mentions = details.mentions
            pinnedAt = nil
            hasReactions = false
            hasAttachments = !details.storedAttachments.isEmpty
            hasLinks = false
            webhook = details.webhook
            authorName = details.webhook.map { _ in message.authorUsername }
            authorAvatar = details.webhook.flatMap { _ in message.authorAvatarURL }
            thread = nil
            poll = details.poll?.id
            stickers = details.storedStickers.stored
            waveform = details.storedVoice?.waveform
            forward = details.forward?.stored
        }
    }

    private static let shape = RowShape<Stored> { try Stored(&$0) }
    private static let columns = shape.columns(of: "m")

    /// What the extras of a page refer to, looked up once for all.
    private struct Surroundings {
        let faces: [UserID: UserFace]
        let reactions: [MessageID: [ReactionCount]]
        let attachments: [MessageID: [Attachment]]
        let previews: [MessageID: [LinkPreview]]
        let polls: [PollID: Poll]
        let stickers: Set<StickerID>
    }

    /// The messages with their authors and what they answer. A page has few of either, so they are looked up once each
    /// instead of being joined to every row.
    /// - Parameter reader: whose own reactions and votes are marked; nil for nobody's.
    private static func complete(
        _ stored: [Stored], in channel: Channel, for reader: UserID?, _ tx: Transaction
    ) throws -> [Message] {
        guard !stored.isEmpty else { return [] }
        let answered = try originals(Set(stored.compactMap(\.replyTo)), in: channel.id, tx)
        let mentioned = stored.flatMap { $0.extras?.mentions.users ?? [] }
        func ids(having has: (Extras) -> Bool) -> [MessageID] {
            stored.filter { $0.extras.map(has) ?? false }.map(\.id)
        }
        let surroundings = Surroundings(
            faces: try UserStore.faces(
                of: Set(stored.map(\.author)).union(answered.values.map(\.author)).union(mentioned), tx),
            reactions: try ReactionStore.counts(of: ids { $0.hasReactions }, for: reader, tx),
            attachments: try AttachmentStore.attachments(of: ids { $0.hasAttachments }, tx),
            previews: try LinkPreviewStore.previews(of: ids { $0.hasLinks }, tx),
            polls: try PollStore.polls(stored.compactMap { $0.extras?.poll }, for: reader, tx),
            stickers: try availableStickers(of: stored, tx))
        return stored.map { message in
            let reply = message.replyTo.flatMap { answered[$0] }.map { original in
                MessagePreview(
                    id: original.id, author: original.author,
                    authorUsername: original.extras?.authorName ?? surroundings.faces[original.author]?.username ?? "",
                    content: original.content)
            }
            let author = surroundings.faces[message.author]
            return Message(
                id: message.id, channel: channel.id, server: channel.server, author: message.author,
                authorUsername: message.extras?.authorName ?? author?.username ?? "",
                authorDisplayName: author?.displayName,
                authorAvatarURL: message.extras?.authorAvatar ?? author?.avatarURL, type: message.type,
                content: message.content,
                createdAt: message.createdAt, editedAt: message.editedAt, replyTo: message.replyTo, reply: reply,
                nonce: message.nonce, details: details(of: message, surroundings))
        }
    }

    private static func details(of message: Stored, _ surroundings: Surroundings) -> MessageDetails {
        guard let extras = message.extras else { return .none }
        let attachments = surroundings.attachments[message.id] ?? []
        let previews = surroundings.previews[message.id] ?? []
        let stickers = [MessageSticker](stored: extras.stickers).marked(by: surroundings.stickers)
        let voice = extras.waveform.flatMap { waveform in
            attachments.first?.duration_ms.map { VoiceRecording(duration_ms: $0, waveform: waveform) }
        }
        var forward = extras.forward.flatMap(Forward.init(stored:))
        if forward != nil {
            let own = Set(LinkScanner.links(in: message.content ?? ""))
            forward?.snapshot.attachments = attachments
            forward?.snapshot.stickers = stickers
            forward?.snapshot.voice = voice
            forward?.snapshot.previews = previews.filter { !own.contains($0.address) }
        }
        let isForward = forward != nil
        let known = forward?.snapshot.previews.count ?? 0
        return MessageDetails(
            embeds: extras.embeds, attachments: isForward ? [] : attachments,
            previews: Array(previews.prefix(previews.count - known)), mentions: extras.mentions,
            mentioned: extras.mentions.users.compactMap { surroundings.faces[$0].map(MentionedUser.init(_:)) },
            isPinned: extras.pinnedAt != nil, reactions: surroundings.reactions[message.id] ?? [],
            webhook: extras.webhook,
            thread: extras.thread,
            poll: extras.poll.flatMap { surroundings.polls[$0] }, stickers: isForward ? [] : stickers,
            voice: isForward ? nil : voice, forward: forward, standsElsewhere: extras.standElsewhere)
    }

    private static func availableStickers(of stored: [Stored], _ tx: Transaction) throws -> Set<StickerID> {
        let shown = stored.compactMap { $0.extras?.stickers }.flatMap { [MessageSticker](stored: $0) }.map(\.id)
        return Set(try StickerStore.stickers(shown, tx).filter(\.isAvailable).map(\.id))
    }

    private static func originals(
        _ ids: Set<MessageID>, in channel: ChannelID, _ tx: Transaction
    ) throws -> [MessageID: Stored] {
        guard !ids.isEmpty else { return [:] }
        let found = try tx.all(
            "SELECT \(columns) FROM messages m WHERE m.channel_id = $1 AND m.id = ANY ($2)",
            [channel, SQLList(ids)], as: shape)
        return Dictionary(uniqueKeysWithValues: found.map { ($0.id, $0) })
    }

    private static let plainInsertion: StaticSQL =
        "INSERT INTO messages (channel_id, \(shape.stored)) VALUES ($1, \(shape.placeholders(from: 2)))"

    private static let insertion: StaticSQL = """
        INSERT INTO messages (channel_id, \(shape.stored), \(Extras.shape.stored))
        VALUES ($1, \(shape.placeholders(from: 2)), \(Extras.shape.placeholders(from: 2 + shape.storedCount)))
        """

    static func insert(_ message: Message, _ tx: Transaction) throws {
        let stored = Stored(message)
        let values: [any SQLBindable] = [message.channel] + shape.values(of: stored)
        guard let extras = stored.extras else { return try tx.execute(plainInsertion, values) }
        try tx.execute(insertion, values + Extras.shape.values(of: extras))
        try AttachmentStore.use(message.details.storedAttachments.map(\.id), in: message.id, tx)
        if let poll = message.details.poll { try PollStore.insert(poll, tx) }
    }

    static func message(
        _ id: MessageID, in channel: Channel, for reader: UserID? = nil, _ tx: Transaction
    ) throws -> Message? {
        let stored = try tx.all(
            "SELECT \(columns) FROM messages m WHERE m.id = $1 AND m.channel_id = $2", [id, channel.id], as: shape)
        return try complete(stored, in: channel, for: reader, tx).first
    }

    /// Those of `ids` that are in the channel, in their order.
    static func messages(
        _ ids: [MessageID], in channel: Channel, for reader: UserID?, _ tx: Transaction
    ) throws -> [Message] {
        guard !ids.isEmpty else { return [] }
        let stored = try tx.all(
            "SELECT \(columns) FROM messages m WHERE m.channel_id = $1 AND m.id = ANY ($2) ORDER BY m.id DESC",
            [channel.id, SQLList(ids)], as: shape)
        return try complete(stored, in: channel, for: reader, tx)
    }

    /// The channel of a message that is still there.
    package static func channel(of id: MessageID, _ tx: Transaction) throws -> ChannelID? {
        try tx.first("SELECT channel_id FROM messages WHERE id = $1", [id]) { $0.id(0) }
    }

    static func exists(_ id: MessageID, in channel: ChannelID, _ tx: Transaction) throws -> Bool {
        try tx.exists("SELECT 1 FROM messages WHERE id = $1 AND channel_id = $2", [id, channel])
    }

    /// Newest first. Uses `messages_unread`.
    package static func messages(
        in channel: Channel, _ page: MessagePage, limit: Int, for reader: UserID?, _ tx: Transaction
    ) throws -> [Message] {
        let stored: [Stored]
        switch page {
        case .newest: stored = try older(than: .max, in: channel.id, limit: limit, tx)
        case .before(let id): stored = try older(than: id.rawValue, in: channel.id, limit: limit, tx)
        case .after(let id): stored = try newer(than: id.rawValue, in: channel.id, limit: limit, tx).reversed()
        case .around(let id):
            let older = try older(than: id.rawValue, in: channel.id, limit: limit / 2, tx)
            let newer = try newer(than: id.rawValue - 1, in: channel.id, limit: limit - limit / 2, tx)
            stored = newer.reversed() + older
        }
        return try complete(stored, in: channel, for: reader, tx)
    }

    private static func older(
        than id: Int64, in channel: ChannelID, limit: Int, _ tx: Transaction
    ) throws -> [Stored] {
        try tx.all(
            """
            SELECT \(columns) FROM messages m WHERE m.channel_id = $1 AND m.id < $2 ORDER BY m.id DESC LIMIT $3
            """,
            [channel, id, limit], as: shape)
    }

    /// The oldest first.
    private static func newer(
        than id: Int64, in channel: ChannelID, limit: Int, _ tx: Transaction
    ) throws -> [Stored] {
        try tx.all(
            "SELECT \(columns) FROM messages m WHERE m.channel_id = $1 AND m.id > $2 ORDER BY m.id LIMIT $3",
            [channel, id, limit], as: shape)
    }

    /// Whom the message may speak to; the default is not stored.
    static func allowedMentions(of id: MessageID, _ tx: Transaction) throws -> AllowedMentions {
        AllowedMentions(
            stored: try tx.first("SELECT allowed_mentions FROM messages WHERE id = $1", [id]) { $0.textOrNil(0) } ?? nil
        )
    }

    /// Whether any of some messages is pinned.
    static func hasPinned(_ ids: [MessageID], in channel: ChannelID, _ tx: Transaction) throws -> Bool {
        try !Set(pinnedIDs(in: channel, tx)).isDisjoint(with: ids)
    }

    /// Uses `messages_pinned`.
    private static func pinnedIDs(in channel: ChannelID, _ tx: Transaction) throws -> [MessageID] {
        try tx.all("SELECT id FROM messages WHERE channel_id = $1 AND pinned_at IS NOT NULL", [channel]) { $0.id(0) }
    }

    /// The pinned messages, the last pinned first. Uses `messages_pinned`.
    static func pinned(in channel: Channel, for reader: UserID?, _ tx: Transaction) throws -> [Message] {
        let stored = try tx.all(
            """
            SELECT \(columns) FROM messages m WHERE m.channel_id = $1 AND m.pinned_at IS NOT NULL
            ORDER BY m.pinned_at DESC, m.id DESC
            """, [channel.id], as: shape)
        return try complete(stored, in: channel, for: reader, tx)
    }

    static func pinCount(in channel: ChannelID, _ tx: Transaction) throws -> Int {
        try tx.first(
            "SELECT COUNT(*) FROM messages WHERE channel_id = $1 AND pinned_at IS NOT NULL", [channel]
        ) { $0.int(0) } ?? 0
    }

    /// The earlier texts, the oldest first.
    static func history(of message: MessageID, _ tx: Transaction) throws -> [MessageVersion] {
        try tx.all(
            "SELECT content, replaced_at FROM message_edits WHERE message_id = $1 ORDER BY version", [message]
        ) { MessageVersion(content: $0.textOrNil(0), replacedAt: $0.timestamp(1)) }
    }

    /// What somebody has said, as far as others wait for words of it.
    struct Text: Sendable {
        let id: MessageID
        let channel: ChannelID
        let author: UserID
        let content: String
        let poll: PollID?
    }

    /// Those of some messages that people wrote, and that have a text or a poll.
    static func texts(of ids: [MessageID], _ tx: Transaction) throws -> [Text] {
        guard !ids.isEmpty else { return [] }
        return try tx.all(
            """
            SELECT id, channel_id, author_id, COALESCE(content, ''), poll_id FROM messages
            WHERE id = ANY ($1) AND webhook_id IS NULL AND (content IS NOT NULL OR poll_id IS NOT NULL)
            """, [SQLList(ids)]
        ) { Text(id: $0.id(0), channel: $0.id(1), author: $0.id(2), content: $0.text(3), poll: $0.idOrNil(4)) }
    }

    /// Those of `ids` that are in the channel.
    static func existing(_ ids: [MessageID], in channel: ChannelID, _ tx: Transaction) throws -> [MessageID] {
        return try tx.all(
            "SELECT id FROM messages WHERE channel_id = $1 AND id = ANY ($2) ORDER BY id", [channel, SQLList(ids)]
        ) { $0.id(0) }
    }

    /// Those of `ids` that can be read by somebody: they are there, and so is their channel.
    package static func present(_ ids: [Int64], _ tx: Transaction) throws -> [Int64] {
        try tx.all(
            """
            SELECT m.id FROM messages m JOIN channels c ON c.id = m.channel_id
            WHERE m.id = ANY ($1) AND c.deleted_at IS NULL
            """, [SQLList(ids)]
        ) { $0.integer(0) }
    }

    private static let written = RowShape<WrittenMessage> { row in
        WrittenMessage(
            id: row["id"], channel: row["channel_id"], type: MessageType(rawValue: row["type"]) ?? .default,
            content: row["content"], createdAt: row["created_at"], editedAt: row["edited_at"],
            replyTo: row["reply_to_id"], nonce: row["nonce"], embeds: StoredEmbeds(text: row["embeds"]),
            mentions: Mentions(stored: row["mentions"]), allowedMentions: row["allowed_mentions"],
            pinnedAt: row["pinned_at"], webhook: row["webhook_id"], authorName: row["author_name"],
            authorAvatar: row["author_avatar"], thread: row["thread_id"], poll: row["poll_id"],
            stickers: [MessageSticker](stored: row["stickers"]), waveform: row["voice_waveform"],
            forward: (row["forward"] as String?).flatMap(Forward.init(stored:)))
    }

    /// What somebody wrote anywhere, the oldest first. Uses `messages_by_author`.
    package static func written(
        by author: UserID, after id: MessageID, limit: Int, _ tx: Transaction
    ) throws -> [WrittenMessage] {
        let messages = try tx.all(
            """
            SELECT \(written.columns) FROM messages WHERE author_id = $1 AND id > $2 ORDER BY id LIMIT $3
            """, [author, id, limit], as: written)
        guard let last = messages.last else { return [] }
        let earlier = Dictionary(
            grouping: try tx.all(
                """
                SELECT message_id, content, replaced_at FROM message_edits WHERE message_id IN
                    (SELECT id FROM messages WHERE author_id = $1 AND id > $2 AND id <= $3)
                ORDER BY message_id, version
                """, [author, id, last.id]
            ) {
                ($0.id(0, MessageID.self), MessageVersion(content: $0.textOrNil(1), replacedAt: $0.timestamp(2)))
            }, by: \.0)
        return messages.map { message in
            var message = message
            message.earlier = (earlier[message.id] ?? []).map(\.1)
            return message
        }
    }

    /// Some of what somebody wrote in a server after a message. Uses `messages_by_author`.
    static func messages(
        by author: UserID, in server: ServerID, after id: MessageID, limit: Int, _ tx: Transaction
    ) throws -> [(id: MessageID, channel: ChannelID)] {
        try tx.all(
            """
            SELECT m.id, m.channel_id FROM messages m JOIN channels c ON c.id = m.channel_id
            WHERE m.author_id = $1 AND m.id > $2 AND c.server_id = $3 AND c.deleted_at IS NULL ORDER BY m.id LIMIT $4
            """,
            [author, id, server, limit]
        ) { ($0.id(0), $0.id(1)) }
    }

    // MARK: Nonces

    /// What was sent with a nonce last, be it deleted or not.
    static func sent(
        withNonce nonce: String, by author: UserID, in channel: ChannelID
    ) -> Query<(message: MessageID, at: Timestamp)?> {
        .first(
            """
            SELECT message_id, created_at FROM message_nonces WHERE channel_id = $1 AND author_id = $2 AND nonce = $3
            """,
            [channel, author, nonce]
        ) { ($0.id(0), $0.timestamp(1)) }
    }

    static func remember(nonce: String, of message: Message, _ tx: Transaction) throws {
        try tx.execute(
            """
            INSERT INTO message_nonces (channel_id, author_id, nonce, message_id, created_at) VALUES ($1, $2, $3, $4, $5)
            ON CONFLICT (channel_id, author_id, nonce)
                DO UPDATE SET message_id = excluded.message_id, created_at = excluded.created_at
            """,
            [message.channel, message.author, nonce, message.id, message.createdAt],
            changingOnly: Questions(sent(withNonce: nonce, by: message.author, in: message.channel)))
    }

    /// Removes at most `limit` nonces that are older than `moment`. Uses `message_nonces_by_age`.
    static func forgetNonces(before moment: Timestamp, limit: Int, _ tx: Transaction) throws -> Bool {
        let old = try tx.all(
            """
            SELECT channel_id, author_id, nonce FROM message_nonces WHERE created_at < $1 ORDER BY created_at LIMIT $2
            """,
            [moment, limit]
        ) { ($0.id(0, ChannelID.self), $0.id(1, UserID.self), $0.text(2)) }
        for (channel, author, nonce) in old {
            try tx.execute(
                "DELETE FROM message_nonces WHERE channel_id = $1 AND author_id = $2 AND nonce = $3",
                [channel, author, nonce])
        }
        return old.count == limit
    }

    /// How many messages a channel has; counting ends at `limit`.
    static func count(in channel: ChannelID, limit: Int, _ tx: Transaction) throws -> Int {
        try tx.first(
            "SELECT COUNT(*) FROM (SELECT 1 FROM messages WHERE channel_id = $1 LIMIT $2) AS counted",
            [channel, limit]
        ) { $0.int(0) } ?? 0
    }

    /// Who wrote them, in the order of their ids.
    static func authors(of messages: [MessageID], _ tx: Transaction) throws -> [UserID] {
        try tx.all(
            "SELECT DISTINCT author_id FROM messages WHERE id = ANY ($1) ORDER BY author_id", [SQLList(messages)]
        ) { $0.id(0) }
    }

    /// Whether anybody else has written something in a channel. Uses the key of messages by channel.
    static func hasOthers(than author: UserID, in channel: ChannelID, _ tx: Transaction) throws -> Bool {
        try tx.exists(
            "SELECT 1 FROM messages WHERE channel_id = $1 AND author_id <> $2 LIMIT 1", [channel, author])
    }

    // MARK: Slow mode

    static func lastSlowSend(of user: UserID, in channel: ChannelID, _ tx: Transaction) throws -> Timestamp? {
        try tx.first(
            "SELECT sent_at FROM slowmode_marks WHERE channel_id = $1 AND user_id = $2", [channel, user]
        ) { $0.timestamp(0) }
    }

    static func markSlowSend(of user: UserID, in channel: ChannelID, _ tx: Transaction) throws {
        try tx.execute(
            """
            INSERT INTO slowmode_marks (channel_id, user_id, sent_at) VALUES ($1, $2, $3)
            ON CONFLICT (channel_id, user_id) DO UPDATE SET sent_at = excluded.sent_at
            """,
            [channel, user, tx.now])
    }
}
