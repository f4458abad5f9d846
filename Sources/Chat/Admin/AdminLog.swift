import Community
import Database
import Features
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

    // MARK: About a person

    private static let exportedEntries = 10_000

    /// What was done to somebody, without who did it and who else is concerned.
    static func written(about user: UserID, _ tx: Transaction) throws -> [JSON] {
        try tx.all(
            """
            SELECT id, action, changes, reason, created_at FROM admin_log WHERE target_id = $1
            ORDER BY id DESC LIMIT $2
            """, [user.description, exportedEntries]
        ) { row in
            .object([
                "id": .string(String(row.integer(0))), "action": .string(row.text(1)),
                "changes": AuditChanges.withoutOthers(row.text(2)),
                "reason": row.textOrNil(3).map { .string($0) } ?? .null,
                "created_at": .integer(row.timestamp(4).seconds),
            ])
        }
    }

    /// Entries about somebody, and about the reports on them, keep what was done and lose how they were called and why.
    static func makeAnonymous(about user: UserID, _ reports: [ReportID], _ tx: Transaction) throws {
        for target in [user.description] + reports.map(\.description) {
            let entries = try tx.all("SELECT id, changes FROM admin_log WHERE target_id = $1", [target]) {
                ($0.integer(0), $0.text(1))
            }
            for (id, changes) in entries {
                try tx.execute(
                    "UPDATE admin_log SET changes = $2, reason = NULL WHERE id = $1",
                    [id, AuditChanges.withoutNames(changes)])
            }
        }
    }
}
