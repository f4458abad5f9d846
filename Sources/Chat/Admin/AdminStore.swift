import Community
import Database
import Features
import Kernel
import People

enum AdminStore {
    static func appoint(_ user: UserID, _ tx: Transaction) throws {
        try tx.execute("UPDATE users SET is_admin = $2 WHERE id = $1", [user, true])
    }

    static func dismiss(_ user: UserID, _ tx: Transaction) throws {
        try tx.execute("UPDATE users SET is_admin = $2 WHERE id = $1", [user, false])
    }

    static func setTier(_ tier: Tier, _ user: UserID, _ tx: Transaction) throws {
        try tx.execute("UPDATE users SET tier = $2 WHERE id = $1", [user, tier.rawValue])
    }

    static func accounts(_ tx: Transaction) throws -> [Administration.Account] { try accounts("", tx) }

    static func administrators(_ tx: Transaction) throws -> [Administration.Account] {
        try accounts("WHERE is_admin", tx)
    }

    private static let account = RowShape<Administration.Account> { row in
        Administration.Account(
            id: row["id"], username: row["username"], email: row["email"], isAdmin: row["is_admin"],
            hasTwoFactor: row["EXISTS (SELECT 1 FROM two_factor WHERE user_id = users.id AND is_confirmed)"],
            tier: Tier(rawValue: row["tier"]) ?? .standard)
    }

    private static func accounts(_ condition: StaticSQL, _ tx: Transaction) throws -> [Administration.Account] {
        try tx.all("SELECT \(account.columns) FROM users \(condition) ORDER BY id", as: account)
    }

    private static let namesAtATime = 1000

    /// By any part of the names or the address, or by id.
    static func users(matching text: String?, after: UserID?, limit: Int, _ tx: Transaction) throws -> [User] {
        let ids: [UserID] = try page(matching: text, after: after, limit: limit) { after, count in
            try tx.all(
                "SELECT id, username, display_name, email FROM users WHERE id > $1 ORDER BY id LIMIT $2",
                [after, count]
            ) { ($0.id(0), [$0.text(1), $0.textOrNil(2), $0.text(3)]) }
        }
        let users = try UserStore.users(ids, tx)
        return ids.compactMap { users[$0] }
    }

    /// By any part of the name, or by id.
    static func servers(matching text: String?, after: ServerID?, limit: Int, _ tx: Transaction) throws -> [Server] {
        let ids: [ServerID] = try page(matching: text, after: after, limit: limit) { after, count in
            try tx.all(
                "SELECT id, name FROM servers WHERE id > $1 AND deleted_at IS NULL ORDER BY id LIMIT $2",
                [after, count]
            ) { ($0.id(0), [$0.text(1)]) }
        }
        return try ids.compactMap { try ServerStore.server($0, tx) }
    }

    /// A page of what has a name, in the order of the ids.
    /// - Parameter read: the next after an id, so many of them.
    private static func page<Kind>(
        matching text: String?, after: Identifier<Kind>?, limit: Int,
        _ read: (Identifier<Kind>, Int) throws -> [(id: Identifier<Kind>, names: [String?])]
    ) throws -> [Identifier<Kind>] {
        var after = after ?? Identifier<Kind>(rawValue: 0)
        guard let text, !text.isEmpty else { return try read(after, limit).map(\.id) }
        let (query, number) = (NameQuery(text), Int64(text))
        var found: [Identifier<Kind>] = []
        while found.count < limit {
            let names = try read(after, namesAtATime)
            found += names.filter { query.matches($0.names) || $0.id.rawValue == number }.map(\.id)
            guard let last = names.last, names.count == namesAtATime else { break }
            after = last.id
        }
        return Array(found.prefix(limit))
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
            openReports: try ReportStore.openCount(tx), openTickets: try TicketStore.openCount(tx),
            setAside: try SetAsideStore.count(tx), clockStep: clockStep)
    }
}
