import Database
import Kernel

package enum RelationshipStore {
    private static let shape = RowShape<Relationship> { row in
        Relationship(
            user: row["other_id"], username: row["u.username"], avatar: row["u.avatar_id"],
            status: try row.word("status", \.status), message: row["message"], createdAt: row["created_at"])
    }

    private static let columns = shape.columns(of: "r")

    static func relationship(
        of user: UserID, with other: UserID, _ tx: Transaction
    ) throws -> Relationship? {
        try tx.first(
            """
            SELECT \(columns) FROM relationships r JOIN users u ON u.id = r.other_id
            WHERE r.user_id = $1 AND r.other_id = $2
            """, [user, other], as: shape)
    }

    static func relationships(of user: UserID, _ tx: Transaction) throws -> [Relationship] {
        try tx.all(
            """
            SELECT \(columns) FROM relationships r JOIN users u ON u.id = r.other_id
            WHERE r.user_id = $1 ORDER BY r.created_at DESC, r.other_id
            """, [user], as: shape)
    }

    package static func others(of user: UserID, _ status: Relationship.Status, _ tx: Transaction) throws -> [UserID] {
        try tx.all(
            "SELECT other_id FROM relationships WHERE user_id = $1 AND status = $2", [user, status.rawValue]
        ) { $0.id(0) }
    }

    /// Those who have blocked a user. Uses `relationships_blocking`.
    package static func blockers(of user: UserID, _ tx: Transaction) throws -> Set<UserID> {
        Set(
            try tx.all(
                "SELECT user_id FROM relationships WHERE other_id = $1 AND status = 'blocked'", [user]
            ) { $0.id(0) })
    }

    /// Those of some people who have blocked another of them.
    static func blockers(among people: [UserID], _ tx: Transaction) throws -> Set<UserID> {
        Set(
            try tx.all(
                """
                SELECT user_id FROM relationships
                WHERE user_id = ANY ($1) AND other_id = ANY ($1) AND status = 'blocked'
                """, [SQLList(people)]
            ) { $0.id(0) })
    }

    static func count(of user: UserID, _ statuses: [Relationship.Status], _ tx: Transaction) throws -> Int {
        return try tx.first(
            "SELECT COUNT(*) FROM relationships WHERE user_id = $1 AND status = ANY ($2)",
            [user, SQLList(statuses.map(\.rawValue))]
        ) { $0.int(0) } ?? 0
    }

    /// Of how many people both are friends.
    static func mutualFriendCount(of one: UserID, and other: UserID, _ tx: Transaction) throws -> Int {
        try tx.first(
            """
            SELECT COUNT(*) FROM relationships a
                JOIN relationships b ON b.user_id = $2 AND b.other_id = a.other_id AND b.status = 'friend'
            WHERE a.user_id = $1 AND a.status = 'friend'
            """, [one, other]
        ) { $0.int(0) } ?? 0
    }

    static func set(
        _ status: Relationship.Status, of user: UserID, with other: UserID, message: String? = nil,
        _ tx: Transaction
    ) throws {
        try tx.execute(
            """
            INSERT INTO relationships (user_id, other_id, status, message, created_at) VALUES ($1, $2, $3, $4, $5)
            ON CONFLICT (user_id, other_id)
                DO UPDATE SET status = excluded.status, message = excluded.message, created_at = excluded.created_at
            """,
            [user, other, status.rawValue, message, tx.now])
    }

    static func delete(of user: UserID, with other: UserID, _ tx: Transaction) throws {
        try tx.execute("DELETE FROM relationships WHERE user_id = $1 AND other_id = $2", [user, other])
    }

    /// A condition on two people that a statement names: neither has blocked the other.
    static func isUnblocked(by one: StaticSQL, and other: StaticSQL) -> StaticSQL {
        """
        NOT EXISTS (SELECT 1 FROM relationships r
            WHERE r.user_id = \(one) AND r.other_id = \(other) AND r.status = 'blocked')
        AND NOT EXISTS (SELECT 1 FROM relationships r
            WHERE r.user_id = \(other) AND r.other_id = \(one) AND r.status = 'blocked')
        """
    }

    /// Whether one of them has blocked the other.
    package static func isBlocked(between one: UserID, and other: UserID, _ tx: Transaction) throws -> Bool {
        try tx.exists(
            """
            SELECT 1 FROM relationships WHERE status = 'blocked'
                AND ((user_id = $1 AND other_id = $2) OR (user_id = $2 AND other_id = $1))
            """, [one, other])
    }
}
