import Database
import Kernel

/// The tables `feedback` and `ticket_notes`.
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

    static func update(_ ticket: Ticket, _ tx: Transaction) throws {
        try tx.execute(
            """
            UPDATE feedback SET category = $2, status = $3, assigned_to = $4, updated_at = $5, resolved_at = $6,
                resolved_by = $7
            WHERE id = $1
            """,
            [
                ticket.id, ticket.category?.rawValue, ticket.status.rawValue, ticket.assignedTo, ticket.updatedAt,
                ticket.resolvedAt, ticket.resolvedBy,
            ])
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

    /// Somebody's own, the newest first. Uses `feedback_by_author`.
    static func tickets(of user: UserID, before: TicketID?, limit: Int, _ tx: Transaction) throws -> [Ticket] {
        try tx.all(
            """
            SELECT \(columns) FROM feedback f LEFT JOIN users u ON u.id = f.user_id
            WHERE f.user_id = $1 AND f.id < $2 ORDER BY f.id DESC LIMIT $3
            """, [user, before?.rawValue ?? .max, limit], as: shape)
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

    /// Uses `feedback_by_status`.
    static func counts(_ tx: Transaction) throws -> [Ticket.Status: Int] {
        try Ticket.Status.allCases.reduce(into: [:]) { counts, status in
            counts[status] = try tx.first(
                "SELECT COUNT(*) FROM feedback WHERE status = $1", [status.rawValue]
            ) { $0.int(0) }
        }
    }

    // MARK: Notes

    private static let note = RowShape<TicketNote> { row in
        TicketNote(
            id: row["id", \.id], ticket: row["ticket_id", \.ticket], admin: row["admin_id", \.admin],
            adminUsername: row["u.username"], content: row["content", \.content],
            readers: row["is_public", { $0.readers == .author }] ? .author : .administrators,
            createdAt: row["created_at", \.createdAt])
    }

    static func insert(_ new: TicketNote, _ tx: Transaction) throws {
        try tx.execute(
            "INSERT INTO ticket_notes (\(note.stored)) VALUES (\(note.placeholders))", note.values(of: new))
    }

    /// The newest so many, the oldest of them first. Uses `ticket_notes_by_ticket`.
    static func notes(
        of ticket: TicketID, for readers: TicketNote.Readers, limit: Int, _ tx: Transaction
    ) throws -> [TicketNote] {
        let condition: StaticSQL = readers == .author ? "AND n.is_public" : ""
        return try tx.all(
            """
            SELECT \(note.columns(of: "n")) FROM ticket_notes n LEFT JOIN users u ON u.id = n.admin_id
            WHERE n.ticket_id = $1 \(condition) ORDER BY n.id DESC LIMIT $2
            """, [ticket, limit], as: note
        ).reversed()
    }

    /// How many notes there are of the author, or of administrators.
    static func noteCount(of ticket: TicketID, by admin: UserID?, _ tx: Transaction) throws -> Int {
        let condition: StaticSQL = admin == nil ? "admin_id IS NULL" : "admin_id IS NOT NULL"
        return try tx.first(
            "SELECT COUNT(*) FROM ticket_notes WHERE ticket_id = $1 AND \(condition)", [ticket]
        ) { $0.int(0) } ?? 0
    }

    static func deleteNotes(onTicketsOf user: UserID, _ tx: Transaction) throws {
        try tx.execute(
            "DELETE FROM ticket_notes WHERE ticket_id IN (SELECT id FROM feedback WHERE user_id = $1)", [user])
    }
}
