import Database
import Kernel

/// Changes of what thousands of users see. Each has its entries in another place of `event_audiences`, so that to name them there
/// writes as many pages of the file as they are.
///
/// `event_crowds` has the entries event by event, one behind the other. Whoever looks for their own has to ask once for each such
/// event, of which there are few. On PostgreSQL the leader writes entries outside the transactions that others wait for, and nodes
/// of the version before read them from `event_audiences`, so there the table stays empty.
extension EventStore {
    static func crowdTables(_ dialect: SQLDialect) -> [StaticSQL] {
        [
            """
            CREATE TABLE event_crowds (
                position BIGINT NOT NULL,
                audience_id BIGINT NOT NULL,
                PRIMARY KEY (position, audience_id)) \(sql: dialect.clustered)
            """
        ]
    }

    /// Those who are told of a change of their sight are a crowd when they are more. All of them are users.
    static let mostScattered = 1000
    /// Stands in `event_audiences` for each crowd. No other audience has this number.
    private static let mark = Audience(id: 0)

    static func insertCrowd(_ users: [Audience], at position: Int64, _ tx: Transaction) throws {
        try tx.execute("INSERT INTO event_audiences (audience_id, position) VALUES ($1, $2)", [mark.id, position])
        try tx.execute(
            """
            INSERT INTO event_crowds (position, audience_id) SELECT $2, value FROM json_each($1) WHERE TRUE
            ON CONFLICT DO NOTHING
            """, ["[\(list(users.sorted()))]", position])
    }

    /// Where a user was told something in a crowd, in order.
    static func crowds(
        with user: UserID, after position: Int64, through end: Int64, limit: Int, _ tx: Transaction
    ) throws -> [Int64] {
        try tx.all(
            """
            SELECT c.position FROM event_audiences m
                JOIN event_crowds c ON c.position = m.position AND c.audience_id = $4
            WHERE m.audience_id = $5 AND m.position > $1 AND m.position <= $2 ORDER BY m.position LIMIT $3
            """, [position, end, Int64(limit), user, mark.id]
        ) { $0.integer(0) }
    }

    /// Where there are crowds, in order.
    static func crowds(after position: Int64, through end: Int64, limit: Int, _ tx: Transaction) throws -> [Int64] {
        try tx.all(
            """
            SELECT position FROM event_audiences
            WHERE audience_id = $4 AND position > $1 AND position <= $2 ORDER BY position LIMIT $3
            """, [position, end, Int64(limit), mark.id]
        ) { $0.integer(0) }
    }

    static func removeCrowds(at positions: [Int64], _ tx: Transaction) throws {
        guard !positions.isEmpty else { return }
        try tx.execute(
            "DELETE FROM event_audiences WHERE audience_id = $1 AND position = ANY ($2)", [mark.id, SQLList(positions)])
        try tx.execute("DELETE FROM event_crowds WHERE position = ANY ($1)", [SQLList(positions)])
    }
}
