import Database
import Features
import Kernel
import People

package enum MemberStore {
    /// A member, to whom the roles are still missing.
    private static let shape = RowShape<Member> { row in
        Member(
            user: row["m.user_id"], username: row["u.username"], displayName: row["u.display_name"],
            avatar: row["u.avatar_id"], nickname: row["m.nickname"], roles: [], joinedAt: row["m.joined_at"],
            timeoutUntil: row["t.until"])
    }

    private static let columns = shape.columns

    private static let membership = RowShape<(server: ServerID, member: Member)> { row in
        (row["m.server_id"], try row.part(shape))
    }

    /// Members with their accounts and what they are under.
    private static let source: StaticSQL = """
        members m JOIN users u ON u.id = m.user_id
            LEFT JOIN moderation_states t
                ON t.server_id = m.server_id AND t.user_id = m.user_id AND t.kind = 'timeout'
        """

    /// What of a member stands in no row of its own: the roles, and whether they are pending.
    private static func completed(_ members: [Member], of server: ServerID, _ tx: Transaction) throws -> [Member] {
        let users = members.map(\.user)
        let roles = try roles(of: users, in: server, tx)
        let pending = try Newcomers.pending(among: users, in: server, tx)
        return members.map { member in
            var member = member
            member.roles = roles[member.user] ?? []
            member.isPending = pending.contains(member.user)
            return member
        }
    }

    static func insert(_ user: UserID, in server: ServerID, _ tx: Transaction) throws {
        try tx.execute(
            "INSERT INTO members (server_id, user_id, joined_at) VALUES ($1, $2, $3)", [server, user, tx.now])
    }

    static func setTemporary(_ user: UserID, in server: ServerID, _ tx: Transaction) throws {
        try tx.execute(
            "UPDATE members SET is_temporary = TRUE WHERE server_id = $1 AND user_id = $2", [server, user])
    }

    static func isTemporary(_ user: UserID, in server: ServerID, _ tx: Transaction) throws -> Bool {
        try tx.exists(
            "SELECT 1 FROM members WHERE server_id = $1 AND user_id = $2 AND is_temporary", [server, user])
    }

    /// Those who came by a temporary invite and were given no role. Uses `members_temporary`.
    static func temporary(_ tx: Transaction) throws -> [TemporaryMember] {
        try tx.all(
            """
            SELECT m.server_id, m.user_id, m.joined_at FROM members m WHERE m.is_temporary AND \(
                SetAsideStore.none(
                    of: .temporaryMember, "CAST(m.server_id AS TEXT) || ':' || CAST(m.user_id AS TEXT)"))
            ORDER BY m.server_id, m.user_id
            """, [tx.now]
        ) { TemporaryMember(server: $0.id(0), user: $0.id(1), joinedAt: $0.timestamp(2)) }
    }

    static func delete(_ user: UserID, from server: ServerID, _ tx: Transaction) throws {
        try tx.execute("DELETE FROM member_roles WHERE server_id = $1 AND user_id = $2", [server, user])
        try tx.execute("DELETE FROM members WHERE server_id = $1 AND user_id = $2", [server, user])
    }

    package static func isMember(_ user: UserID, of server: ServerID, _ tx: Transaction) throws -> Bool {
        try tx.exists("SELECT 1 FROM members WHERE server_id = $1 AND user_id = $2", [server, user])
    }

    /// Which of some users are members, in the order of their ids.
    package static func members(
        among users: some Collection<UserID>, of server: ServerID, _ tx: Transaction
    ) throws -> [UserID] {
        guard !users.isEmpty else { return [] }
        return try tx.all(
            "SELECT user_id FROM members WHERE server_id = $1 AND user_id = ANY ($2) ORDER BY user_id",
            [server, SQLList(users)]
        ) { $0.id(0) }
    }

    /// Some of a server's members, by their ids.
    package static func users(
        of server: ServerID, after: UserID?, limit: Int, _ tx: Transaction
    ) throws -> [UserID] {
        try tx.all(
            "SELECT user_id FROM members WHERE server_id = $1 AND user_id > $2 ORDER BY user_id LIMIT $3",
            [server, after?.rawValue ?? 0, limit]
        ) { $0.id(0) }
    }

    static func member(_ user: UserID, of server: ServerID, _ tx: Transaction) throws -> Member? {
        let found = try tx.first(
            """
            SELECT \(columns) FROM \(source)
            WHERE m.server_id = $1 AND m.user_id = $2
            """,
            [server, user], as: shape)
        return try found.flatMap { try completed([$0], of: server, tx).first }
    }

    /// Those of `users` that are members.
    package static func members(_ users: [UserID], of server: ServerID, _ tx: Transaction) throws -> [Member] {
        guard !users.isEmpty else { return [] }
        let found = try tx.all(
            """
            SELECT \(columns) FROM \(source)
            WHERE m.server_id = $1 AND m.user_id = ANY ($2) ORDER BY m.user_id
            """,
            [server, SQLList(users)], as: shape)
        return try completed(found, of: server, tx)
    }

    private static func roles(
        of users: [UserID], in server: ServerID, _ tx: Transaction
    ) throws -> [UserID: [RoleID]] {
        let pairs = try tx.all(
            """
            SELECT user_id, role_id FROM member_roles WHERE server_id = $1 AND user_id = ANY ($2)
            ORDER BY role_id
            """,
            [server, SQLList(users)]
        ) { ($0.id(0, UserID.self), $0.id(1, RoleID.self)) }
        return Dictionary(grouping: pairs, by: \.0).mapValues { $0.map(\.1) }
    }

    /// The servers that a user is in, with the user as member of each. Uses `members_by_user`.
    static func memberships(of user: UserID, _ tx: Transaction) throws -> [(server: ServerID, member: Member)] {
        let roles = Dictionary(
            grouping: try tx.all(
                """
                SELECT mr.server_id, mr.role_id FROM members m
                JOIN member_roles mr ON mr.server_id = m.server_id AND mr.user_id = m.user_id
                WHERE m.user_id = $1 ORDER BY mr.role_id
                """,
                [user]
            ) { ($0.id(0, ServerID.self), $0.id(1, RoleID.self)) }, by: \.0)
        let found = try tx.all(
            """
            SELECT \(membership.columns) FROM \(source)
            WHERE m.user_id = $1 ORDER BY m.server_id
            """,
            [user], as: membership)
        let guiding = try OnboardingStore.servers(found.map(\.server), tx)
        return try found.map { server, member in
            var member = member
            member.roles = (roles[server] ?? []).map(\.1)
            member.isPending =
                try guiding.contains(server) && !Newcomers.pending(among: [user], in: server, tx).isEmpty
            return (server, member)
        }
    }

    static func update(_ member: Member, of server: ServerID, _ tx: Transaction) throws {
        try tx.execute(
            "UPDATE members SET nickname = $3, nickname_key = $4 WHERE server_id = $1 AND user_id = $2",
            [server, member.user, member.nickname, member.nickname.map(NameRules.key)])
        try ModerationStateStore.set(.timeout, until: member.timeoutUntil, of: member.user, in: server, tx)
    }

    static func setRoles(_ roles: [RoleID], of user: UserID, in server: ServerID, _ tx: Transaction) throws {
        try tx.execute("DELETE FROM member_roles WHERE server_id = $1 AND user_id = $2", [server, user])
        if !roles.isEmpty {
            // Whoever is given a role is there to stay.
            try tx.execute(
                "UPDATE members SET is_temporary = FALSE WHERE server_id = $1 AND user_id = $2 AND is_temporary",
                [server, user])
        }
        for role in roles {
            try tx.execute(
                "INSERT INTO member_roles (server_id, user_id, role_id) VALUES ($1, $2, $3)", [server, user, role])
        }
    }

    /// Uses `members_by_user`.
    static func shareServer(_ one: UserID, _ other: UserID, _ tx: Transaction) throws -> Bool {
        try tx.exists(
            """
            SELECT 1 FROM members a JOIN members b ON b.server_id = a.server_id AND b.user_id = $2
            WHERE a.user_id = $1 LIMIT 1
            """, [one, other])
    }

    /// Servers that both are in, the oldest first. Uses `members_by_user`.
    static func mutualServers(of one: UserID, and other: UserID, limit: Int, _ tx: Transaction) throws -> [ServerID] {
        try tx.all(
            """
            SELECT a.server_id FROM members a JOIN members b ON b.server_id = a.server_id AND b.user_id = $2
            WHERE a.user_id = $1 ORDER BY a.server_id LIMIT $3
            """, [one, other, limit]
        ) { $0.id(0) }
    }

    package static func joinedAt(_ user: UserID, _ server: ServerID, _ tx: Transaction) throws -> Timestamp? {
        try tx.first(
            "SELECT joined_at FROM members WHERE server_id = $1 AND user_id = $2", [server, user]
        ) { $0.timestamp(0) }
    }

    /// When some people came to a server.
    static func joined(
        _ server: ServerID, among users: [UserID], _ tx: Transaction
    ) throws -> [UserID: Timestamp] {
        let rows = try tx.all(
            "SELECT user_id, joined_at FROM members WHERE server_id = $1 AND user_id = ANY ($2)",
            [server, SQLList(users)]
        ) { ($0.id(0, UserID.self), $0.timestamp(1)) }
        return Dictionary(uniqueKeysWithValues: rows)
    }

    /// The roles that somebody has, in all servers. Uses `members_by_user`.
    package static func roles(of user: UserID, _ tx: Transaction) throws -> [RoleID] {
        try tx.all(
            """
            SELECT mr.role_id FROM members m
                JOIN member_roles mr ON mr.server_id = m.server_id AND mr.user_id = m.user_id
            WHERE m.user_id = $1 ORDER BY mr.role_id
            """, [user]
        ) { $0.id(0) }
    }

    /// Who has which roles, of some people; of all people, some roles alone. Uses `member_roles_by_role`, and else the primary key.
    static func holders(
        of roles: [RoleID], in server: ServerID, within scope: Standings.Scope, _ tx: Transaction
    ) throws -> [(user: UserID, role: RoleID)] {
        guard !roles.isEmpty else { return [] }
        let entry = { (row: SQLRow) in (row.id(0, UserID.self), row.id(1, RoleID.self)) }
        switch scope {
        case .all:
            return try tx.all(
                "SELECT user_id, role_id FROM member_roles WHERE role_id = ANY ($1)", [SQLList(roles)], entry)
        case .having(let role):
            return try tx.all(
                """
                SELECT mr.user_id, mr.role_id FROM member_roles h
                    JOIN member_roles mr ON mr.server_id = h.server_id AND mr.user_id = h.user_id
                WHERE h.role_id = $1
                """, [role], entry)
        case .users(let users):
            return try tx.all(
                "SELECT user_id, role_id FROM member_roles WHERE server_id = $1 AND user_id = ANY ($2)",
                [server, SQLList(users)], entry)
        }
    }

    /// Those who have a role. Uses `member_roles_by_role`.
    package static func holders(of role: RoleID, limit: Int = .max, _ tx: Transaction) throws -> [UserID] {
        try tx.all("SELECT user_id FROM member_roles WHERE role_id = $1 LIMIT $2", [role, limit]) { $0.id(0) }
    }

    static func roles(of user: UserID, in server: ServerID, _ tx: Transaction) throws -> [RoleID] {
        try roles(of: [user], in: server, tx)[user] ?? []
    }

    static func users(of server: ServerID, _ tx: Transaction) throws -> [UserID] {
        try tx.all("SELECT user_id FROM members WHERE server_id = $1", [server]) { $0.id(0) }
    }

    /// Who stands highest after the owner, and of those the one who came first. Bots own nothing.
    static func heir(of server: ServerID, besides owner: UserID, _ tx: Transaction) throws -> UserID? {
        try tx.first(
            """
            SELECT m.user_id FROM members m JOIN users u ON u.id = m.user_id
                LEFT JOIN member_roles mr ON mr.server_id = m.server_id AND mr.user_id = m.user_id
                LEFT JOIN roles r ON r.id = mr.role_id
            WHERE m.server_id = $1 AND m.user_id <> $2 AND NOT u.is_bot
            GROUP BY m.user_id, m.joined_at ORDER BY COALESCE(MAX(r.position), 0) DESC, m.joined_at, m.user_id LIMIT 1
            """, [server, owner]
        ) { $0.id(0) }
    }

    static func serverCount(of user: UserID, _ tx: Transaction) throws -> Int {
        try tx.first("SELECT COUNT(*) FROM members WHERE user_id = $1", [user]) { $0.int(0) } ?? 0
    }

    static func deleteAll(of server: ServerID, _ tx: Transaction) throws {
        try tx.execute("DELETE FROM member_roles WHERE server_id = $1", [server])
        try tx.execute("DELETE FROM members WHERE server_id = $1", [server])
    }
}
