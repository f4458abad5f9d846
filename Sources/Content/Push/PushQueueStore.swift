import Database
import Kernel

/// What is on its way to devices. A row waits (`taken_at` is null), is being sent, or was sent and is kept until it was read.
enum PushQueueStore {
    private static let columns: StaticSQL = """
        token_id, user_id, notification_id, message_id, created_at, attempts
        """

    private static func push(_ row: SQLRow) -> QueuedPush {
        QueuedPush(
            token: row.id(0), user: row.id(1),
            subject: row.idOrNil(2).map(QueuedPush.Subject.notification) ?? .message(row.id(3)),
            createdAt: row.timestamp(4), attempts: row.int(5))
    }

    /// For each of somebody's devices. What one was told of already it is not told again. Uses `push_tokens_by_user`.
    static func add(
        _ subject: QueuedPush.Subject, to user: UserID, dueAt: Timestamp, _ tx: Transaction
    ) throws {
        let notification: NotificationID? = if case .notification(let id) = subject { id } else { nil }
        let message: MessageID? = if case .message(let id) = subject { id } else { nil }
        try tx.execute(
            """
            INSERT INTO pushes (
                token_id, subject_id, user_id, notification_id, message_id, created_at, due_at, attempts, is_sent)
            SELECT id, $2, user_id, CAST($3 AS BIGINT), CAST($4 AS BIGINT), CAST($5 AS BIGINT), CAST($6 AS BIGINT), 0, FALSE
            FROM push_tokens WHERE user_id = $1
            ON CONFLICT (token_id, subject_id) DO NOTHING
            """, [user, subject.number, notification, message, tx.now, dueAt])
    }

    /// Those whose time has come, for each device the first one: of several about a channel it shows the one that came last, so
    /// that none overtakes one that is due, too, or to be tried again. Uses `pushes_due` and the primary key.
    static func due(limit: Int, _ tx: Transaction) throws -> [QueuedPush] {
        try tx.all(
            """
            SELECT \(columns) FROM pushes WHERE taken_at IS NULL AND due_at <= $1 AND NOT EXISTS (
                SELECT 1 FROM pushes o WHERE o.token_id = pushes.token_id AND o.subject_id < pushes.subject_id
                    AND o.taken_at IS NULL AND (o.due_at <= $1 OR o.attempts > 0))
            ORDER BY due_at, subject_id LIMIT $2
            """, [tx.now, limit], push)
    }

    /// What a device was sent and may still show, the newest first.
    static func sent(to token: PushTokenID, limit: Int, _ tx: Transaction) throws -> [QueuedPush] {
        try tx.all(
            "SELECT \(columns) FROM pushes WHERE token_id = $1 AND is_sent ORDER BY subject_id DESC LIMIT $2",
            [token, limit], push)
    }

    /// From now on it is sent by whoever has taken it, or by nobody.
    /// - Returns: false when it is gone, or another one was faster.
    static func take(_ push: QueuedPush, _ tx: Transaction) throws -> Bool {
        try tx.count(
            """
            UPDATE pushes SET taken_at = $3, attempts = attempts + 1
            WHERE token_id = $1 AND subject_id = $2 AND taken_at IS NULL RETURNING attempts
            """, [push.token, push.subject.number, tx.now]) == 1
    }

    static func markSent(_ push: QueuedPush, _ tx: Transaction) throws {
        try tx.execute(
            "UPDATE pushes SET is_sent = TRUE WHERE token_id = $1 AND subject_id = $2",
            [push.token, push.subject.number])
    }

    static func putBack(_ push: QueuedPush, until moment: Timestamp, _ tx: Transaction) throws {
        try tx.execute(
            "UPDATE pushes SET taken_at = NULL, due_at = $3 WHERE token_id = $1 AND subject_id = $2",
            [push.token, push.subject.number, moment])
    }

    static func delete(_ push: QueuedPush, _ tx: Transaction) throws {
        try tx.execute(
            "DELETE FROM pushes WHERE token_id = $1 AND subject_id = $2", [push.token, push.subject.number])
    }

    static func deleteAll(to token: PushTokenID, _ tx: Transaction) throws {
        try tx.execute("DELETE FROM pushes WHERE token_id = $1", [token])
    }

    /// Leaves the newest that a device was sent or is to be.
    static func trim(_ token: PushTokenID, to count: Int, _ tx: Transaction) throws {
        try tx.execute(
            """
            DELETE FROM pushes WHERE token_id = $1 AND subject_id <= (
                SELECT subject_id FROM pushes WHERE token_id = $1 ORDER BY subject_id DESC LIMIT 1 OFFSET $2)
            """, [token, count])
    }

    /// What was taken so long ago that whoever did must have ended: whether it was sent is not known, and nobody is told twice.
    /// Uses `pushes_taken`.
    static func forgetTaken(before moment: Timestamp, limit: Int, _ tx: Transaction) throws -> Bool {
        try tx.count(
            """
            DELETE FROM pushes WHERE (token_id, subject_id) IN (
                SELECT token_id, subject_id FROM pushes WHERE taken_at <= $1 AND NOT is_sent LIMIT $2) RETURNING token_id
            """, [moment, limit]) == limit
    }

    /// Uses `pushes_sent`.
    static func forgetSent(before moment: Timestamp, limit: Int, _ tx: Transaction) throws -> Bool {
        try tx.count(
            """
            DELETE FROM pushes WHERE (token_id, subject_id) IN (
                SELECT token_id, subject_id FROM pushes WHERE taken_at <= $1 AND is_sent LIMIT $2) RETURNING token_id
            """, [moment, limit]) == limit
    }

    // MARK: Messages to many

    /// A message of which all are to be told who want to hear of everything.
    static func add(_ message: MessageID, _ tx: Transaction) throws {
        try tx.execute(
            "INSERT INTO pushed_messages (message_id, after_user_id, created_at) VALUES ($1, 0, $2)", [message, tx.now])
    }

    static func messages(limit: Int, _ tx: Transaction) throws -> [(message: MessageID, after: UserID)] {
        try tx.all("SELECT message_id, after_user_id FROM pushed_messages ORDER BY message_id LIMIT $1", [limit]) {
            ($0.id(0), $0.id(1))
        }
    }

    static func goOn(_ message: MessageID, after user: UserID, _ tx: Transaction) throws {
        try tx.execute("UPDATE pushed_messages SET after_user_id = $2 WHERE message_id = $1", [message, user])
    }

    static func end(_ message: MessageID, _ tx: Transaction) throws {
        try tx.execute("DELETE FROM pushed_messages WHERE message_id = $1", [message])
    }
}
