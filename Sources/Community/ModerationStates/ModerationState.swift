import Database
import Kernel

/// What moderators have put somebody under in a server, until its end.
///
/// It belongs to the person and the server and not to the membership: leaving, a kick or a ban, and coming back, changes
/// nothing about it. Each kind is there once for a person and a server.
enum ModerationState: String, CaseIterable, Sendable {
    /// May look on, and nothing else.
    case timeout
}

enum ModerationStateStore {
    /// The end of a state, also of one that has run out and was not removed yet.
    static func end(
        of state: ModerationState, of user: UserID, in server: ServerID
    ) -> Query<Timestamp?> {
        .first(
            "SELECT until FROM moderation_states WHERE server_id = $1 AND user_id = $2 AND kind = $3",
            [server, user, state.rawValue]
        ) { $0.timestamp(0) }
    }

    /// - Parameter end: nil takes the state away.
    static func set(
        _ state: ModerationState, until end: Timestamp?, of user: UserID, in server: ServerID, _ tx: Transaction
    ) throws {
        guard let end else {
            return try tx.execute(
                "DELETE FROM moderation_states WHERE server_id = $1 AND user_id = $2 AND kind = $3",
                [server, user, state.rawValue])
        }
        try tx.execute(
            """
            INSERT INTO moderation_states (server_id, user_id, kind, until) VALUES ($1, $2, $3, $4)
            ON CONFLICT (server_id, user_id, kind) DO UPDATE SET until = excluded.until
            """,
            [server, user, state.rawValue, end])
    }

    /// Forgets some that have run out. Uses `moderation_states_by_end`.
    /// - Returns: whether there may be more.
    static func deleteExpired(limit: Int, _ tx: Transaction) throws -> Bool {
        try tx.count(
            """
            DELETE FROM moderation_states WHERE (server_id, user_id, kind) IN (
                SELECT server_id, user_id, kind FROM moderation_states WHERE until <= $1 LIMIT $2)
            RETURNING user_id
            """, [tx.now, limit]) == limit
    }
}
