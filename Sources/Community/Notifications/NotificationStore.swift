import Database
import Kernel

enum NotificationStore {
    private static let shape = RowShape<Notification> { row in
        Notification(
            id: row["id", \.id], owner: row["owner_id", \.owner], kind: try row.word("kind", \.kind),
            user: row["user_id", \.user], username: row["COALESCE(u.username, w.name)"] ?? "",
            server: row["server_id", \.server], channel: row["channel_id", \.channel],
            message: row["message_id", \.message], inviteCode: row["invite_code", \.inviteCode],
            measure: try row.partIfAny(measure, \.measure), note: row["note", \.note],
            occasion: try row.partIfAny(occasion, \.occasion), isRead: row["is_read", \.isRead],
            createdAt: row["created_at", \.createdAt])
    }

    private static let occasion = RowShape<Notification.Occasion> { row in
        Notification.Occasion(
            id: row["event_id", \.id], name: row["event_name", \.name],
            startsAt: row["event_starts_at", \.startsAt], status: row["event_status", \.status])
    }

    private static let measure = RowShape<Notification.Measure> { row in
        Notification.Measure(
            action: try row.word("action", \.action),
            serverName: row["server_name", { $0.serverName as String? }] ?? "",
            reason: row["reason", \.reason], endsAt: row["ends_at", \.endsAt])
    }

    private static let columns = shape.columns(of: "n")

