import Database
import Kernel

enum ReportStore {
    private static let columns: StaticSQL = """
        id, kind, reporter_id, user_id, message_id, channel_id, server_id, reason, category, details, content, status,
        handled_by, handled_at, note, created_at
        """

    private static func report(_ row: SQLRow) -> Report? {
        guard let kind = Report.Kind(rawValue: row.text(1)), let status = Report.Status(rawValue: row.text(11)) else {
            return nil
        }
        return Report(
            id: row.id(0), kind: kind, reporter: row.id(2), user: row.id(3), message: row.idOrNil(4),
            channel: row.idOrNil(5), server: row.idOrNil(6), reason: row.text(7),
            category: Report.Category(rawValue: row.text(8)) ?? .other, details: row.textOrNil(9),
            content: row.textOrNil(10), status: status, handledBy: row.idOrNil(12), handledAt: row.timestampOrNil(13),
            note: row.textOrNil(14), createdAt: row.timestamp(15))
    }

    static func insert(_ report: Report, _ tx: Transaction) throws {
        try tx.execute(
            """
            INSERT INTO reports (\(columns))
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
            """,
            [
                report.id, report.kind.rawValue, report.reporter, report.user, report.message, report.channel,
                report.server, report.reason, report.category.rawValue, report.details, report.content,
                report.status.rawValue, report.handledBy, report.handledAt, report.note, report.createdAt,
            ])
    }

    static func openCount(by user: UserID, _ tx: Transaction) throws -> Int {
        try tx.first(
            "SELECT COUNT(*) FROM reports WHERE reporter_id = $1 AND status = $2", [user, Report.Status.open.rawValue]
        ) { $0.int(0) } ?? 0
    }

    static func report(_ id: ReportID, _ tx: Transaction) throws -> Report? {
        try tx.first("SELECT \(columns) FROM reports WHERE id = $1", [id], report) ?? nil
    }

    /// Newest first. Uses `reports_by_status`.
    static func reports(
        _ status: Report.Status?, before: ReportID?, limit: Int, _ tx: Transaction
    ) throws -> [Report] {
        try tx.all(
            """
            SELECT \(columns) FROM reports WHERE (status = $1 OR $1 = '') AND id < $2 ORDER BY id DESC LIMIT $3
            """, [status?.rawValue ?? "", before?.rawValue ?? .max, limit], report
        ).compactMap { $0 }
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
