import Database
import Kernel

enum InviteStore {
    private static let shape = RowShape<Invite> { row in
        Invite(
            code: row["code", \.code], server: row["server_id", \.server], channel: row["channel_id", \.channel],
            inviter: row["inviter_id", \.inviter], uses: row["uses", \.uses], maxUses: row["max_uses", \.maxUses],
            maxAge_s: row["max_age", \.maxAge_s], temporary: row["temporary", \.temporary],
            createdAt: row["created_at", \.createdAt], expiresAt: row["expires_at", \.expiresAt])
    }

    private static let columns = shape.columns

    static func insert(_ invite: Invite, _ tx: Transaction) throws {
        try tx.execute(
            "INSERT INTO invites (\(shape.stored)) VALUES (\(shape.placeholders))", shape.values(of: invite))
    }

    static func invite(_ code: String, _ tx: Transaction) throws -> Invite? {
        try tx.first("SELECT \(columns) FROM invites WHERE code = $1", [code], as: shape)
    }

    /// The invites of a server that can still be used, the newest first.
    static func invites(of server: ServerID, _ tx: Transaction) throws -> [Invite] {
        try tx.all(
            """
            SELECT \(columns) FROM invites
            WHERE server_id = $1 AND (expires_at IS NULL OR expires_at > $2) AND (max_uses = 0 OR uses < max_uses)
            ORDER BY created_at DESC, code
            """,
            [server, tx.now], as: shape)
    }

    /// Uses `invites_by_inviter`.
    static func invites(by inviter: UserID, _ tx: Transaction) throws -> [Invite] {
        try tx.all("SELECT \(columns) FROM invites WHERE inviter_id = $1 ORDER BY code", [inviter], as: shape)
    }

    static func use(_ code: String, _ tx: Transaction) throws {
        try tx.execute("UPDATE invites SET uses = uses + 1 WHERE code = $1", [code])
    }

    static func delete(_ code: String, _ tx: Transaction) throws {
        try tx.execute("DELETE FROM invites WHERE code = $1", [code])
    }

    /// Removes at most `limit` invites that have run out.
    static func deleteExpired(limit: Int, _ tx: Transaction) throws {
        let codes = try tx.all(
            "DELETE FROM invites WHERE code IN (SELECT code FROM invites WHERE expires_at <= $1 LIMIT $2) RETURNING code",
            [tx.now, limit]
        ) { $0.text(0) }
        try Notifications.withdraw(invites: codes, tx)
    }

    /// - Returns: the codes that end.
    static func deleteAll(to channel: ChannelID, _ tx: Transaction) throws -> [String] {
        try tx.all("DELETE FROM invites WHERE channel_id = $1 RETURNING code", [channel]) { $0.text(0) }
    }

    /// - Returns: the codes that end.
    static func deleteAll(to server: ServerID, _ tx: Transaction) throws -> [String] {
        try tx.all("DELETE FROM invites WHERE server_id = $1 RETURNING code", [server]) { $0.text(0) }
    }
}
