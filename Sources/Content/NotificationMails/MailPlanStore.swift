import Database
import Kernel

enum MailPlanStore {
    private static let shape = RowShape<MailPlan> { row in
        MailPlan(
            user: row["user_id", \.user], dueAt: row["due_at", \.dueAt], plannedAt: row["planned_at", \.plannedAt],
            coveredAt: row["covered_at", \.coveredAt], sentAt: row["sent_at", \.sentAt],
            attempts: row["attempts", \.attempts], token: row["token", \.token])
    }

    static func plan(of user: UserID, _ tx: Transaction) throws -> MailPlan? {
        try tx.first("SELECT \(shape.columns) FROM notification_mails WHERE user_id = $1", [user], as: shape)
    }

    static func user(withToken token: String, _ tx: Transaction) throws -> UserID? {
        try tx.first("SELECT user_id FROM notification_mails WHERE token = $1", [token]) { $0.id(0) }
    }

    static func set(_ plan: MailPlan, _ tx: Transaction) throws {
        try tx.execute(
            """
            INSERT INTO notification_mails (\(shape.stored)) VALUES (\(shape.placeholders))
            ON CONFLICT (user_id) DO UPDATE SET due_at = excluded.due_at, planned_at = excluded.planned_at,
                covered_at = excluded.covered_at, sent_at = excluded.sent_at, attempts = excluded.attempts
            """, shape.values(of: plan))
    }

    /// Those whose time has come. Uses `notification_mails_due`.
    static func due(limit: Int, _ tx: Transaction) throws -> [UserID] {
        try tx.all(
            "SELECT user_id FROM notification_mails WHERE due_at <= $1 ORDER BY due_at LIMIT $2", [tx.now, limit]
        ) { $0.id(0) }
    }
}
