import Database
import Kernel

/// The log of what administrators of the instance did.
struct AdminLog: Sendable {
    let parts: Parts

    /// Writes down what the caller has done, with the reason that came with the request.
    func record(
        _ action: String, _ target: String?, changes: [String: JSON] = [:], by caller: Caller, _ tx: Transaction
    ) throws {
        let entry = AdminLogEntry(
            id: parts.ids.next(), admin: caller.user, action: action, target: target, changes: changes,
            reason: caller.reason, createdAt: tx.now)
        try AdminLogStore.insert(entry, tx)
    }
}

struct AdminLogEntry: JSONObjectEncodable {
    let id: AuditEntryID
    let admin: UserID
    let action: String
    let target: String?
    let changes: [String: JSON]
    let reason: String?
    let createdAt: Timestamp

    static let shape = JSONShape<AdminLogEntry>(
        "AdminLogEntry",
        .field("id", \.id),
        .field("admin_id", \.admin),
        .field("action", \.action),
        .field("target_id", \.target),
        .field("changes") { JSON.object($0.changes) },
        .field("reason", \.reason),
        .field("created_at", \.createdAt))
}

enum AdminLogStore {
    static func insert(_ entry: AdminLogEntry, _ tx: Transaction) throws {
        try tx.execute(
            """
            INSERT INTO admin_log (id, admin_id, action, target_id, changes, reason, created_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7)
            """,
            [
                entry.id, entry.admin, entry.action, entry.target, JSON.object(entry.changes).text, entry.reason,
                entry.createdAt,
            ])
    }

    static func entries(before: AuditEntryID?, limit: Int, _ tx: Transaction) throws -> [AdminLogEntry] {
        try tx.all(
            """
            SELECT id, admin_id, action, target_id, changes, reason, created_at FROM admin_log
            WHERE id < $1 ORDER BY id DESC LIMIT $2
            """, [before?.rawValue ?? .max, limit]
        ) {
            AdminLogEntry(
                id: $0.id(0), admin: $0.id(1), action: $0.text(2), target: $0.textOrNil(3),
                changes: JSON(text: $0.text(4))?.object ?? [:], reason: $0.textOrNil(5), createdAt: $0.timestamp(6))
        }
    }
}
