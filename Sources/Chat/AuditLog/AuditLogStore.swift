import Database
import Kernel

enum AuditLogStore {
    static func insert(_ entry: AuditEntry, _ tx: Transaction) throws {
        try tx.execute(
            """
            INSERT INTO audit_log
                (id, server_id, user_id, action, target_type, target_id, changes, reason, created_at, channel_id,
                last_overwrites)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
            """,
            [
                entry.id, entry.server, entry.user, entry.action.rawValue, entry.target?.kind.rawValue,
                entry.target?.id, JSON.object(entry.changes).text, entry.reason, entry.createdAt,
                entry.target?.channel, entry.lastOverwrites.map { JSON.array($0.map(stored)).text },
            ])
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
            SELECT id, server_id, user_id, action, target_type, target_id, changes, reason, created_at, channel_id
            FROM audit_log
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
                AuditTarget(kind: $0, id: row.integerOrNil(5), channel: row.idOrNil(9))
            }
            return AuditEntry(
                id: row.id(0), server: row.id(1), user: row.id(2), action: action, target: target,
                changes: JSON(text: row.text(6))?.object ?? [:], reason: row.textOrNil(7),
                createdAt: row.timestamp(8))
        }.compactMap { $0 }
    }
}
