import Database
import Kernel

package enum RoleStore {
    private static let shape = RowShape<Role> { row in
        Role(
            id: row["id", \.id], server: row["server_id", \.server], name: row["name", \.name],
            color: row["color", \.color], position: row["position", \.position],
            permissions: row["permissions", \.permissions], hoist: row["hoist", \.hoist],
            mentionable: row["mentionable", \.mentionable], isDefault: row["is_default", \.isDefault])
    }

    private static let columns = shape.columns(of: "r")

    static func insert(_ role: Role, _ tx: Transaction) throws {
        try tx.execute("INSERT INTO roles (\(shape.stored)) VALUES (\(shape.placeholders))", shape.values(of: role))
    }

    package static func roles(of server: ServerID, _ tx: Transaction) throws -> [Role] {
        try tx.all(
            "SELECT \(columns) FROM roles r WHERE r.server_id = $1 ORDER BY r.position, r.id", [server], as: shape)
    }

    /// Those of several servers, in each by their places.
    static func roles(of servers: [ServerID], _ tx: Transaction) throws -> [Role] {
        guard !servers.isEmpty else { return [] }
        return try tx.all(
            "SELECT \(columns) FROM roles r WHERE r.server_id = ANY ($1) ORDER BY r.position, r.id",
            [SQLList(servers)], as: shape)
    }

    /// @everyone and the roles that a member has.
    static func roles(of member: UserID, in server: ServerID) -> Query<[Role]> {
        .all(
            """
            SELECT \(columns) FROM roles r
            WHERE r.server_id = $1 AND (r.is_default OR r.id IN (
                SELECT role_id FROM member_roles WHERE server_id = $1 AND user_id = $2))
            """,
            [server, member], as: shape)
    }

    static func role(_ id: RoleID, of server: ServerID, _ tx: Transaction) throws -> Role? {
        try tx.first("SELECT \(columns) FROM roles r WHERE r.id = $1 AND r.server_id = $2", [id, server], as: shape)
    }

    static func update(_ role: Role, _ tx: Transaction) throws {
        try tx.execute(
            "UPDATE roles SET name = $2, color = $3, permissions = $4, hoist = $5, mentionable = $6 WHERE id = $1",
            [role.id, role.name, role.color, role.permissions, role.hoist, role.mentionable])
    }

    static func setPosition(_ position: Int, of role: RoleID, _ tx: Transaction) throws {
        try tx.execute("UPDATE roles SET position = $2 WHERE id = $1", [role, position])
    }

    /// Moves all roles but @everyone up, so that 1 is free.
    static func makeRoom(in server: ServerID, _ tx: Transaction) throws {
        try tx.execute("UPDATE roles SET position = position + 1 WHERE server_id = $1 AND NOT is_default", [server])
    }

    /// Takes a role from all who have it.
    static func take(_ role: Role, _ tx: Transaction) throws {
        try tx.execute("DELETE FROM member_roles WHERE role_id = $1", [role.id])
    }

    /// Ends a role, with its overwrites; the roles above it close up. That members have it says nothing afterwards, and is left
    /// to `take`.
    static func delete(_ role: Role, _ tx: Transaction) throws {
        try tx.execute(
            """
            DELETE FROM overwrites WHERE subject_id = $1
                AND channel_id IN (SELECT id FROM channels WHERE server_id = $2 AND type <> 'thread')
            """,
            [role.id, role.server])
        try tx.execute("DELETE FROM roles WHERE id = $1", [role.id])
        try tx.execute(
            "UPDATE roles SET position = position - 1 WHERE server_id = $1 AND position > $2",
            [role.server, role.position])
    }
}
