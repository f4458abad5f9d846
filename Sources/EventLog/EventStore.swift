import Database
import Kernel

/// The log's tables. `event_audiences` finds the events of an audience without reading the others.
enum EventStore {
    /// A number that other programs on the same PostgreSQL are unlikely to use for their advisory locks.
    private static let orderLock = 0x4156_4941

    static let migrations: [StaticSQL] = [
        """
        CREATE TABLE event_log_state (
            id SMALLINT PRIMARY KEY,
            newest_position BIGINT NOT NULL,
            pruned_through BIGINT NOT NULL)
        """,
        "INSERT INTO event_log_state (id, newest_position, pruned_through) VALUES (1, 0, 0)",
    ]

    static func tables(_ dialect: SQLDialect) -> [StaticSQL] {
        let sequence: [StaticSQL] = dialect == .postgresql ? ["CREATE SEQUENCE event_positions"] : []
        return migrations + sequence + [
            """
            CREATE TABLE events (
                position \(sql: dialect.primaryKey),
                created_at BIGINT NOT NULL,
                kind TEXT NOT NULL,
                intent BIGINT NOT NULL,
                audiences TEXT NOT NULL,
                payload BYTEA NOT NULL)
            """,
            """
            CREATE TABLE event_audiences (
                audience_id BIGINT NOT NULL,
                position BIGINT NOT NULL,
                PRIMARY KEY (audience_id, position)) \(sql: dialect.clustered)
            """,
        ]
    }

    // MARK: Writing

    /// Appends events. The transaction holds the order from here until it is visible to others: SQLite has one writer anyway,
    /// PostgreSQL lets go of the lock only after the commit.
    /// - Returns: the events with their positions; empty on PostgreSQL, where nothing is read back, so that all of this
    ///   travels with the commit and the lock is held for that one round trip.
    static func append(_ pending: [PendingEvent], _ tx: Transaction, _ dialect: SQLDialect) throws -> [Event] {
        switch dialect {
        case .sqlite:
            let positions = try takePositions(pending.count, tx)
            return try zip(pending, positions).map { pending, position in
                let event = Event(
                    position: position, at: tx.now, kind: pending.kind, intent: pending.intent,
                    audiences: pending.audiences, payload: pending.payload)
                try insert(event, tx)
                return event
            }
        case .postgresql:
            try tx.execute("SELECT pg_advisory_xact_lock($1)", [orderLock])
            for event in pending { try insertAtNextPosition(event, tx) }
            return []
        }
    }

    private static func takePositions(_ count: Int, _ tx: Transaction) throws -> [Int64] {
        let newest = try tx.first(
            "UPDATE event_log_state SET newest_position = newest_position + $1 WHERE id = 1 RETURNING newest_position",
            [count]
        ) { $0.integer(0) }
        guard let newest else { throw DatabaseError.unavailable("the event log has no state") }
        return Array(newest - Int64(count) + 1...newest)
    }

    private static func insert(_ event: Event, _ tx: Transaction) throws {
        try tx.execute(
            """
            INSERT INTO events (position, created_at, kind, intent, audiences, payload) VALUES ($1, $2, $3, $4, $5, $6)
            """,
            [
                event.position, event.at, event.kind.rawValue, event.intent.rawValue, list(event.audiences),
                event.payload,
            ])
        for audience in Set(event.audiences) {
            try tx.execute(
                "INSERT INTO event_audiences (audience_id, position) VALUES ($1, $2)", [audience.id, event.position])
        }
    }

    private static func insertAtNextPosition(_ event: PendingEvent, _ tx: Transaction) throws {
        try tx.execute(
            """
            WITH event AS (
                INSERT INTO events (position, created_at, kind, intent, audiences, payload)
                VALUES (nextval('event_positions'), $1, $2, $3, $4, $5) RETURNING position)
            INSERT INTO event_audiences (audience_id, position)
            SELECT DISTINCT audience, position FROM event, unnest($6::bigint[]) AS audience
            """,
            [
                tx.now, event.kind.rawValue, event.intent.rawValue, list(event.audiences), event.payload,
                SQLList(event.audiences.map(\.id)),
            ])
    }

