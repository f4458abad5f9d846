import Database
import Kernel

enum SessionStore {
    static func insert(_ login: NewLogin, expiresAt: Timestamp, _ tx: Transaction) throws {
        try tx.execute(
            """
            INSERT INTO sessions (id, user_id, token_hash, ip_address, user_agent, created_at, last_activity, expires_at)
            VALUES ($1, $2, $3, $4, $5, $6, $6, $7)
            """,
            [login.id, login.user, login.tokenHash, login.address, login.userAgent, tx.now, expiresAt])
    }

    private static let shape = RowShape<Login> { row in
        Login(
            id: row["id"], user: row["user_id"], address: row["ip_address"], userAgent: row["user_agent"],
            createdAt: row["created_at"], lastActivity: row["last_activity"], expiresAt: row["expires_at"],
            confirmedAt: row["COALESCE(confirmed_at, created_at)"])
    }

    private static let columns = shape.columns

    /// The login with its user's standing on the instance.
    static func login(
        withTokenHash hash: [UInt8], _ tx: Transaction
    ) throws -> (login: Login, isAdmin: Bool, tier: Tier)? {
        guard let login = try tx.first("SELECT \(columns) FROM sessions WHERE token_hash = $1", [hash], as: shape)
        else {
            return nil
        }
        return try tx.first("SELECT is_admin, tier FROM users WHERE id = $1", [login.user]) { row in
            (login, row.bool(0), Tier(rawValue: row.text(1)) ?? .standard)
        }
    }

    static func login(_ id: SessionID, _ tx: Transaction) throws -> Login? {
        try tx.first("SELECT \(columns) FROM sessions WHERE id = $1", [id], as: shape)
    }

    /// The user's logins that have not run out, the newest first.
    static func logins(of user: UserID, _ tx: Transaction) throws -> [Login] {
        try tx.all(
            "SELECT \(columns) FROM sessions WHERE user_id = $1 AND expires_at > $2 ORDER BY id DESC", [user, tx.now],
            as: shape)
    }

    static func alive(among ids: [SessionID], _ tx: Transaction) throws -> [SessionID] {
        try tx.all("SELECT id FROM sessions WHERE id = ANY ($1) AND expires_at > $2", [SQLList(ids), tx.now]) {
            $0.id(0)
        }
    }

    static func use(_ id: SessionID, expiresAt: Timestamp, _ tx: Transaction) throws {
        try tx.execute(
            "UPDATE sessions SET last_activity = $2, expires_at = $3 WHERE id = $1", [id, tx.now, expiresAt])
    }

    static func confirm(_ id: SessionID, _ tx: Transaction) throws {
        try tx.execute("UPDATE sessions SET confirmed_at = $2 WHERE id = $1", [id, tx.now])
    }

    /// - Returns: false when the login has another token by now, or has ended.
    static func replaceToken(
        _ old: [UInt8], of id: SessionID, with new: [UInt8], expiresAt: Timestamp, _ tx: Transaction
    ) throws -> Bool {
        try tx.count(
            """
            UPDATE sessions SET token_hash = $3, last_activity = $4, expires_at = $5
            WHERE id = $1 AND token_hash = $2 RETURNING id
            """,
            [id, old, new, tx.now, expiresAt]) == 1
    }

    static func delete(_ ids: [SessionID], _ tx: Transaction) throws {
        for id in ids { try tx.execute("DELETE FROM sessions WHERE id = $1", [id]) }
    }

    /// Removes at most `limit` logins that have run out.
    static func deleteExpired(limit: Int, _ tx: Transaction) throws {
        try tx.execute(
            "DELETE FROM sessions WHERE id IN (SELECT id FROM sessions WHERE expires_at <= $1 LIMIT $2)",
            [tx.now, limit])
    }
}
