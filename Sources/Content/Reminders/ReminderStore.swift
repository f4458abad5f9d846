import Database
import Features
import Kernel

enum ReminderStore {
    private static let shape = RowShape<Reminder> { row in
        Reminder(
            id: row["id", \.id], owner: row["user_id", \.owner], channel: row["channel_id", \.channel],
            message: row["message_id", \.message], note: row["note", \.note], remindAt: row["remind_at", \.remindAt],
            createdAt: row["created_at", \.createdAt])
    }

    static func insert(_ reminder: Reminder, _ tx: Transaction) throws {
        try tx.execute(
            "INSERT INTO reminders (\(shape.stored)) VALUES (\(shape.placeholders))", shape.values(of: reminder))
    }

    static func update(_ reminder: Reminder, _ tx: Transaction) throws {
        try tx.execute(
            "UPDATE reminders SET note = $2, remind_at = $3 WHERE id = $1",
            [reminder.id, reminder.note, reminder.remindAt])
    }

    static func delete(_ id: ReminderID, _ tx: Transaction) throws {
        try tx.execute("DELETE FROM reminders WHERE id = $1", [id])
    }

    static func reminder(_ id: ReminderID, _ tx: Transaction) throws -> Reminder? {
        try tx.first("SELECT \(shape.columns) FROM reminders WHERE id = $1", [id], as: shape)
    }

    /// The next first. Uses `reminders_by_user`.
    static func reminders(of user: UserID, _ tx: Transaction) throws -> [Reminder] {
        try tx.all(
            "SELECT \(shape.columns) FROM reminders WHERE user_id = $1 ORDER BY remind_at, id", [user], as: shape)
    }

    static func count(of user: UserID, _ tx: Transaction) throws -> Int {
        try tx.first("SELECT COUNT(*) FROM reminders WHERE user_id = $1", [user]) { $0.int(0) } ?? 0
    }

    /// Some whose time has come. Uses `reminders_due`.
    static func due(limit: Int, _ tx: Transaction) throws -> [ReminderID] {
        try tx.all(
            """
            SELECT id FROM reminders WHERE remind_at <= $1
                AND \(SetAsideStore.none(of: .reminder, "CAST(reminders.id AS TEXT)"))
            ORDER BY remind_at LIMIT $2
            """, [tx.now, limit]
        ) { $0.id(0) }
    }
}
