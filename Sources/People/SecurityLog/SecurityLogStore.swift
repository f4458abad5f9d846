import Database
import Kernel

enum SecurityLogStore {
    private static let shape = RowShape<SecurityEntry> { row in
        SecurityEntry(
            id: row["id", \.id], user: row["user_id", \.user], action: try row.word("action", \.action),
            severity: try row.word("severity", \.severity), address: row["address", \.address],
            userAgent: row["user_agent", \.userAgent], session: row["session_id", \.session],
            count: row["count", \.count],
            details: JSON(text: row["details", { JSON.object($0.details).text }])?.object ?? [:],
            createdAt: row["created_at", \.createdAt])
    }

    /// - Parameter mailing: whether the owner is still to be told by mail.
    static func insert(_ entry: SecurityEntry, mailing: Mailing, _ tx: Transaction) throws {
        try tx.execute(
            "INSERT INTO security_log (is_unmailed, \(shape.stored)) VALUES ($1, \(shape.placeholders(from: 2)))",
            [mailing == .wanted] + shape.values(of: entry))
    }

    enum Mailing { case wanted, unwanted }

    /// Counts what has happened before.
    /// - Returns: false when it has not.
    static func countAgain(
        _ action: SecurityAction, _ severity: SecuritySeverity, of user: UserID, from address: String,
        since id: SecurityEntryID, _ tx: Transaction
    ) throws -> Bool {
        try tx.count(
            """
            UPDATE security_log SET count = count + 1
            WHERE user_id = $1 AND action = $2 AND id >= $3 AND address = $4 AND severity = $5 RETURNING id
            """, [user, action.rawValue, id, address, severity.rawValue]) > 0
    }

    /// Newest first. Uses `security_log_by_user` and `security_log_by_action`.
    static func entries(
        of user: UserID, _ action: SecurityAction?, before: SecurityEntryID?, limit: Int, _ tx: Transaction
    ) throws -> [SecurityEntry] {
        let condition: StaticSQL = action == nil ? "" : "AND action = $4"
        let values: [any SQLBindable] = [user, before?.rawValue ?? .max, limit]
        return try tx.all(
            """
            SELECT \(shape.columns) FROM security_log WHERE user_id = $1 AND id < $2 \(condition)
            ORDER BY id DESC LIMIT $3
            """, values + (action.map { [$0.rawValue] } ?? []), as: shape)
    }

    /// Where somebody has logged in from since a moment, the newest first. Uses `security_log_by_action`.
    static func places(of user: UserID, since id: SecurityEntryID, limit: Int, _ tx: Transaction) throws -> [LoginPlace]
    {
        try [SecurityAction.login, .register].flatMap { action in
            try tx.all(
                """
                SELECT address, user_agent FROM security_log
                WHERE user_id = $1 AND action = $2 AND id >= $3 AND address IS NOT NULL ORDER BY id DESC LIMIT $4
                """, [user, action.rawValue, id, limit]
            ) { LoginPlace(address: $0.text(0), userAgent: $0.textOrNil(1)) }
        }
    }

    /// Whether something of a kind was told since a moment. Uses `security_log_by_action`.
    static func wasTold(_ action: SecurityAction, of user: UserID, since id: SecurityEntryID, _ tx: Transaction) throws
        -> Bool
    {
        try tx.exists(
            "SELECT 1 FROM security_log WHERE user_id = $1 AND action = $2 AND id >= $3 AND severity <> 'info' LIMIT 1",
            [user, action.rawValue, id])
    }

    /// Forgets the oldest of a kind beyond so many: what matters is not pushed out by what does not. Uses
    /// `security_log_by_action`.
    static func trim(
        _ action: SecurityAction, _ severity: SecuritySeverity, of user: UserID, to count: Int, _ tx: Transaction
    ) throws {
        try tx.execute(
            """
            DELETE FROM security_log WHERE id IN (
                SELECT id FROM security_log WHERE user_id = $1 AND action = $2 AND severity = $4
                ORDER BY id DESC LIMIT 100 OFFSET $3)
            """, [user, action.rawValue, count, severity.rawValue])
    }

    // MARK: Mails

    static func entry(_ id: SecurityEntryID, _ tx: Transaction) throws -> SecurityEntry? {
        try tx.first("SELECT \(shape.columns) FROM security_log WHERE id = $1", [id], as: shape)
    }

    /// Those of which the owners are to be told by mail, which counts as done from here on. Uses `security_log_unmailed`.
    static func takeUnmailed(limit: Int, _ tx: Transaction) throws -> [SecurityEntry] {
        try tx.all(
            """
            UPDATE security_log SET is_unmailed = FALSE
            WHERE id IN (SELECT id FROM security_log WHERE is_unmailed AND id > 0 ORDER BY id LIMIT $1)
            RETURNING \(shape.columns)
            """, [limit], as: shape)
    }

    // MARK: Forgetting

    /// - Returns: whether there may be more.
    static func forget(before id: SecurityEntryID, limit: Int, _ tx: Transaction) throws -> Bool {
        try tx.count(
            "DELETE FROM security_log WHERE id IN (SELECT id FROM security_log WHERE id < $1 LIMIT $2) RETURNING id",
            [id, limit]) == limit
    }

    /// Forgets from where it was done. Uses `security_log_with_address`.
    /// - Returns: whether there may be more.
    static func forgetAddresses(before id: SecurityEntryID, limit: Int, _ tx: Transaction) throws -> Bool {
        try tx.count(
            """
            UPDATE security_log SET address = NULL, user_agent = NULL
            WHERE id IN (SELECT id FROM security_log WHERE address IS NOT NULL AND id < $1 LIMIT $2) RETURNING id
            """, [id, limit]) == limit
    }
}
