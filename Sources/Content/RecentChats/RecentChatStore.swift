import Database
import Kernel

enum RecentChatStore {
    private static let shape = RowShape<RecentChat> { row in
        RecentChat(
            channel: row["channel_id", \.channel], lastMessage: row["last_message_id", \.lastMessage],
            scrollPosition: row["scroll_position", \.scrollPosition], accessedAt: row["accessed_at", \.accessedAt])
    }

    static func set(_ chat: RecentChat, of user: UserID, _ tx: Transaction) throws {
        try tx.execute(
            """
            INSERT INTO recent_chats (user_id, \(shape.stored)) VALUES ($1, \(shape.placeholders(from: 2)))
            ON CONFLICT (user_id, channel_id) DO UPDATE SET last_message_id = excluded.last_message_id,
                scroll_position = excluded.scroll_position, accessed_at = excluded.accessed_at
            """, [user] + shape.values(of: chat))
    }

    /// Forgets those that were left longest ago, but for so many. Uses `recent_chats_by_access`.
    static func trim(of user: UserID, to count: Int, _ tx: Transaction) throws {
        try tx.execute(
            """
            DELETE FROM recent_chats WHERE user_id = $1 AND channel_id IN (
                SELECT channel_id FROM recent_chats WHERE user_id = $1
                ORDER BY accessed_at DESC, channel_id DESC LIMIT 100 OFFSET $2)
            """, [user, count])
    }

    /// The newest first. Uses `recent_chats_by_access`.
    static func chats(of user: UserID, _ tx: Transaction) throws -> [RecentChat] {
        try tx.all(
            """
            SELECT \(shape.columns) FROM recent_chats WHERE user_id = $1 ORDER BY accessed_at DESC, channel_id DESC
            """, [user], as: shape)
    }
}
