import Database
import Kernel

enum PrivateChannelStore {
    /// The conversation of two people, or the notes of one.
    static func channel(of one: UserID, and other: UserID, _ tx: Transaction) throws -> ChannelID? {
        try tx.first(
            "SELECT channel_id FROM direct_channels WHERE lower_user_id = $1 AND higher_user_id = $2",
            [min(one, other), max(one, other)]
        ) { $0.id(0) }
    }

    /// With whom somebody has a conversation, open or not; themselves where they have notes. Uses the key of pairs and
    /// `direct_channels_by_higher`.
    static func partners(of user: UserID, _ tx: Transaction) throws -> [(channel: ChannelID, user: UserID)] {
        try tx.all(
            """
            SELECT channel_id, lower_user_id, higher_user_id FROM direct_channels
            WHERE lower_user_id = $1 OR higher_user_id = $1
            """, [user]
        ) { row in (row.id(0), row.id(1) == user ? row.id(2) : row.id(1)) }
    }

    static func insert(_ channel: ChannelID, of one: UserID, and other: UserID, _ tx: Transaction) throws {
        try tx.execute(
            "INSERT INTO direct_channels (lower_user_id, higher_user_id, channel_id) VALUES ($1, $2, $3)",
            [min(one, other), max(one, other), channel])
    }

    /// Whoever opens the conversation again gets another channel.
    static func forget(_ channel: ChannelID, _ tx: Transaction) throws {
        try tx.execute("DELETE FROM direct_channels WHERE channel_id = $1", [channel])
    }

    /// Whether somebody has ever said something there, be it deleted since.
    static func hasWritten(_ user: UserID, in channel: ChannelID, _ tx: Transaction) throws -> Bool {
        try tx.exists(
            "SELECT 1 FROM participants WHERE channel_id = $1 AND user_id = $2 AND has_written", [channel, user])
    }

    static func noteWritten(_ user: UserID, in channel: ChannelID, _ tx: Transaction) throws {
        try tx.execute(
            "UPDATE participants SET has_written = TRUE WHERE channel_id = $1 AND user_id = $2 AND NOT has_written",
            [channel, user])
    }

    static func close(_ channel: ChannelID, for user: UserID, _ tx: Transaction) throws {
        try tx.execute(
            "UPDATE participants SET is_open = $3 WHERE channel_id = $1 AND user_id = $2", [channel, user, false])
    }

    /// The open conversations of two in which nothing was said for longest, but for so many; a hundred at once. Uses
    /// `participants_by_user`.
    static func quietest(of user: UserID, beyond count: Int, besides channel: ChannelID, _ tx: Transaction) throws
        -> [ChannelID]
    {
        try tx.all(
            """
            SELECT c.id FROM participants p JOIN channels c ON c.id = p.channel_id
            WHERE p.user_id = $1 AND p.is_open AND c.type = $2 AND c.id <> $3 AND c.deleted_at IS NULL
            ORDER BY COALESCE(c.last_message_id, c.id) DESC LIMIT 100 OFFSET $4
            """, [user, ChannelType.dm.rawValue, channel, count]
        ) { $0.id(0) }
    }

    /// Who has a channel with somebody open, by the newest messages; nobody who has blocked them, or whom they have. Uses
    /// `participants_by_user`.
    static func others(besides user: UserID, atMost limit: Int, _ tx: Transaction) throws -> [UserID] {
        try tx.all(
            """
            SELECT o.user_id FROM participants p JOIN channels c ON c.id = p.channel_id
                JOIN participants o ON o.channel_id = p.channel_id
            WHERE p.user_id = $1 AND o.user_id <> $1 AND o.is_open AND c.deleted_at IS NULL
                AND \(RelationshipStore.isUnblocked(by: "$1", and: "o.user_id"))
            GROUP BY o.user_id ORDER BY MAX(COALESCE(c.last_message_id, c.id)) DESC LIMIT $2
            """, [user, limit]
        ) { $0.id(0) }
    }

    /// Uses `participants_by_user`.
    static func groupCount(of user: UserID, _ tx: Transaction) throws -> Int {
        try tx.first(
            """
            SELECT COUNT(*) FROM participants p JOIN channels c ON c.id = p.channel_id
            WHERE p.user_id = $1 AND c.type = $2 AND c.deleted_at IS NULL
            """, [user, ChannelType.group.rawValue]
        ) { $0.int(0) } ?? 0
    }

    /// Who is in the longest.
    static func oldestParticipant(of channel: ChannelID, _ tx: Transaction) throws -> UserID? {
        try tx.first(
            "SELECT user_id FROM participants WHERE channel_id = $1 ORDER BY joined_at, user_id LIMIT 1", [channel]
        ) { $0.id(0) }
    }
}
