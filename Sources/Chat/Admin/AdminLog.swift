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
    private static let shape = RowShape<AdminLogEntry> { row in
        AdminLogEntry(
            id: row["id", \.id], admin: row["admin_id", \.admin], action: row["action", \.action],
            target: row["target_id", \.target],
            changes: JSON(text: row["changes", { JSON.object($0.changes).text }])?.object ?? [:],
            reason: row["reason", \.reason], createdAt: row["created_at", \.createdAt])
    }

    static func insert(_ entry: AdminLogEntry, _ tx: Transaction) throws {
        try tx.execute(
            "INSERT INTO admin_log (\(shape.stored)) VALUES (\(shape.placeholders))", shape.values(of: entry))
    }

    static func entries(before: AuditEntryID?, limit: Int, _ tx: Transaction) throws -> [AdminLogEntry] {
        try tx.all(
            "SELECT \(shape.columns) FROM admin_log WHERE id < $1 ORDER BY id DESC LIMIT $2",
            [before?.rawValue ?? .max, limit], as: shape)
    }
}
