import Database
import Kernel

enum ChannelStore {
    private static let columns: StaticSQL = """
        c.id, c.server_id, c.name, c.type, c.topic, c.position, c.category_id, c.nsfw, c.slowmode_seconds, c.created_at,
        c.last_message_id
        """

    private static func channel(_ row: SQLRow) throws -> Channel {
        guard let type = ChannelType(rawValue: row.text(3)) else {
            throw DatabaseError.statement(sql: "channels", message: "unknown channel type \(row.text(3))")
        }
        return Channel(
            id: row.id(0), server: row.idOrNil(1), name: row.text(2), type: type, topic: row.textOrNil(4),
            position: row.int(5), category: row.idOrNil(6), nsfw: row.bool(7), slowmode_s: row.int(8),
            createdAt: row.timestamp(9), lastMessage: row.idOrNil(10))
    }

    static func insert(_ channel: Channel, _ tx: Transaction) throws {
        try tx.execute(
            """
            INSERT INTO channels
                (id, server_id, name, type, topic, position, category_id, nsfw, slowmode_seconds, created_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
            """,
            [
                channel.id, channel.server, channel.name, channel.type.rawValue, channel.topic, channel.position,
                channel.category, channel.nsfw, channel.slowmode_s, channel.createdAt,
            ])
    }

    static func channel(_ id: ChannelID, _ tx: Transaction) throws -> Channel? {
        try tx.first(
            "SELECT \(columns) FROM channels c WHERE c.id = $1 AND c.deleted_at IS NULL", [id], channel)
    }

    /// In the order in which they are shown. Uses `channels_by_server`.
    static func channels(of server: ServerID, _ tx: Transaction) throws -> [Channel] {
        try tx.all(
            """
            SELECT \(columns) FROM channels c WHERE c.server_id = $1 AND c.deleted_at IS NULL ORDER BY c.position, c.id
            """,
            [server], channel)
    }

    static func update(_ channel: Channel, _ tx: Transaction) throws {
        try tx.execute(
            """
            UPDATE channels SET name = $2, topic = $3, position = $4, category_id = $5, nsfw = $6, slowmode_seconds = $7
            WHERE id = $1
            """,
            [
                channel.id, channel.name, channel.topic, channel.position, channel.category, channel.nsfw,
                channel.slowmode_s,
            ])
    }

    static func setLastMessage(_ message: MessageID, of channel: ChannelID, _ tx: Transaction) throws {
        try tx.execute("UPDATE channels SET last_message_id = $2 WHERE id = $1", [channel, message])
    }

    /// The channel disappears at once; its messages are removed step by step (`purgeStep`).
    static func markDeleted(_ channel: ChannelID, _ tx: Transaction) throws {
        try tx.execute("UPDATE channels SET deleted_at = $2 WHERE id = $1", [channel, tx.now])
        try tx.execute("DELETE FROM invites WHERE channel_id = $1", [channel])
    }

    /// Removes at most `limit` messages of a deleted channel, or the channel when it has none left.
    /// - Returns: whether there was anything to do.
    static func purgeStep(limit: Int, _ tx: Transaction) throws -> Bool {
        let channel = try tx.first("SELECT id FROM channels WHERE deleted_at IS NOT NULL LIMIT 1") {
            $0.id(0, ChannelID.self)
        }
        guard let channel else { return false }
        if try MessageStore.purge(channel, limit: limit, tx) { return true }
        try tx.execute("DELETE FROM overwrites WHERE channel_id = $1", [channel])
        try tx.execute("DELETE FROM slowmode_marks WHERE channel_id = $1", [channel])
        try tx.execute("DELETE FROM channels WHERE id = $1", [channel])
        return true
    }

    // MARK: Overwrites

    private static func overwrite(_ row: SQLRow) -> (channel: ChannelID, overwrite: PermissionOverwrite) {
        let subject: PermissionOverwrite.Subject = row.bool(2) ? .role(row.id(1)) : .member(row.id(1))
        return (row.id(0), PermissionOverwrite(subject, allow: row.permissions(3), deny: row.permissions(4)))
    }

    static func overwrites(of channels: [ChannelID], _ tx: Transaction) throws -> [ChannelID: [PermissionOverwrite]] {
        let list = StaticSQL.placeholders(count: channels.count)
        let rows = try tx.all(
            """
            SELECT channel_id, subject_id, is_role, allow, deny FROM overwrites WHERE channel_id IN (\(sql: list))
            """,
            channels, overwrite)
        return Dictionary(grouping: rows, by: \.channel).mapValues { $0.map(\.overwrite) }
    }

    static func overwrites(in server: ServerID, _ tx: Transaction) throws -> [ChannelID: [PermissionOverwrite]] {
        let rows = try tx.all(
            """
            SELECT o.channel_id, o.subject_id, o.is_role, o.allow, o.deny
            FROM channels c JOIN overwrites o ON o.channel_id = c.id WHERE c.server_id = $1
            """,
            [server], overwrite)
        return Dictionary(grouping: rows, by: \.channel).mapValues { $0.map(\.overwrite) }
    }
}
