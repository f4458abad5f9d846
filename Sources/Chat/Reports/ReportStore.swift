import Database
import Kernel

enum ReportStore {
    private static let shape = RowShape<Report> { row in
        Report(
            id: row["id", \.id], kind: try row.word("kind", \.kind), reporter: row["reporter_id", \.reporter],
            user: row["user_id", \.user], message: row["message_id", \.message], channel: row["channel_id", \.channel],
            server: row["server_id", \.server], reason: row["reason", \.reason],
            category: Report.Category(rawValue: row["category", \.category.rawValue]) ?? .other,
            details: row["details", \.details], content: row["content", \.content],
            status: try row.word("status", \.status), handledBy: row["handled_by", \.handledBy],
            handledAt: row["handled_at", \.handledAt], note: row["note", \.note],
            createdAt: row["created_at", \.createdAt])
    }

    private static let columns = shape.columns

    static func insert(_ report: Report, _ tx: Transaction) throws {
        try tx.execute(
            "INSERT INTO reports (\(shape.stored)) VALUES (\(shape.placeholders))", shape.values(of: report))
    }

    static func openCount(by user: UserID, _ tx: Transaction) throws -> Int {
        try tx.first(
            "SELECT COUNT(*) FROM reports WHERE reporter_id = $1 AND status = $2", [user, Report.Status.open.rawValue]
        ) { $0.int(0) } ?? 0
    }

    static func report(_ id: ReportID, _ tx: Transaction) throws -> Report? {
        try tx.first("SELECT \(columns) FROM reports WHERE id = $1", [id], as: shape)
    }

    /// Newest first. Uses `reports_by_status`.
    static func reports(
        _ status: Report.Status?, before: ReportID?, limit: Int, _ tx: Transaction
    ) throws -> [Report] {
        try tx.all(
            """
            SELECT \(columns) FROM reports WHERE (status = $1 OR $1 = '') AND id < $2 ORDER BY id DESC LIMIT $3
            """, [status?.rawValue ?? "", before?.rawValue ?? .max, limit], as: shape)
    }

    /// Those on a person.
    static func reports(on user: UserID, _ tx: Transaction) throws -> [ReportID] {
        try tx.all("SELECT id FROM reports WHERE user_id = $1", [user]) { $0.id(0) }
    }

    static func update(_ report: Report, _ tx: Transaction) throws {
        try tx.execute(
            "UPDATE reports SET status = $2, handled_by = $3, handled_at = $4, note = $5 WHERE id = $1",
            [report.id, report.status.rawValue, report.handledBy, report.handledAt, report.note])
    }

    static func openCount(_ tx: Transaction) throws -> Int {
        try tx.first("SELECT COUNT(*) FROM reports WHERE status = 'open'") { $0.int(0) } ?? 0
    }
}
