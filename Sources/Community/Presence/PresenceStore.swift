import Database
import Events
import Kernel

enum PresenceStore {
    static func choice(of user: UserID, _ tx: Transaction) throws -> PresenceChoice? {
        try tx.first(
            "SELECT status, custom_status, custom_emoji, expires_at FROM presences WHERE user_id = $1", [user]
        ) { choice($0) }
    }

    static func choices(of users: [UserID], _ tx: Transaction) throws -> [UserID: PresenceChoice] {
        let rows = try tx.all(
            """
            SELECT status, custom_status, custom_emoji, expires_at, user_id FROM presences WHERE user_id = ANY ($1)
            """, [SQLList(users)]
        ) { ($0.id(4, UserID.self), choice($0)) }
        return Dictionary(uniqueKeysWithValues: rows)
    }

    private static func choice(_ row: SQLRow) -> PresenceChoice {
        PresenceChoice(
            status: Presence.Status(rawValue: row.text(0)) ?? .online, customStatus: row.textOrNil(1),
            customEmoji: row.textOrNil(2), expiresAt: row.timestampOrNil(3))
    }

    /// - Parameter position: of the newest event.
    static func set(_ choice: PresenceChoice, of user: UserID, at position: Int64, _ tx: Transaction) throws {
        try tx.execute(
            """
            INSERT INTO presences (user_id, status, custom_status, custom_emoji, expires_at, chosen_position)
            VALUES ($1, $2, $3, $4, $5, $6)
            ON CONFLICT (user_id) DO UPDATE SET status = excluded.status, custom_status = excluded.custom_status,
                custom_emoji = excluded.custom_emoji, expires_at = excluded.expires_at,
                chosen_position = excluded.chosen_position
            """,
            [user, choice.status.rawValue, choice.customStatus, choice.customEmoji, choice.expiresAt, position])
    }

    /// What a user chose after an event, or what has run out since; nil if neither.
    static func choice(of user: UserID, chosenSince position: Int64, _ tx: Transaction) throws -> PresenceChoice? {
        let isNew = try tx.exists(
            """
            SELECT 1 FROM presences
            WHERE user_id = $1 AND (chosen_position >= $2 OR (expires_at <= $3 AND expires_at >= $4))
            """, [user, position, tx.now, try EventLog.moment(of: position, tx)])
        return isNew ? try choice(of: user, tx) : nil
    }

    // MARK: What others were told

    /// Others are about to be told that somebody is there.
    static func setShown(_ user: UserID, _ tx: Transaction) throws {
        try tx.execute(
            """
            INSERT INTO presences (user_id, status, is_shown) VALUES ($1, 'online', $2)
            ON CONFLICT (user_id) DO UPDATE SET is_shown = excluded.is_shown
            """, [user, true])
    }

    /// Others were told that somebody has gone.
    static func setGone(_ user: UserID, at position: Int64, _ tx: Transaction) throws {
        try tx.execute(
            "UPDATE presences SET is_shown = $2, gone_position = $3 WHERE user_id = $1", [user, false, position])
    }

    static func allHaveGone(at position: Int64, _ tx: Transaction) throws {
        try tx.execute("UPDATE presences SET is_shown = $1, gone_position = $2 WHERE is_shown", [false, position])
    }

    /// Somebody whose presence a session may have wrong.
    struct Seen: Sendable {
        let user: UserID
        let lastSeen: Timestamp?
        /// When they blocked the viewer.
        let blockedAt: Timestamp?
        /// When the newest event happened that the session heard.
        let heardAt: Timestamp
    }

