import Community
import Database
import Events
import Features
import Kernel

/// What changes messages that are there.
extension MessageStore {
    /// Changes what is read of a message. Everything that does so goes through here, or pages that are kept of its channel would be
    /// answered with what was there before.
    /// - Parameter isNews: for what may be so already. A channel's row is written by all who send to it, so it is left alone then.
    private static func change(
        _ id: MessageID, _ assignments: StaticSQL, where isNews: StaticSQL = "1 = 1", _ values: [any SQLBindable],
        _ tx: Transaction
    ) throws {
        let channel: ChannelID? = try tx.first(
            "UPDATE messages SET \(assignments) WHERE id = $1 AND \(isNews) RETURNING channel_id", [id] + values
        ) { $0.id(0) }
        if let channel { try noteChanges(in: [channel], tx) }
    }

    private static func noteChanges(in channels: Set<ChannelID>, _ tx: Transaction) throws {
        try tx.execute(
            "UPDATE channels SET revision = revision + 1 WHERE id = ANY ($1)", [SQLList(channels)])
    }

    static func edit(
        _ message: Message, content: String?, embeds: StoredEmbeds, mentions: Mentions, _ tx: Transaction
    ) throws {
        try tx.execute(
            """
            INSERT INTO message_edits (message_id, version, content, replaced_at)
            SELECT $1, COALESCE(MAX(version), 0) + 1, $2, $3 FROM message_edits WHERE message_id = $1
            """,
            [message.id, SQLValue.text(message.content ?? ""), tx.now])
        try tx.execute(
            """
            DELETE FROM message_edits WHERE message_id = $1 AND version <= (
                SELECT MAX(version) FROM message_edits WHERE message_id = $1) - $2
            """, [message.id, Messages.editCap.maximum])
        try change(
            message.id, "content = $2, edited_at = $3, embeds = $4, mentions = $5",
            [content, tx.now, embeds.text, mentions.stored], tx)
    }

    static func setAllowedMentions(_ allowed: AllowedMentions, of id: MessageID, _ tx: Transaction) throws {
        try tx.execute("UPDATE messages SET allowed_mentions = $2 WHERE id = $1", [id, allowed.stored])
    }

    static func setLinked(_ hasLinks: Bool, _ id: MessageID, _ tx: Transaction) throws {
        try change(id, "has_links = $2", where: "has_links <> $2", [hasLinks], tx)
    }

    /// Makes a message one with a poll.
    static func setPoll(_ poll: PollID, of id: MessageID, _ tx: Transaction) throws {
        try change(id, "poll_id = $2, type = $3", [poll, MessageType.poll.rawValue], tx)
    }

    static func setStickers(_ stickers: [MessageSticker], of id: MessageID, _ tx: Transaction) throws {
        try change(id, "stickers = $2", [stickers.stored], tx)
    }

    static func setReacted(_ hasReactions: Bool, _ id: MessageID, _ tx: Transaction) throws {
        try change(id, "has_reactions = $2", where: "has_reactions <> $2", [hasReactions], tx)
    }

    static func setThread(_ thread: ChannelID?, of id: MessageID, _ tx: Transaction) throws {
        try change(id, "thread_id = $2", [thread], tx)
    }

    static func setPinned(_ at: Timestamp?, _ id: MessageID, _ tx: Transaction) throws {
        try change(id, "pinned_at = $2", [at], tx)
    }

    // MARK: Removing

    /// Deletes some of the earlier texts of what somebody wrote, and forgets the nonces.
    /// - Returns: the last message that was looked at; nil when there is no more.
    package static func eraseTails(of user: UserID, after message: MessageID, limit: Int, _ tx: Transaction) throws
        -> MessageID?
    {
        let messages: [MessageID] = try tx.all(
            "SELECT id FROM messages WHERE author_id = $1 AND id > $2 ORDER BY id LIMIT $3", [user, message, limit]
        ) { $0.id(0) }
        guard let last = messages.last else { return nil }
        try tx.execute(
            """
            DELETE FROM message_edits WHERE message_id IN
                (SELECT id FROM messages WHERE author_id = $1 AND id > $2 AND id <= $3)
            """, [user, message, last])
        let changed: [ChannelID] = try tx.all(
            """
            UPDATE messages SET nonce = NULL WHERE author_id = $1 AND id > $2 AND id <= $3 AND nonce IS NOT NULL
            RETURNING channel_id
            """, [user, message, last]
        ) { $0.id(0) }
        if !changed.isEmpty { try noteChanges(in: Set(changed), tx) }
        return last
    }

    static func delete(
        _ ids: [MessageID], from channel: ChannelID, _ features: FeatureList, _ tx: Transaction
    ) throws {
        try EventLog.noteGone(ids.map(\.rawValue), tx)
        try SearchIndex.remove(ids, tx)
        try features.messagesEnd(ids, tx)
        let count = try tx.count("DELETE FROM messages WHERE id = ANY ($1) RETURNING id", [SQLList(ids)])
        let newest = try tx.first(
            "SELECT id, created_at FROM messages WHERE channel_id = $1 ORDER BY id DESC LIMIT 1", [channel]
        ) { (id: $0.id(0, MessageID.self), createdAt: $0.timestamp(1)) }
        try tx.execute(
            "UPDATE channels SET last_message_id = $2, revision = revision + 1 WHERE id = $1",
            [channel, newest?.id])
        try ThreadStore.takeMessages(count, from: channel, last: newest?.createdAt, tx)
    }

    /// Removes at most `limit` messages of a channel that is gone.
    /// - Returns: whether there was any.
    static func purge(
        _ channel: ChannelID, limit: Int, _ features: FeatureList, _ tx: Transaction
    ) throws -> Bool {
        let ids = try tx.all(
            "SELECT id FROM messages WHERE channel_id = $1 ORDER BY id LIMIT $2", [channel, limit]
        ) { $0.id(0, MessageID.self) }
        guard !ids.isEmpty else { return false }
        try delete(ids, from: channel, features, tx)
        return true
    }
}
