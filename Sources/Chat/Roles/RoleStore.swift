import Database
import Kernel

enum RoleStore {
    private static let columns: StaticSQL =
        "r.id, r.server_id, r.name, r.color, r.position, r.permissions, r.hoist, r.mentionable, r.is_default"

    private static func role(_ row: SQLRow) -> Role {
        Role(
            id: row.id(0), server: row.id(1), name: row.text(2), color: row.textOrNil(3), position: row.int(4),
            permissions: row.permissions(5), hoist: row.bool(6), mentionable: row.bool(7), isDefault: row.bool(8))
    }

    static func insert(_ role: Role, _ tx: Transaction) throws {
        try tx.execute(
            """
            INSERT INTO roles (id, server_id, name, color, position, permissions, hoist, mentionable, is_default)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
            """,
            [
                role.id, role.server, role.name, role.color, role.position, role.permissions, role.hoist,
                role.mentionable, role.isDefault,
            ])
    }

    static func roles(of server: ServerID, _ tx: Transaction) throws -> [Role] {
        try tx.all(
            "SELECT \(columns) FROM roles r WHERE r.server_id = $1 ORDER BY r.position, r.id", [server], role)
    }

    /// @everyone and the roles that a member has.
    static func roles(of member: UserID, in server: ServerID, _ tx: Transaction) throws -> [Role] {
        try tx.all(
            """
            SELECT \(columns) FROM roles r
            WHERE r.server_id = $1 AND (r.is_default OR r.id IN (
                SELECT role_id FROM member_roles WHERE server_id = $1 AND user_id = $2))
            """,
            [server, member], role)
    }
}
