import Database
import Kernel

/// Events that name so many audiences that their index would be the work: each of thousands of users has its entries in another
/// place of `event_audiences`, so that naming them once writes as many pages of the file.
///
/// `event_crowds` has those entries event by event, one behind the other. Whoever looks for their own has to ask once for each such
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

    /// Events that name more are crowds.
    static let mostScattered = 1000
    /// Stands in `event_audiences` for each crowd. No other audience has this number.
    private static let crowds = Audience(id: 0)
    /// For who asks on behalf of more audiences, a crowd's entries are gone through instead.
    private static let fewAsking = 1000

    static func insertCrowd(_ audiences: [Audience], at position: Int64, _ tx: Transaction) throws {
        try tx.execute(
            "INSERT INTO event_audiences (audience_id, position) VALUES ($1, $2)", [crowds.id, position])
        try tx.execute(
            """
            INSERT INTO event_crowds (position, audience_id) SELECT $2, value FROM json_each($1) WHERE TRUE
            ON CONFLICT DO NOTHING
            """, ["[\(list(audiences.sorted()))]", position])
    }

    /// Where crowds were told something, in order.
    static func crowds(
        after position: Int64, through end: Int64, _ selection: Selection = .all, limit: Int, _ tx: Transaction
    ) throws -> [Int64] {
        try entries(of: [crowds], after: position, through: end, selection, limit: limit, tx)
    }

    /// Those of some crowds in which any of the audiences is.
    static func crowds(_ positions: [Int64], withAnyOf audiences: Set<Audience>, _ tx: Transaction) throws -> [Int64] {
        guard !positions.isEmpty else { return [] }
        let entry: StaticSQL = audiences.count <= fewAsking ? "audience_id" : "+audience_id"
        return try tx.all(
            "SELECT DISTINCT position FROM event_crowds WHERE position = ANY ($1) AND \(entry) = ANY ($2)",
            [SQLList(positions), SQLList(audiences.map(\.id))]
        ) { $0.integer(0) }
    }

    /// - Returns: whether there was a crowd.
    static func removeCrowd(at position: Int64, _ tx: Transaction) throws -> Bool {
        let wasThere = try tx.first(
            "DELETE FROM event_audiences WHERE audience_id = $1 AND position = $2 RETURNING position",
            [crowds.id, position]
        ) { $0.integer(0) }
        try tx.execute("DELETE FROM event_crowds WHERE position = $1", [position])
        return wasThere != nil
    }
}