    /// The friends of somebody, and the members of their servers that tell all presences, who are shown as being there or have
    /// gone after an event. Uses `members_by_user`.
    /// - Parameter shard: which of the servers count; nil for all.
    static func seen(
        by viewer: UserID, in shard: SessionShard?, since position: Int64, _ tx: Transaction
    ) throws -> [Seen] {
        let heardAt = try EventLog.moment(of: position, tx)
        return try tx.all(
            """
            SELECT p.user_id, p.last_seen, b.created_at FROM presences p
            LEFT JOIN relationships b ON b.user_id = p.user_id AND b.other_id = $1 AND b.status = 'blocked'
            WHERE (p.is_shown OR p.gone_position >= $2) AND p.user_id <> $1 AND p.user_id IN (
                SELECT other_id FROM relationships WHERE user_id = $1 AND status = 'friend'
                UNION
                SELECT o.user_id FROM members m JOIN servers s ON s.id = m.server_id
                    JOIN members o ON o.server_id = m.server_id
                WHERE m.user_id = $1 AND s.member_count <= $3 AND (s.id >> 22) % $4 = $5)
            ORDER BY p.user_id
            """,
            [viewer, position, Presences.largestChattyServer, Int(shard?.count ?? 1), Int(shard?.index ?? 0)]
        ) {
            Seen(
                user: $0.id(0), lastSeen: $0.timestampOrNil(1), blockedAt: $0.timestampOrNil(2), heardAt: heardAt)
        }
    }

    static func lastSeen(of user: UserID, _ tx: Transaction) throws -> Timestamp? {
        try tx.first("SELECT last_seen FROM presences WHERE user_id = $1", [user]) { $0.timestampOrNil(0) } ?? nil
    }

    static func setLastSeen(of user: UserID, _ tx: Transaction) throws {
        try tx.execute(
            """
            INSERT INTO presences (user_id, status, last_seen) VALUES ($1, 'online', $2)
            ON CONFLICT (user_id) DO UPDATE SET last_seen = excluded.last_seen
            """, [user, tx.now])
    }

    /// Whether two users are friends or in the same server. Uses `members_by_user`.
    static func areRelated(_ one: UserID, _ other: UserID, _ tx: Transaction) throws -> Bool {
        try tx.exists(
            """
            SELECT 1 FROM relationships WHERE user_id = $1 AND other_id = $2 AND status = 'friend'
            UNION ALL
            SELECT 1 FROM members a JOIN members b ON b.server_id = a.server_id AND b.user_id = $2 WHERE a.user_id = $1
            LIMIT 1
            """, [one, other])
    }

    /// Whether two users are in a server that tells all presences. Uses `members_by_user`.
    static func shareSmallServer(_ one: UserID, _ other: UserID, _ tx: Transaction) throws -> Bool {
        try tx.exists(
            """
            SELECT 1 FROM members a JOIN members b ON b.server_id = a.server_id AND b.user_id = $2
            JOIN servers s ON s.id = a.server_id WHERE a.user_id = $1 AND s.member_count <= $3 LIMIT 1
            """, [one, other, Presences.largestChattyServer])
    }

    /// How many members are shown as being there, of each server that has any. Uses `presences_shown`, `members_by_user`.
    static func onlineCounts(in servers: [ServerID], _ tx: Transaction) throws -> [ServerID: Int] {
        guard !servers.isEmpty else { return [:] }
        let counts = try tx.all(
            """
            SELECT m.server_id, COUNT(*) FROM presences p JOIN members m ON m.user_id = p.user_id
            WHERE p.is_shown AND m.server_id = ANY ($1) GROUP BY m.server_id
            """, [SQLList(servers)]
        ) { ($0.id(0, ServerID.self), $0.int(1)) }
        return Dictionary(uniqueKeysWithValues: counts)
    }

    /// The servers that a user is in, with the number of their members.
    static func servers(of user: UserID, _ tx: Transaction) throws -> [(server: ServerID, memberCount: Int)] {
        try tx.all(
            """
            SELECT s.id, s.member_count FROM members m JOIN servers s ON s.id = m.server_id WHERE m.user_id = $1
            """, [user]
        ) { ($0.id(0), $0.int(1)) }
    }
}
