import Database
import Kernel

enum AdminStore {
    static func setAdmin(_ isAdmin: Bool, _ user: UserID, _ tx: Transaction) throws {
        try tx.execute("UPDATE users SET is_admin = $2 WHERE id = $1", [user, isAdmin])
    }

    static func setTier(_ tier: Tier, _ user: UserID, _ tx: Transaction) throws {
        try tx.execute("UPDATE users SET tier = $2 WHERE id = $1", [user, tier.rawValue])
    }

    static func accounts(adminsOnly: Bool, _ tx: Transaction) throws -> [Administration.Account] {
        let condition: StaticSQL = adminsOnly ? "WHERE is_admin" : ""
        return try tx.all(
            """
            SELECT id, username, email, is_admin,
                EXISTS (SELECT 1 FROM two_factor WHERE user_id = users.id AND is_confirmed), tier
            FROM users \(condition) ORDER BY id
            """
        ) { row in
            Administration.Account(
                id: row.id(0), username: row.text(1), email: row.text(2), isAdmin: row.bool(3),
                hasTwoFactor: row.bool(4), tier: Tier(rawValue: row.text(5)) ?? .standard)
        }
    }

    /// By the beginning of the name or the address, or by id.
    static func users(matching text: String?, after: UserID?, limit: Int, _ tx: Transaction) throws -> [User] {
        let pattern = MemberStore.escaped(NameRules.key(text ?? "")) + "%"
        let ids = try tx.all(
            """
            SELECT id FROM users WHERE id > $1
                AND (username_key LIKE $2 ESCAPE '\\' OR email_key LIKE $2 ESCAPE '\\' OR id = $3)
            ORDER BY id LIMIT $4
            """, [after?.rawValue ?? 0, pattern, text.flatMap { Int64($0) } ?? 0, limit]
        ) { $0.id(0, UserID.self) }
        let users = try UserStore.users(ids, tx)
        return ids.compactMap { users[$0] }
    }

    static func servers(matching text: String?, after: ServerID?, limit: Int, _ tx: Transaction) throws -> [Server] {
        let pattern = MemberStore.escaped((text ?? "").lowercased()) + "%"
        return try tx.all(
            """
            SELECT id FROM servers WHERE id > $1 AND deleted_at IS NULL AND (LOWER(name) LIKE $2 ESCAPE '\\' OR id = $3)
            ORDER BY id LIMIT $4
            """, [after?.rawValue ?? 0, pattern, text.flatMap { Int64($0) } ?? 0, limit]
        ) { $0.id(0, ServerID.self) }.compactMap { try ServerStore.server($0, tx) }
    }

    static func figures(_ clockStep: ClockStep?, _ tx: Transaction) throws -> InstanceFigures {
        func count(_ sql: StaticSQL, _ values: [any SQLBindable] = []) throws -> Int {
            try tx.first(sql, values) { $0.int(0) } ?? 0
        }
        let week = tx.now - .seconds(7 * 86_400)
        let day = MessageID(earliestAt: tx.now - .seconds(86_400))
        return InstanceFigures(
            users: try count("SELECT COUNT(*) FROM users WHERE deleted_at IS NULL AND NOT is_bot"),
            newUsers: try count("SELECT COUNT(*) FROM users WHERE created_at > $1 AND NOT is_bot", [week]),
            activeUsers: try count("SELECT COUNT(DISTINCT user_id) FROM sessions WHERE last_activity > $1", [week]),
            servers: try count("SELECT COUNT(*) FROM servers WHERE deleted_at IS NULL"),
            channels: try count("SELECT COUNT(*) FROM channels WHERE deleted_at IS NULL"),
            messages: try count("SELECT COUNT(*) FROM messages"),
            newMessages: try count("SELECT COUNT(*) FROM messages WHERE id > $1", [day]),
            openReports: try ReportStore.openCount(tx), clockStep: clockStep)
    }
}