    static func insert(_ notification: Notification, _ tx: Transaction) throws {
        try tx.execute(
            "INSERT INTO notifications (\(shape.stored)) VALUES (\(shape.placeholders))",
            shape.values(of: notification))
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
            [owner, before?.rawValue ?? .max, limit], as: shape)
    }

    static func notification(_ id: NotificationID, of owner: UserID, _ tx: Transaction) throws -> Notification? {
        try tx.first(
            """
            SELECT \(columns) FROM notifications n LEFT JOIN users u ON u.id = n.user_id
            LEFT JOIN webhooks w ON w.id = n.user_id
            WHERE n.id = $1 AND n.owner_id = $2
            """, [id, owner], as: shape)
    }

    /// Uses `notifications_by_owner`.
    static func unreadCount(of owner: UserID, _ tx: Transaction) throws -> Int {
        try tx.first("SELECT COUNT(*) FROM notifications WHERE owner_id = $1 AND NOT is_read", [owner]) {
            $0.int(0)
        } ?? 0
    }

    static func markRead(_ id: NotificationID, _ tx: Transaction) throws {
        try tx.execute("UPDATE notifications SET is_read = $2 WHERE id = $1", [id, true])
    }

    static func markAllRead(of owner: UserID, _ tx: Transaction) throws -> [NotificationID] {
        try tx.all(
            "UPDATE notifications SET is_read = $2 WHERE owner_id = $1 AND NOT is_read RETURNING id", [owner, true]
        ) { $0.id(0) }
    }

    /// What the messages of a channel up to one have caused. Uses `notifications_by_owner`: a person has few, a channel can
    /// have caused many.
    static func markRead(
        of owner: UserID, in channel: ChannelID, upTo message: MessageID, _ tx: Transaction
    ) throws -> [NotificationID] {
        try tx.all(
            """
            UPDATE notifications SET is_read = $4
            WHERE owner_id = $1 AND NOT is_read AND COALESCE(channel_id, 0) = $2 AND message_id <= $3 RETURNING id
            """, [owner, channel, message, true]
        ) { $0.id(0) }
    }

    /// What the messages of a server have caused; what was done to the person there is not read with them. Uses
    /// `notifications_by_owner`.
    static func markRead(of owner: UserID, in server: ServerID, _ tx: Transaction) throws -> [NotificationID] {
        try tx.all(
            """
            UPDATE notifications SET is_read = $3
            WHERE owner_id = $1 AND NOT is_read AND server_id = $2 AND message_id IS NOT NULL RETURNING id
            """, [owner, server, true]
        ) { $0.id(0) }
    }

    /// The notifications that some messages caused. Uses `notifications_by_message`.
    static func delete(
        about messages: [MessageID], _ tx: Transaction
    ) throws -> [(id: NotificationID, owner: UserID)] {
        return try tx.all(
            "DELETE FROM notifications WHERE message_id = ANY ($1) RETURNING id, owner_id", [SQLList(messages)]
        ) { ($0.id(0), $0.id(1)) }
    }

    // MARK: What is withdrawn

    /// Some of those about an event. Uses `notifications_by_event`.
    static func about(
        _ event: ScheduledEventID, limit: Int, _ tx: Transaction
    ) throws -> [(id: NotificationID, owner: UserID)] {
        try tx.all("SELECT id, owner_id FROM notifications WHERE event_id = $1 LIMIT $2", [event, limit]) {
            ($0.id(0), $0.id(1))
        }
    }

    /// Those that a message caused. Uses `notifications_by_message`.
    static func about(_ message: MessageID, _ tx: Transaction) throws -> [(id: NotificationID, owner: UserID)] {
        try tx.all("SELECT id, owner_id FROM notifications WHERE message_id = $1", [message]) { ($0.id(0), $0.id(1)) }
    }

    /// The newest that lead to a channel or to its threads. Uses `notifications_by_channel`.
    static func leading(
        to channel: ChannelID, limit: Int, _ tx: Transaction
    ) throws -> [(id: NotificationID, owner: UserID)] {
        try tx.all(
            """
            SELECT id, owner_id FROM notifications
            WHERE channel_id = $1 OR channel_id IN (SELECT channel_id FROM threads WHERE parent_id = $1)
            ORDER BY id DESC LIMIT $2
            """, [channel, limit]
        ) { ($0.id(0), $0.id(1)) }
    }

    /// Somebody's that lead to a channel. Uses `notifications_by_channel`.
    static func leading(
        _ owner: UserID, to channel: ChannelID, _ tx: Transaction
    ) throws -> [(id: NotificationID, owner: UserID)] {
        try tx.all("SELECT id, owner_id FROM notifications WHERE channel_id = $2 AND owner_id = $1", [owner, channel]) {
            ($0.id(0), $0.id(1))
        }
    }

    /// Somebody's that are of things in a server; ways into it and out of it are not in it. Uses `notifications_by_owner`.
    static func of(
        _ owner: UserID, in server: ServerID, _ tx: Transaction
    ) throws -> [(id: NotificationID, owner: UserID)] {
        try tx.all(
            """
            SELECT id, owner_id FROM notifications
            WHERE owner_id = $1 AND server_id = $2 AND invite_code IS NULL AND action IS NULL
            """, [owner, server]
        ) { ($0.id(0), $0.id(1)) }
    }

    /// Uses `notifications_by_owner`.
    static func exclusions(
        of owner: UserID, from server: ServerID, _ tx: Transaction
    ) throws -> [(id: NotificationID, owner: UserID)] {
        try tx.all(
            """
            SELECT id, owner_id FROM notifications
            WHERE owner_id = $1 AND server_id = $2 AND action IN ('kick', 'ban')
            """, [owner, server]
        ) { ($0.id(0), $0.id(1)) }
    }

    /// Uses `notifications_by_invite`.
    static func of(invite code: String, _ tx: Transaction) throws -> [(id: NotificationID, owner: UserID)] {
        try tx.all("SELECT id, owner_id FROM notifications WHERE invite_code = $1", [code]) { ($0.id(0), $0.id(1)) }
    }

    /// What one has caused with the other. Uses `notifications_by_pair`.
    static func caused(
        by user: UserID, with owner: UserID, _ tx: Transaction
    ) throws -> [(id: NotificationID, owner: UserID, kind: Notification.Kind?)] {
        try tx.all("SELECT id, owner_id, kind FROM notifications WHERE user_id = $1 AND owner_id = $2", [user, owner]) {
            ($0.id(0), $0.id(1), Notification.Kind(rawValue: $0.text(2)))
        }
    }

    /// What one has caused with anybody. Uses `notifications_by_pair`.
    static func caused(by user: UserID, _ tx: Transaction) throws -> [(id: NotificationID, owner: UserID)] {
        try tx.all("SELECT id, owner_id FROM notifications WHERE user_id = $1", [user]) { ($0.id(0), $0.id(1)) }
    }

    static func delete(_ id: NotificationID, _ tx: Transaction) throws {
        try tx.execute("DELETE FROM notifications WHERE id = $1", [id])
    }

    // MARK: Bounds

    /// Leaves the newest that one has caused with the other. Uses `notifications_by_pair`.
    static func trim(_ owner: UserID, from user: UserID, to count: Int, _ tx: Transaction) throws {
        try tx.execute(
            """
            DELETE FROM notifications WHERE user_id = $2 AND owner_id = $1 AND id <= (
                SELECT id FROM notifications WHERE user_id = $2 AND owner_id = $1 ORDER BY id DESC LIMIT 1 OFFSET $3)
            """, [owner, user, count])
    }

    /// Counts what one does with the other.
    /// - Returns: how often on that day, this time included.
    static func count(_ owner: UserID, from user: UserID, day: Int64, _ tx: Transaction) throws -> Int {
        try tx.first(
            """
            INSERT INTO notification_counts (owner_id, user_id, day, count) VALUES ($1, $2, $3, 1)
            ON CONFLICT (owner_id, user_id, day) DO UPDATE SET count = notification_counts.count + 1 RETURNING count
            """, [owner, user, day]
        ) { $0.int(0) } ?? 1
    }

    /// Uses `notification_counts_by_day`.
    static func forgetCounts(before day: Int64, limit: Int, _ tx: Transaction) throws -> Bool {
        try tx.count(
            """
            DELETE FROM notification_counts WHERE (owner_id, user_id, day) IN
                (SELECT owner_id, user_id, day FROM notification_counts WHERE day < $1 LIMIT $2) RETURNING day
            """, [day, limit]) == limit
    }

    /// Leaves the newest ones.
    static func trim(_ owner: UserID, to count: Int, _ tx: Transaction) throws {
        try tx.execute(
            """
            DELETE FROM notifications WHERE owner_id = $1 AND id <= (
                SELECT id FROM notifications WHERE owner_id = $1 ORDER BY id DESC LIMIT 1 OFFSET $2)
            """, [owner, count])
    }
}
