import Database
import Kernel

/// The table `feedback`.
enum TicketStore {
    private static let shape = RowShape<Ticket> { row in
        Ticket(
            id: row["id", \.id], user: row["user_id", \.user], username: row["u.username"] ?? "",
            content: row["text", \.content],
            category: row["category", \.category?.rawValue].flatMap(Ticket.Category.init),
            rating: row["rating", \.rating],
            status: Ticket.Status(rawValue: row["status", \.status.rawValue]) ?? .open, assignedTo: row["assigned_to"],
            createdAt: row["created_at", \.createdAt], updatedAt: row["COALESCE(f.updated_at, f.created_at)"],
            resolvedAt: row["resolved_at"], resolvedBy: row["resolved_by"])
    }

    private static let columns = shape.columns(of: "f")

    static func insert(_ ticket: Ticket, _ tx: Transaction) throws {
        try tx.execute(
            "INSERT INTO feedback (updated_at, \(shape.stored)) VALUES ($1, \(shape.placeholders(from: 2)))",
            [ticket.createdAt] + shape.values(of: ticket))
    }

    static func ticket(_ id: TicketID, _ tx: Transaction) throws -> Ticket? {
        try tx.first(
            "SELECT \(columns) FROM feedback f LEFT JOIN users u ON u.id = f.user_id WHERE f.id = $1", [id], as: shape)
    }

    /// The newest first, in the order of the key.
    static func tickets(_ page: Feedback.Page, _ tx: Transaction) throws -> [Ticket] {
        try tx.all(
            """
            SELECT \(columns) FROM feedback f LEFT JOIN users u ON u.id = f.user_id
            WHERE f.id < $1 AND (f.status = $2 OR $2 = '') AND (f.category = $3 OR $3 = '')
                AND (f.user_id = $4 OR $4 = 0) AND (f.assigned_to = $5 OR $5 = 0)
            ORDER BY f.id DESC LIMIT $6
            """,
            [
                page.before?.rawValue ?? .max, page.status?.rawValue ?? "", page.category?.rawValue ?? "",
                page.user?.rawValue ?? 0, page.assignedTo?.rawValue ?? 0, page.limit,
            ], as: shape)
    }

    /// When somebody has written since a moment, the newest first. Uses `feedback_by_user`.
    static func moments(of user: UserID, since moment: Timestamp, _ tx: Transaction) throws -> [Timestamp] {
        try tx.all(
            "SELECT created_at FROM feedback WHERE user_id = $1 AND created_at > $2 ORDER BY created_at DESC",
            [user, moment]
        ) { $0.timestamp(0) }
    }

    static func openCount(_ tx: Transaction) throws -> Int {
        try tx.first("SELECT COUNT(*) FROM feedback WHERE status = 'open'") { $0.int(0) } ?? 0
    }
}
