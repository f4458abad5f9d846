import Database
import Kernel

enum MessageStore {
    private static let query: StaticSQL = """
        SELECT m.id, m.channel_id, c.server_id, m.author_id, u.username, u.display_name, m.type, m.content, m.created_at,
            m.edited_at, m.reply_to_id, r.author_id, ru.username, r.content, m.nonce
        FROM messages m JOIN channels c ON c.id = m.channel_id JOIN users u ON u.id = m.author_id
            LEFT JOIN messages r ON r.id = m.reply_to_id AND r.channel_id = m.channel_id
            LEFT JOIN users ru ON ru.id = r.author_id
        """

    private static func message(_ row: SQLRow) -> Message {
        let replyTo: MessageID? = row.idOrNil(10)
        let reply = replyTo.flatMap { id in
            row.isNull(11)
                ? nil
                : MessagePreview(
                    id: id, author: row.id(11), authorUsername: row.text(12), content: row.textOrNil(13))
        }
        return Message(
            id: row.id(0), channel: row.id(1), server: row.idOrNil(2), author: row.id(3), authorUsername: row.text(4),
            authorDisplayName: row.textOrNil(5), type: MessageType(rawValue: row.text(6)) ?? .default,
            content: row.textOrNil(7), createdAt: row.timestamp(8), editedAt: row.timestampOrNil(9),
            replyTo: replyTo, reply: reply, nonce: row.textOrNil(14))
    }

    static func insert(_ message: Message, _ tx: Transaction) throws {
        try tx.execute(
            """
            INSERT INTO messages (id, channel_id, author_id, type, content, created_at, reply_to_id, nonce)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
            """,
            [
                message.id, message.channel, message.author, message.type.rawValue, message.content,
                message.createdAt, message.replyTo, message.nonce,
            ])
    }

    static func message(_ id: MessageID, in channel: ChannelID, _ tx: Transaction) throws -> Message? {
        try tx.first("\(query) WHERE m.id = $1 AND m.channel_id = $2", [id, channel], message)
    }

    /// Newest first. Uses `messages_by_channel`.
    static func messages(
        in channel: ChannelID, _ page: MessagePage, limit: Int, _ tx: Transaction
    ) throws -> [Message] {
        switch page {
        case .newest: return try older(than: .max, in: channel, limit: limit, tx)
        case .before(let id): return try older(than: id.rawValue, in: channel, limit: limit, tx)
        case .after(let id): return try newer(than: id.rawValue, in: channel, limit: limit, tx).reversed()
        case .around(let id):
            let older = try older(than: id.rawValue, in: channel, limit: limit / 2, tx)
            let newer = try newer(than: id.rawValue - 1, in: channel, limit: limit - limit / 2, tx)
            return newer.reversed() + older
        }
    }

    private static func older(
        than id: Int64, in channel: ChannelID, limit: Int, _ tx: Transaction
    ) throws -> [Message] {
        try tx.all(
            "\(query) WHERE m.channel_id = $1 AND m.id < $2 ORDER BY m.id DESC LIMIT $3", [channel, id, limit], message)
    }

    /// The oldest first.
    private static func newer(
        than id: Int64, in channel: ChannelID, limit: Int, _ tx: Transaction
    ) throws -> [Message] {
        try tx.all(
            "\(query) WHERE m.channel_id = $1 AND m.id > $2 ORDER BY m.id LIMIT $3", [channel, id, limit], message)
    }

    static func edit(_ message: Message, content: String, _ tx: Transaction) throws {
        try tx.execute(
            """
            INSERT INTO message_edits (message_id, version, content, replaced_at)
            SELECT $1, COALESCE(MAX(version), 0) + 1, $2, $3 FROM message_edits WHERE message_id = $1
            """,
            [message.id, SQLValue.text(message.content ?? ""), tx.now])
        try tx.execute(
            "UPDATE messages SET content = $2, edited_at = $3 WHERE id = $1", [message.id, content, tx.now])
    }

    /// The earlier texts, the oldest first.
    static func history(of message: MessageID, _ tx: Transaction) throws -> [MessageVersion] {
        try tx.all(
            "SELECT content, replaced_at FROM message_edits WHERE message_id = $1 ORDER BY version", [message]
        ) { MessageVersion(content: $0.textOrNil(0), replacedAt: $0.timestamp(1)) }
    }

    /// Those of `ids` that are in the channel.
    static func existing(_ ids: [MessageID], in channel: ChannelID, _ tx: Transaction) throws -> [MessageID] {
        let list = StaticSQL.placeholders(from: 2, count: ids.count)
        return try tx.all(
            "SELECT id FROM messages WHERE channel_id = $1 AND id IN (\(sql: list)) ORDER BY id", [channel] + ids
        ) { $0.id(0) }
    }

    static func delete(_ ids: [MessageID], from channel: ChannelID, _ tx: Transaction) throws {
        let list = StaticSQL.placeholders(count: ids.count)
        try tx.execute("DELETE FROM message_edits WHERE message_id IN (\(sql: list))", ids)
        try tx.execute("DELETE FROM messages WHERE id IN (\(sql: list))", ids)
        let newest = try tx.first(
            "SELECT id FROM messages WHERE channel_id = $1 ORDER BY id DESC LIMIT 1", [channel]
        ) { $0.id(0, MessageID.self) }
        try tx.execute("UPDATE channels SET last_message_id = $2 WHERE id = $1", [channel, newest])
    }

    /// Removes at most `limit` messages of a channel that is gone.
    /// - Returns: whether there was any.
    static func purge(_ channel: ChannelID, limit: Int, _ tx: Transaction) throws -> Bool {
        let ids = try tx.all(
            "SELECT id FROM messages WHERE channel_id = $1 ORDER BY id LIMIT $2", [channel, limit]
        ) { $0.id(0, MessageID.self) }
        if !ids.isEmpty { try delete(ids, from: channel, tx) }
        return !ids.isEmpty
    }

    // MARK: Nonces

    /// The message that was sent with a nonce and is not forgotten yet, be it deleted or not.
    static func message(
        withNonce nonce: String, by author: UserID, in channel: ChannelID, since: Timestamp, _ tx: Transaction
    ) throws -> MessageID? {
        try tx.first(
            """
            SELECT message_id FROM message_nonces
            WHERE channel_id = $1 AND author_id = $2 AND nonce = $3 AND created_at > $4
            """,
            [channel, author, nonce, since]
        ) { $0.id(0) }
    }

    static func remember(nonce: String, of message: Message, _ tx: Transaction) throws {
        try tx.execute(
            """
            INSERT INTO message_nonces (channel_id, author_id, nonce, message_id, created_at) VALUES ($1, $2, $3, $4, $5)
            ON CONFLICT (channel_id, author_id, nonce)
                DO UPDATE SET message_id = excluded.message_id, created_at = excluded.created_at
            """,
            [message.channel, message.author, nonce, message.id, message.createdAt])
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
