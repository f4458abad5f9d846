import Database
import Kernel

enum NotificationStore {
    private static let columns: StaticSQL = """
        n.id, n.owner_id, n.kind, n.user_id, COALESCE(u.username, w.name), n.server_id, n.channel_id, n.message_id, n.invite_code, n.is_read,
        n.created_at
        """

    private static func notification(_ row: SQLRow) -> Notification? {
        guard let kind = Notification.Kind(rawValue: row.text(2)) else { return nil }
        return Notification(
            id: row.id(0), owner: row.id(1), kind: kind, user: row.id(3), username: row.textOrNil(4) ?? "",
            server: row.idOrNil(5), channel: row.idOrNil(6), message: row.idOrNil(7), inviteCode: row.textOrNil(8),
            isRead: row.bool(9), createdAt: row.timestamp(10))
    }

    static func insert(_ notification: Notification, _ tx: Transaction) throws {
        try tx.execute(
            """
            INSERT INTO notifications
                (id, owner_id, kind, user_id, server_id, channel_id, message_id, invite_code, is_read, created_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
            """,
            [
                notification.id, notification.owner, notification.kind.rawValue, notification.user,
                notification.server, notification.channel, notification.message, notification.inviteCode,
                notification.isRead, notification.createdAt,
            ])
    }

    /// Newest first. Uses `notifications_by_owner`.
    static func notifications(
        of owner: UserID, before: NotificationID?, limit: Int, unreadOnly: Bool, _ tx: Transaction
    ) throws -> [Notification] {
        let condition: StaticSQL = unreadOnly ? "AND NOT n.is_read" : ""
        return try tx.all(
            """
            SELECT \(columns) FROM notifications n LEFT JOIN users u ON u.id = n.user_id
            LEFT JOIN webhooks w ON w.id = n.user_id
            WHERE n.owner_id = $1 AND n.id < $2 \(condition) ORDER BY n.id DESC LIMIT $3
            """,
            [owner, before?.rawValue ?? .max, limit], notification
        ).compactMap { $0 }
    }

    static func notification(_ id: NotificationID, of owner: UserID, _ tx: Transaction) throws -> Notification? {
        try tx.first(
            """
            SELECT \(columns) FROM notifications n LEFT JOIN users u ON u.id = n.user_id
            LEFT JOIN webhooks w ON w.id = n.user_id
            WHERE n.id = $1 AND n.owner_id = $2
            """, [id, owner], notification) ?? nil
    }

    static func markRead(_ id: NotificationID, _ tx: Transaction) throws {
        try tx.execute("UPDATE notifications SET is_read = $2 WHERE id = $1", [id, true])
    }

    static func markAllRead(of owner: UserID, _ tx: Transaction) throws -> [NotificationID] {
        try tx.all(
            "UPDATE notifications SET is_read = $2 WHERE owner_id = $1 AND NOT is_read RETURNING id", [owner, true]
        ) { $0.id(0) }
    }

    /// The notifications that some messages caused. Uses `notifications_by_message`.
    static func delete(
        about messages: [MessageID], _ tx: Transaction
    ) throws -> [(id: NotificationID, owner: UserID)] {
        let list = StaticSQL.placeholders(count: messages.count)
        return try tx.all(
            "DELETE FROM notifications WHERE message_id IN (\(sql: list)) RETURNING id, owner_id", messages
        ) { ($0.id(0), $0.id(1)) }
    }

    /// Leaves the newest ones.
    static func trim(_ owner: UserID, to count: Int, _ tx: Transaction) throws {
        try tx.execute(
            """
            DELETE FROM notifications WHERE owner_id = $1 AND id <= (
                SELECT id FROM notifications WHERE owner_id = $1 ORDER BY id DESC LIMIT 1 OFFSET $2)
            """, [owner, count])
    }

    static func deleteAll(of user: UserID, _ tx: Transaction) throws {
        try tx.execute("DELETE FROM notifications WHERE owner_id = $1", [user])
    }
}
