import Database
import Features
import Kernel

enum BanStore {
    private static let shape = RowShape<Ban> { row in
        Ban(
            server: row["server_id", \.server], user: row["user_id", \.user], username: row["u.username"],
            bannedBy: row["banned_by", \.bannedBy], reason: row["reason", \.reason],
            createdAt: row["created_at", \.createdAt], expiresAt: row["expires_at", \.expiresAt])
    }

    private static let columns = shape.columns(of: "b")

    /// - Parameter deleteAfter: the user's messages with greater ids go.
    static func set(_ ban: Ban, deleteAfter: MessageID?, _ tx: Transaction) throws {
        try tx.execute(
            """
            INSERT INTO bans (delete_after, \(shape.stored)) VALUES ($1, \(shape.placeholders(from: 2)))
            ON CONFLICT (server_id, user_id) DO UPDATE SET banned_by = excluded.banned_by, reason = excluded.reason,
                expires_at = excluded.expires_at, delete_after = excluded.delete_after
            """, [deleteAfter] + shape.values(of: ban))
    }

    static func delete(_ user: UserID, from server: ServerID, _ tx: Transaction) throws {
        try tx.execute("DELETE FROM bans WHERE server_id = $1 AND user_id = $2", [server, user])
    }

    static func ban(of user: UserID, from server: ServerID, _ tx: Transaction) throws -> Ban? {
        try tx.first(
            """
            SELECT \(columns) FROM bans b JOIN users u ON u.id = b.user_id WHERE b.server_id = $1 AND b.user_id = $2
            """, [server, user], as: shape)
    }

    /// Uses `bans_by_user`.
    static func bans(of user: UserID, _ tx: Transaction) throws -> [Ban] {
        try tx.all(
            "SELECT \(columns) FROM bans b JOIN users u ON u.id = b.user_id WHERE b.user_id = $1", [user], as: shape)
    }

    static func count(of server: ServerID, _ tx: Transaction) throws -> Int {
        try tx.first("SELECT COUNT(*) FROM bans WHERE server_id = $1", [server]) { $0.int(0) } ?? 0
    }

    static func bans(of server: ServerID, after: UserID?, limit: Int, _ tx: Transaction) throws -> [Ban] {
        try tx.all(
            """
            SELECT \(columns) FROM bans b JOIN users u ON u.id = b.user_id
            WHERE b.server_id = $1 AND b.user_id > $2 AND (b.expires_at IS NULL OR b.expires_at > $3)
            ORDER BY b.user_id LIMIT $4
            """,
            [server, after?.rawValue ?? 0, tx.now, limit], as: shape)
    }

    private static let setAsideName: StaticSQL = "CAST(b.server_id AS TEXT) || ':' || CAST(b.user_id AS TEXT)"

    /// Some that have run out. Uses `bans_by_expiry`.
    static func expired(limit: Int, _ tx: Transaction) throws -> [Ban] {
        try tx.all(
            """
            SELECT \(columns) FROM bans b JOIN users u ON u.id = b.user_id
            WHERE b.expires_at <= $1 AND \(SetAsideStore.none(of: .ban, setAsideName)) LIMIT $2
            """, [tx.now, limit], as: shape)
    }

    /// A ban whose messages are still to be deleted. Uses `bans_with_messages`.
    static func unfinished(
        of user: UserID?, from server: ServerID?, _ tx: Transaction
    ) throws -> (server: ServerID, user: UserID, after: MessageID)? {
        try tx.first(
            """
            SELECT b.server_id, b.user_id, b.delete_after FROM bans b
            WHERE b.delete_after IS NOT NULL AND (b.server_id = $2 OR $2 = 0) AND (b.user_id = $3 OR $3 = 0)
                AND \(SetAsideStore.none(of: .banMessages, setAsideName)) LIMIT 1
            """,
            [tx.now, server?.rawValue ?? 0, user?.rawValue ?? 0]
        ) { ($0.id(0), $0.id(1), $0.id(2)) }
    }

    static func finish(_ user: UserID, from server: ServerID, _ tx: Transaction) throws {
        try tx.execute(
            "UPDATE bans SET delete_after = NULL WHERE server_id = $1 AND user_id = $2", [server, user])
    }
}
