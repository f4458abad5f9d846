import Database
import Kernel

enum InviteStore {
    private static let columns: StaticSQL = """
        code, server_id, channel_id, inviter_id, uses, max_uses, max_age, temporary, created_at, expires_at
        """

    private static func invite(_ row: SQLRow) -> Invite {
        Invite(
            code: row.text(0), server: row.id(1), channel: row.id(2), inviter: row.id(3), uses: row.int(4),
            maxUses: row.int(5), maxAge_s: row.int(6), temporary: row.bool(7), createdAt: row.timestamp(8),
            expiresAt: row.timestampOrNil(9))
    }

    static func insert(_ invite: Invite, _ tx: Transaction) throws {
        try tx.execute(
            "INSERT INTO invites (\(columns)) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
            [
                invite.code, invite.server, invite.channel, invite.inviter, invite.uses, invite.maxUses,
                invite.maxAge_s, invite.temporary, invite.createdAt, invite.expiresAt,
            ])
    }

    static func invite(_ code: String, _ tx: Transaction) throws -> Invite? {
        try tx.first("SELECT \(columns) FROM invites WHERE code = $1", [code], invite)
    }

    /// The invites of a server that can still be used, the newest first.
    static func invites(of server: ServerID, _ tx: Transaction) throws -> [Invite] {
        try tx.all(
            """
            SELECT \(columns) FROM invites
            WHERE server_id = $1 AND (expires_at IS NULL OR expires_at > $2) AND (max_uses = 0 OR uses < max_uses)
            ORDER BY created_at DESC, code
            """,
            [server, tx.now], invite)
    }

    /// Uses `invites_by_inviter`.
    static func invites(by inviter: UserID, _ tx: Transaction) throws -> [Invite] {
        try tx.all("SELECT \(columns) FROM invites WHERE inviter_id = $1 ORDER BY code", [inviter], invite)
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
