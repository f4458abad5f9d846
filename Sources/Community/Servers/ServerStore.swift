import Database
import Features
import Files
import Kernel

package enum ServerStore {
    private static let shape = RowShape<Server> { row in
        Server(
            id: row["id", \.id], name: row["name", \.name], description: row["description", \.description],
            owner: row["owner_id", \.owner], memberCount: row["member_count", \.memberCount],
            defaultChannel: row["default_channel_id", \.defaultChannel], icon: row["icon_id"],
            afkChannel: row["afk_channel_id", \.afkChannel], afkTimeout_s: row["afk_timeout_seconds", \.afkTimeout_s],
            createdAt: row["created_at", \.createdAt])
    }

    private static let columns = shape.columns(of: "s")

    private static let seen = RowShape<(server: Server, member: UserID?)> { row in
        (try row.part(shape, of: "s"), row["m.user_id"])
    }

    static func insert(_ server: Server, _ tx: Transaction) throws {
        try tx.execute(
            "INSERT INTO servers (\(shape.stored)) VALUES (\(shape.placeholders))", shape.values(of: server))
    }

    package static func server(_ id: ServerID, _ tx: Transaction) throws -> Server? {
        try tx.first(
            "SELECT \(columns) FROM servers s WHERE s.id = $1 AND s.deleted_at IS NULL", [id], as: shape)
    }

    /// The server, and whether the user is in it.
    static func server(
        _ id: ServerID, asSeenBy user: UserID
    ) -> Query<(server: Server, isMember: Bool)?> {
        Query.first(
            """
            SELECT \(seen.columns) FROM servers s
                LEFT JOIN members m ON m.server_id = s.id AND m.user_id = $2
            WHERE s.id = $1 AND s.deleted_at IS NULL
            """,
            [id, user], as: seen
        ).map { found in found.map { ($0.server, $0.member != nil) } }
    }

    /// The servers that a user is in, the oldest first. Uses `members_by_user`.
    package static func servers(of user: UserID, _ tx: Transaction) throws -> [Server] {
        try tx.all(
            """
            SELECT \(columns) FROM members m JOIN servers s ON s.id = m.server_id
            WHERE m.user_id = $1 AND s.deleted_at IS NULL ORDER BY s.id
            """,
            [user], as: shape)
    }

    /// In how many servers somebody is. Uses `members_by_user`.
    package static func count(of user: UserID, _ tx: Transaction) throws -> Int {
        try tx.first(
            """
            SELECT COUNT(*) FROM members m JOIN servers s ON s.id = m.server_id
            WHERE m.user_id = $1 AND s.deleted_at IS NULL
            """, [user]
        ) { $0.int(0) } ?? 0
    }

    /// Of those that are there.
    static func memberCounts(of servers: [ServerID], _ tx: Transaction) throws -> [ServerID: Int] {
        let counts = try tx.all(
            "SELECT id, member_count FROM servers WHERE id = ANY ($1) AND deleted_at IS NULL", [SQLList(servers)]
        ) { ($0.id(0, ServerID.self), $0.int(1)) }
        return Dictionary(uniqueKeysWithValues: counts)
    }

    /// Where those are brought who are away, in those servers that have such a channel.
    static func afkRooms(of servers: [ServerID], _ tx: Transaction) throws -> [ServerID: AFKRoom] {
        let rooms = try tx.all(
            """
            SELECT id, afk_channel_id, afk_timeout_seconds FROM servers
            WHERE id = ANY ($1) AND afk_channel_id IS NOT NULL AND deleted_at IS NULL
            """, [SQLList(servers)]
        ) { ($0.id(0, ServerID.self), AFKRoom(channel: $0.id(1), timeout_s: $0.int(2))) }
        return Dictionary(uniqueKeysWithValues: rooms)
    }

    static func update(_ server: Server, _ tx: Transaction) throws {
        try tx.execute(
            """
            UPDATE servers SET name = $2, description = $3, owner_id = $4, default_channel_id = $5, afk_channel_id = $6,
                afk_timeout_seconds = $7
            WHERE id = $1
            """,
            [
                server.id, server.name, server.description, server.owner, server.defaultChannel, server.afkChannel,
                server.afkTimeout_s,
            ])
    }

    static func setIcon(_ blob: BlobID?, of server: ServerID, _ tx: Transaction) throws {
        try tx.execute("UPDATE servers SET icon_id = $2 WHERE id = $1", [server, blob])
    }

    static func changeMemberCount(of server: ServerID, by difference: Int, _ tx: Transaction) throws {
        try tx.execute(
            "UPDATE servers SET member_count = member_count + $2 WHERE id = $1", [server, difference])
    }

    /// The server disappears at once; what belongs to it is removed step by step by the upkeep.
    package static func markDeleted(_ server: ServerID, _ features: FeatureList, _ tx: Transaction) throws {
        try tx.execute("UPDATE servers SET deleted_at = $2 WHERE id = $1", [server, tx.now])
        try features.serverDisappears(server, tx)
    }

    /// A deleted server whose channels are gone. Uses `servers_deleted`.
    static func deleted(_ tx: Transaction) throws -> ServerID? {
        try tx.first(
            """
            SELECT s.id FROM servers s WHERE s.deleted_at IS NOT NULL
                AND NOT EXISTS (SELECT 1 FROM channels c WHERE c.server_id = s.id)
                AND \(SetAsideStore.none(of: .server, "CAST(s.id AS TEXT)")) LIMIT 1
            """, [tx.now]
        ) { $0.id(0) }
    }

    static func delete(_ server: ServerID, _ tx: Transaction) throws {
        let icon = try tx.first("SELECT icon_id FROM servers WHERE id = $1", [server]) { $0.idOrNil(0, BlobID.self) }
        try tx.execute("DELETE FROM servers WHERE id = $1", [server])
        try Blobs.release(icon ?? nil, tx)
    }
}
