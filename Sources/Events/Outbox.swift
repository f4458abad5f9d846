import Database
import Kernel

/// Events that are committed on PostgreSQL and have no position yet: one node, the leader, moves them into the log, one batch after
/// another. So writers need not wait for each other, on any number of nodes, and nobody sees a position before all smaller ones.
///
/// Who begins after another's commit leaves events with greater numbers here, so they are placed later or in the same batch behind
/// them. Rows are consumed, not passed by: one that is committed late, with a small number, is not skipped.
enum EventOutbox {
    private static let maximumBatch = 1000
    /// A number that other programs on the same PostgreSQL are unlikely to use for their advisory locks.
    private static let orderLock = 0x4156_4941

    static func tables(_ dialect: SQLDialect) -> [StaticSQL] {
        // SQLite has one writer, which places events itself.
        let key: StaticSQL = dialect == .postgresql ? "BIGSERIAL PRIMARY KEY" : "INTEGER PRIMARY KEY"
        let vacuum: [StaticSQL] =
            dialect == .postgresql
            ? [
                """
                ALTER TABLE outbox SET (autovacuum_vacuum_threshold = 5000, autovacuum_vacuum_scale_factor = 0,
                    autovacuum_vacuum_insert_threshold = -1)
                """
            ] : []
        return [
            """
            CREATE TABLE outbox (
                id \(key),
                created_at BIGINT NOT NULL,
                kind TEXT NOT NULL,
                intent BIGINT NOT NULL,
                audiences TEXT NOT NULL,
                payload BYTEA NOT NULL,
                place_id BIGINT,
                required_rights TEXT,
                channel_id BIGINT,
                thing_id BIGINT,
                quoted_id BIGINT)
            """,
            "CREATE INDEX outbox_by_thing ON outbox (thing_id) WHERE thing_id IS NOT NULL",
            "CREATE INDEX outbox_by_quoted ON outbox (quoted_id) WHERE quoted_id IS NOT NULL",
            "CREATE TABLE leadership (id SMALLINT PRIMARY KEY, term BIGINT NOT NULL)",
            "INSERT INTO leadership (id, term) VALUES (1, 0)",
        ] + vacuum
    }

    static func append(_ event: PendingEvent, _ tx: Transaction) throws {
        try tx.execute(
            """
            INSERT INTO outbox (
                created_at, kind, intent, audiences, payload, place_id, required_rights, channel_id, thing_id, quoted_id)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
            """,
            [
                tx.now, event.name.rawValue, event.intent.rawValue, EventStore.list(event.audiences), event.payload,
            ] + EventStore.values(of: event.subject))
    }

    /// Gives the next events their positions.
    ///
    /// Nodes of the version before this one place their events themselves, under a lock, which is taken here, too.
    /// - Returns: them, if there were any, and whether there may be more.
    static func place(_ tx: Transaction) throws -> (batch: EventBatch?, hasMore: Bool) {
        try tx.execute("SELECT pg_advisory_xact_lock($1)", [orderLock])
        let placed = try tx.all(
            """
            WITH moved AS (
                DELETE FROM outbox WHERE id IN (SELECT id FROM outbox ORDER BY id LIMIT $1) RETURNING *),
            placed AS (
                INSERT INTO events (
                    position, created_at, kind, intent, audiences, payload, place_id, required_rights, channel_id,
                    thing_id, quoted_id)
                SELECT nextval('event_positions'), created_at, kind, intent, audiences, payload, place_id,
                    required_rights, channel_id, thing_id, quoted_id
                FROM (SELECT * FROM moved ORDER BY id) AS ordered
                RETURNING *),
            heard AS (
                INSERT INTO event_audiences (audience_id, position)
                SELECT DISTINCT audience, position
                FROM placed, unnest(string_to_array(audiences, ',')::bigint[]) AS audience)
            SELECT \(EventStore.columns), (SELECT epoch FROM event_log_state WHERE id = 1),
                (\(EventStore.newest(.postgresql)))
            FROM placed ORDER BY position
            """, [Int64(maximumBatch)]
        ) { row in
            let place = LogPlace(
                epoch: LogEpoch(rawValue: row.integer(EventStore.columnCount)),
                position: row.integer(EventStore.columnCount + 1))
            return (event: EventStore.event(row), after: place)
        }
        guard let before = placed.first?.after else { return (nil, false) }
        let batch = EventBatch(epoch: before.epoch, after: before.position, placed.map(\.event))
        return (batch, placed.count == maximumBatch)
    }

    /// Gives everything that this transaction sees its position, for what has to find all of it in the log. Holds up others that
    /// do so until its end.
    static func placeAll(_ tx: Transaction) throws {
        guard tx.dialect == .postgresql else { return }
        while try place(tx).hasMore {}
    }

    /// Whom those concern that wait: their audiences, and whether any of them changes what somebody sees, or ends a login.
    static func waiting(limit: Int, _ tx: Transaction) throws -> [(audiences: [Audience], changesSight: Bool)] {
        try tx.all("SELECT audiences, kind FROM outbox ORDER BY id LIMIT $1", [Int64(limit)]) { row in
            (EventStore.audiences(row.text(0)), [.sight, .loginsEnded].contains(EventName(rawValue: row.text(1))))
        }
    }

    static func count(_ tx: Transaction) throws -> Int {
        try tx.first("SELECT COUNT(*) FROM outbox") { $0.int(0) } ?? 0
    }

    /// Makes everything that is committed part of the log, with nothing beside it that this transaction does not see; to be called
    /// before anything is read. Nobody else places events until its end.
    static func placeAlone(_ tx: Transaction) throws {
        // A lock on a table, since the snapshot is taken after it, and not before it as with an advisory lock.
        try tx.execute("LOCK TABLE leadership IN EXCLUSIVE MODE")
        try placeAll(tx)
    }

    /// To be called before events are placed: waits for who does so alone.
    static func enter(_ tx: Transaction) throws { try tx.execute("LOCK TABLE leadership IN ROW EXCLUSIVE MODE") }
}

/// Who leads. Each leader has a term of its own, which ends when another one begins.
public enum Leadership {
    /// - Returns: the new term; waits for transactions of the old one.
    static func begin(_ tx: Transaction) throws -> Int64 {
        try tx.first("UPDATE leadership SET term = term + 1 WHERE id = 1 RETURNING term") { $0.integer(0) } ?? 0
    }

    /// Holds off the next leader until the end of the transaction.
    /// - Throws: `DatabaseError.unavailable` when there is one already.
    public static func require(_ term: Int64, _ tx: Transaction) throws {
        guard try tx.exists("SELECT 1 FROM leadership WHERE id = 1 AND term = $1 FOR SHARE", [term]) else {
            throw DatabaseError.unavailable("another node leads by now")
        }
    }
}
