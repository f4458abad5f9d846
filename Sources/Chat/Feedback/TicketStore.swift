import Database
import Kernel

/// The table `feedback`.
enum TicketStore {
    private static let columns: StaticSQL = """
        f.id, f.user_id, u.username, f.text, f.category, f.rating, f.status, f.assigned_to, f.created_at,
        COALESCE(f.updated_at, f.created_at), f.resolved_at, f.resolved_by
        """

    private static func ticket(_ row: SQLRow) -> Ticket {
        Ticket(
            id: row.id(0), user: row.id(1), username: row.textOrNil(2) ?? "", content: row.text(3),
            category: row.textOrNil(4).flatMap(Ticket.Category.init), rating: row.integerOrNil(5).map { Int($0) },
            status: Ticket.Status(rawValue: row.text(6)) ?? .open, assignedTo: row.idOrNil(7),
            createdAt: row.timestamp(8), updatedAt: row.timestamp(9), resolvedAt: row.timestampOrNil(10),
            resolvedBy: row.idOrNil(11))
    }

    static func insert(_ ticket: Ticket, _ tx: Transaction) throws {
        try tx.execute(
            """
            INSERT INTO feedback (id, user_id, text, category, rating, status, created_at, updated_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $7)
            """,
            [
                ticket.id, ticket.user, ticket.content, ticket.category?.rawValue, ticket.rating,
                ticket.status.rawValue, ticket.createdAt,
            ])
    }

    static func ticket(_ id: TicketID, _ tx: Transaction) throws -> Ticket? {
        try tx.first(
            "SELECT \(columns) FROM feedback f LEFT JOIN users u ON u.id = f.user_id WHERE f.id = $1", [id], ticket)
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
            ], ticket)
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
