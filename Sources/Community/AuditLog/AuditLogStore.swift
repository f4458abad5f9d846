import Database
import Features
import Kernel

enum AuditLogStore {
    private static let shape = RowShape<AuditEntry> { row in
        AuditEntry(
            id: row["id", \.id], server: row["server_id", \.server], user: row["user_id", \.user],
            action: AuditAction(rawValue: row["action", \.action.rawValue]),
            target: try row.partIfAny(target, \.target),
            changes: JSON(text: row["changes", { JSON.object($0.changes).text }])?.object ?? [:],
            reason: row["reason", \.reason], createdAt: row["created_at", \.createdAt])
    }

    private static let target = RowShape<AuditTarget> { row in
        AuditTarget(
            kind: try row.word("target_type", \.kind), id: row["target_id", \.id], channel: row["channel_id", \.channel]
        )
    }

    static func insert(_ entry: AuditEntry, _ tx: Transaction) throws {
        try tx.execute(
            """
            INSERT INTO audit_log (last_overwrites, \(shape.stored)) VALUES ($1, \(shape.placeholders(from: 2)))
            """, [entry.lastOverwrites.map { JSON.array($0.map(stored)).text }] + shape.values(of: entry))
    }

    /// What counted in the deleted ones of these channels when they were deleted. Uses `audit_log_of_deleted_channels`.
    static func lastOverwrites(
        of channels: Set<ChannelID>, _ tx: Transaction
    ) throws -> [ChannelID: [PermissionOverwrite]] {
        var result: [ChannelID: [PermissionOverwrite]] = [:]
        for channel in channels {
            let text = try tx.first(
                "SELECT last_overwrites FROM audit_log WHERE channel_id = $1 AND last_overwrites IS NOT NULL",
                [channel]
            ) { $0.text(0) }
            result[channel] = text.flatMap(JSON.init(text:))?.array?.compactMap(overwrite)
        }
        return result
    }

    private static func stored(_ overwrite: PermissionOverwrite) -> JSON {
        .array([
            .string(overwrite.subject.kind), .integer(overwrite.subject.number), .integer(overwrite.allow.rawValue),
            .integer(overwrite.deny.rawValue),
        ])
    }

    private static func overwrite(_ json: JSON) -> PermissionOverwrite? {
        guard let fields = json.array, fields.count == 4, let number = fields[1].integer,
            let allow = fields[2].integer, let deny = fields[3].integer
        else { return nil }
        let isRole = fields[0].string == "role"
        return PermissionOverwrite(
            isRole ? .role(RoleID(rawValue: number)) : .member(UserID(rawValue: number)),
            allow: PermissionSet(rawValue: allow), deny: PermissionSet(rawValue: deny))
    }

    /// Newest first. Uses `audit_log_by_server`.
    static func entries(of server: ServerID, _ page: AuditLog.Page, _ tx: Transaction) throws -> [AuditEntry] {
        try tx.all(
            """
            SELECT \(shape.columns) FROM audit_log
            WHERE server_id = $1 AND id < $2 AND (action = $3 OR $3 = '') AND (user_id = $4 OR $4 = 0)
            ORDER BY id DESC LIMIT $5
            """,
            [
                server, page.before?.rawValue ?? .max, page.action?.rawValue ?? "", page.user?.rawValue ?? 0,
                page.limit,
            ], as: shape)
    }

    // MARK: About a person

    private static let exportedEntries = 10_000

    /// What was done to somebody, without who did it and who else is concerned.
    static func written(about user: UserID, _ tx: Transaction) throws -> [JSON] {
        try tx.all(
            """
            SELECT id, server_id, action, changes, reason, created_at FROM audit_log
            WHERE target_id = $1 AND target_type = 'user' ORDER BY id DESC LIMIT $2
            """, [user, exportedEntries]
        ) { row in
            .object([
                "id": .string(String(row.integer(0))), "server_id": .string(String(row.integer(1))),
                "action": .string(row.text(2)), "changes": AuditChanges.withoutOthers(row.text(3)),
                "reason": row.textOrNil(4).map { .string($0) } ?? .null,
                "created_at": .integer(row.timestamp(5).seconds),
            ])
        }
    }

    /// Entries about somebody keep what was done and lose how they were called and why.
    static func makeAnonymous(about user: UserID, _ tx: Transaction) throws {
        let entries = try tx.all(
            "SELECT id, changes FROM audit_log WHERE target_id = $1 AND target_type = 'user'", [user]
        ) { ($0.integer(0), $0.text(1)) }
        for (id, changes) in entries {
            try tx.execute(
                "UPDATE audit_log SET changes = $2, reason = NULL WHERE id = $1",
                [id, AuditChanges.withoutNames(changes)])
        }
    }
}