    private static func list(_ audiences: [Audience]) -> String {
        audiences.map { String($0.id) }.joined(separator: ",")
    }

    // MARK: Reading

    private static func event(_ row: SQLRow) -> Event {
        Event(
            position: row.integer(0), at: row.timestamp(1), kind: EventKind(rawValue: row.text(2)),
            intent: Intents(rawValue: row.int(3)),
            audiences: row.text(4).split(separator: ",").compactMap { Int64($0) }.map(Audience.init(id:)),
            payload: row.bytes(5))
    }

    static func newestPosition(_ tx: Transaction, _ dialect: SQLDialect) throws -> Int64 {
        switch dialect {
        case .sqlite:
            try tx.first("SELECT newest_position FROM event_log_state WHERE id = 1") { $0.integer(0) } ?? 0
        case .postgresql:
            // What the snapshot shows, not the sequence, which runs ahead of the commits.
            try tx.first(
                """
                SELECT COALESCE((SELECT MAX(position) FROM events),
                                (SELECT pruned_through FROM event_log_state WHERE id = 1))
                """
            ) { $0.integer(0) } ?? 0
        }
    }

    static func prunedThrough(_ tx: Transaction) throws -> Int64 {
        try tx.first("SELECT pruned_through FROM event_log_state WHERE id = 1") { $0.integer(0) } ?? 0
    }

    /// The next events of all audiences, in order.
    static func events(after position: Int64, limit: Int, _ tx: Transaction) throws -> [Event] {
        try tx.all(
            """
            SELECT position, created_at, kind, intent, audiences, payload FROM events
            WHERE position > $1 ORDER BY position LIMIT $2
            """,
            [position, limit], event)
    }

    /// The next events of some audiences, in order. Uses the primary key of `event_audiences`.
    static func events(
        of audiences: [Audience], after position: Int64, through end: Int64, kind: EventKind? = nil, limit: Int,
        _ tx: Transaction
    ) throws -> [Event] {
        guard !audiences.isEmpty, end > position else { return [] }
        let condition = kind == nil ? "$1 = ''" : "e.kind = $1"
        return try tx.all(
            """
            SELECT DISTINCT e.position, e.created_at, e.kind, e.intent, e.audiences, e.payload
            FROM event_audiences a JOIN events e ON e.position = a.position
            WHERE a.audience_id = ANY ($5)
                AND a.position > $2 AND a.position <= $3 AND \(sql: condition)
            ORDER BY e.position LIMIT $4
            """,
            [kind?.rawValue ?? "", position, end, limit, SQLList(audiences.map(\.id))], event)
    }

    // MARK: Retention

    /// Removes at most `limit` of the events that are older than `moment`, the oldest first.
    /// - Returns: how many were removed.
    static func prune(before moment: Timestamp, limit: Int, _ tx: Transaction) throws -> Int {
        let old = try tx.all(
            "SELECT position, audiences, created_at FROM events ORDER BY position LIMIT $1", [limit]
        ) { (position: $0.integer(0), audiences: $0.text(1), at: $0.timestamp(2)) }
        let expired = old.prefix { $0.at < moment }
        guard let last = expired.last else { return 0 }
        for event in expired {
            for audience in Set(event.audiences.split(separator: ",").compactMap { Int64($0) }) {
                try tx.execute(
                    "DELETE FROM event_audiences WHERE audience_id = $1 AND position = $2", [audience, event.position])
            }
        }
        try tx.execute("DELETE FROM events WHERE position <= $1", [last.position])
        try tx.execute("UPDATE event_log_state SET pruned_through = $1 WHERE id = 1", [last.position])
        return expired.count
    }
}
