import Database
import Kernel

enum PresenceStore {
    static func choice(of user: UserID, _ tx: Transaction) throws -> PresenceChoice? {
        try tx.first(
            "SELECT status, custom_status, custom_emoji, expires_at FROM presences WHERE user_id = $1", [user]
        ) {
            PresenceChoice(
                status: Presence.Status(rawValue: $0.text(0)) ?? .online, customStatus: $0.textOrNil(1),
                customEmoji: $0.textOrNil(2), expiresAt: $0.timestampOrNil(3))
        }
    }

    static func set(_ choice: PresenceChoice, of user: UserID, _ tx: Transaction) throws {
        try tx.execute(
            """
            INSERT INTO presences (user_id, status, custom_status, custom_emoji, expires_at) VALUES ($1, $2, $3, $4, $5)
            ON CONFLICT (user_id) DO UPDATE SET status = excluded.status, custom_status = excluded.custom_status,
                custom_emoji = excluded.custom_emoji, expires_at = excluded.expires_at
            """,
            [user, choice.status.rawValue, choice.customStatus, choice.customEmoji, choice.expiresAt])
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

    /// The servers that a user is in, with the number of their members.
    static func servers(of user: UserID, _ tx: Transaction) throws -> [(server: ServerID, memberCount: Int)] {
        try tx.all(
            """
            SELECT s.id, s.member_count FROM members m JOIN servers s ON s.id = m.server_id WHERE m.user_id = $1
            """, [user]
        ) { ($0.id(0), $0.int(1)) }
    }
}
