import Database
import Features
import Kernel

enum MailPlanStore {
    /// Longer than two messages take that the mailer sends one after another.
    static let lease = Lease(.seconds(180))

    private static let shape = RowShape<MailPlan> { row in
        MailPlan(
            user: row["user_id", \.user], dueAt: row["due_at", \.dueAt], plannedAt: row["planned_at", \.plannedAt],
            coveredAt: row["covered_at", \.coveredAt], sentAt: row["sent_at", \.sentAt],
            attempts: row["attempts", \.attempts], token: row["token", \.token], takenUntil: row["taken_until"])
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
            "SELECT user_id FROM notification_mails WHERE due_at <= $1 AND taken_until IS NULL ORDER BY due_at LIMIT $2",
            [tx.now, limit]
        ) { $0.id(0) }
    }

    // MARK: Writing

    /// Takes the right to write to somebody, and keeps what is to be put back should nobody note that it was done.
    /// - Returns: what ends it.
    static func take(_ before: MailPlan, _ tx: Transaction) throws -> Timestamp? {
        let undo: JSON = .object([
            "covered_at": .integer(before.coveredAt.milliseconds), "sent_at": json(before.sentAt),
            "planned_at": json(before.plannedAt), "attempts": .integer(Int64(before.attempts)),
        ])
        return try tx.first(
            """
            UPDATE notification_mails SET taken_until = \(lease.end(tx.dialect)), undo = $2
            WHERE user_id = $1 AND taken_until IS NULL RETURNING taken_until
            """, [before.user, undo.text]
        ) { $0.timestamp(0) }
    }

    private static func json(_ moment: Timestamp?) -> JSON { moment.map { .integer($0.milliseconds) } ?? .null }

    /// - Returns: false when somebody else has ended it.
    static func end(_ user: UserID, takenUntil moment: Timestamp, _ tx: Transaction) throws -> Bool {
        try tx.count(
            """
            UPDATE notification_mails SET taken_until = NULL, undo = NULL
            WHERE user_id = $1 AND taken_until = $2 RETURNING user_id
            """, [user, moment]) == 1
    }

    /// Those to whom somebody was writing who has ended, as they were before. Uses `notification_mails_taken`.
    static func abandoned(limit: Int, _ tx: Transaction) throws -> [MailPlan] {
        try tx.all(
            """
            SELECT \(shape.columns), undo FROM notification_mails WHERE \(lease.isAbandoned(tx.dialect))
            ORDER BY taken_until LIMIT $1
            """, [limit]
        ) { row in
            guard var plan = try shape.read(row) else { return nil }
            let undo = JSON(text: row.text(shape.width))
            func moment(_ name: String) -> Timestamp? { undo?[name]?.integer.map(Timestamp.init(milliseconds:)) }
            plan.coveredAt = moment("covered_at") ?? plan.coveredAt
            (plan.sentAt, plan.plannedAt) = (moment("sent_at"), moment("planned_at"))
            plan.attempts = Int(undo?["attempts"]?.integer ?? 0)
            return plan
        }.compactMap { $0 }
    }
}
