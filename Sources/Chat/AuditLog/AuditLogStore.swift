import Database
import Kernel

enum AuditLogStore {
    static func insert(_ entry: AuditEntry, _ tx: Transaction) throws {
        try tx.execute(
            """
            INSERT INTO audit_log (id, server_id, user_id, action, target_type, target_id, changes, reason, created_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
            """,
            [
                entry.id, entry.server, entry.user, entry.action.rawValue, entry.target?.kind.rawValue,
                entry.target?.id, JSON.object(entry.changes).text, entry.reason, entry.createdAt,
            ])
    }

    /// Newest first. Uses `audit_log_by_server`.
    static func entries(of server: ServerID, _ page: AuditLog.Page, _ tx: Transaction) throws -> [AuditEntry] {
        try tx.all(
            """
            SELECT id, server_id, user_id, action, target_type, target_id, changes, reason, created_at FROM audit_log
            WHERE server_id = $1 AND id < $2 AND (action = $3 OR $3 = '') AND (user_id = $4 OR $4 = 0)
            ORDER BY id DESC LIMIT $5
            """,
            [
                server, page.before?.rawValue ?? .max, page.action?.rawValue ?? "", page.user?.rawValue ?? 0,
                page.limit,
            ]
        ) { row in
            guard let action = AuditAction(rawValue: row.text(3)) else { return nil }
            let target = row.textOrNil(4).flatMap(AuditTarget.Kind.init).map {
                AuditTarget(kind: $0, id: row.integerOrNil(5))
            }
            return AuditEntry(
                id: row.id(0), server: row.id(1), user: row.id(2), action: action, target: target,
                changes: JSON(text: row.text(6))?.object ?? [:], reason: row.textOrNil(7),
                createdAt: row.timestamp(8))
        }.compactMap { $0 }
    }

    static func delete(of server: ServerID, _ tx: Transaction) throws {
        try tx.execute("DELETE FROM audit_log WHERE server_id = $1", [server])
    }
}
