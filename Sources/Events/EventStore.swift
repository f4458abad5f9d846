import Database
import Kernel

/// The log's tables. `event_audiences` finds the events of an audience without reading the others.
enum EventStore {
    static let migrations: [StaticSQL] = [
        """
        CREATE TABLE event_log_state (
            id SMALLINT PRIMARY KEY,
            newest_position BIGINT NOT NULL,
            pruned_through BIGINT NOT NULL)
        """,
        "INSERT INTO event_log_state (id, newest_position, pruned_through) VALUES (1, 0, 0)",
    ]

    /// What events are about, and the things whose events are to be forgotten. What was logged before says nothing of that, so
    /// that nobody resumes from there.
    static let subjects: [StaticSQL] = [
        "ALTER TABLE events ADD COLUMN place_id BIGINT",
        "ALTER TABLE events ADD COLUMN required_rights TEXT",
        "ALTER TABLE events ADD COLUMN channel_id BIGINT",
        "ALTER TABLE events ADD COLUMN thing_id BIGINT",
        "ALTER TABLE events ADD COLUMN quoted_id BIGINT",
        "CREATE INDEX events_by_thing ON events (thing_id) WHERE thing_id IS NOT NULL",
        "CREATE INDEX events_by_quoted ON events (quoted_id) WHERE quoted_id IS NOT NULL",
        "CREATE TABLE forgotten_things (thing_id BIGINT PRIMARY KEY)",
        """
        UPDATE event_log_state SET pruned_through = CASE
            WHEN newest_position > COALESCE((SELECT MAX(position) FROM events), pruned_through) THEN newest_position
            ELSE COALESCE((SELECT MAX(position) FROM events), pruned_through) END
        """,
        "DELETE FROM event_audiences",
        "DELETE FROM events",
    ]

    static func firstTables(_ dialect: SQLDialect) -> [StaticSQL] {
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

    /// Appends events. On SQLite, which has one writer, they get their positions here; on PostgreSQL they wait for them in the outbox.
    /// - Returns: the events with their positions; empty on PostgreSQL.
    static func append(_ pending: [PendingEvent], _ tx: Transaction, _ dialect: SQLDialect) throws -> [Event] {
        switch dialect {
        case .sqlite:
            let positions = try takePositions(pending.count, tx)
            return try zip(pending, positions).map { pending, position in
                let event = Event(
                    position: position, at: tx.now, name: pending.name, intent: pending.intent,
                    audiences: pending.audiences, subject: pending.subject, payload: pending.payload)
                try insert(event, tx)
                return event
            }
        case .postgresql:
            for event in pending { try EventOutbox.append(event, tx) }
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
            INSERT INTO events (
                position, created_at, kind, intent, audiences, payload, place_id, required_rights, channel_id,
                thing_id, quoted_id)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
            """,
            [
                event.position, event.at, event.name.rawValue, event.intent.rawValue, list(event.audiences),
                event.payload,
            ] + values(of: event.subject))
        guard event.name != .sight || event.audiences.count <= mostScattered else {
            return try insertCrowd(event.audiences, at: event.position, tx)
        }
        guard event.audiences.count > fewAudiences else {
            for audience in Set(event.audiences) {
                try tx.execute(
                    "INSERT INTO event_audiences (audience_id, position) VALUES ($1, $2)",
                    [audience.id, event.position]
                )
            }
            return
        }
        try tx.execute(
            """
            INSERT INTO event_audiences (audience_id, position) SELECT value, $2 FROM json_each($1) WHERE TRUE
            ON CONFLICT DO NOTHING
            """,
            ["[\(list(event.audiences))]", event.position])
    }

    /// More are written with one statement, which takes longer than as many of their own would.
    private static let fewAudiences = 8

    static func values(of subject: EventSubject) -> [any SQLBindable] {
        let rights = subject.rights.isEmpty ? nil : subject.rights.map(\.rawValue).joined(separator: ",")
        return [subject.place?.id, rights, subject.channel?.id, subject.thing, subject.quoted]
    }

    static func list(_ audiences: [Audience]) -> String {
        audiences.map { String($0.id) }.joined(separator: ",")
    }

    static func audiences(_ list: String) -> [Audience] {
        list.split(separator: ",").compactMap { Int64($0) }.map(Audience.init(id:))
    }

    // MARK: Reading

    static let columns: StaticSQL =
        """
        position, created_at, kind, intent, audiences, payload, place_id, required_rights, channel_id, thing_id, quoted_id
        """
    static let columnCount = 11

    static func event(_ row: SQLRow) -> Event {
        Event(
            position: row.integer(0), at: row.timestamp(1), name: EventName(rawValue: row.text(2)),
            intent: Intents(rawValue: row.int(3)),
            audiences: audiences(row.text(4)),
            subject: EventSubject(
                place: row.integerOrNil(6).map(Audience.init(id:)),
                rights: (row.textOrNil(7) ?? "").split(separator: ",").compactMap { Permission(rawValue: String($0)) },
                channel: row.integerOrNil(8).map(Audience.init(id:)), thing: row.integerOrNil(9),
                quoted: row.integerOrNil(10)),
            payload: row.bytes(5))
    }

    /// Asks for the newest position.
    static func newest(_ dialect: SQLDialect) -> StaticSQL {
        switch dialect {
        case .sqlite: "SELECT newest_position FROM event_log_state WHERE id = 1"
        // What the snapshot shows, not the sequence, which runs ahead of the commits.
        case .postgresql:
            """
            SELECT COALESCE((SELECT MAX(position) FROM events),
                            (SELECT pruned_through FROM event_log_state WHERE id = 1))
            """
        }
    }

    static func newestPosition(_ tx: Transaction, _ dialect: SQLDialect) throws -> Int64 {
        try tx.first(newest(dialect)) { $0.integer(0) } ?? 0
    }

    static func prunedThrough(_ tx: Transaction) throws -> Int64 {
        try tx.first("SELECT pruned_through FROM event_log_state WHERE id = 1") { $0.integer(0) } ?? 0
    }

    /// The next events of all audiences, in order.
    static func events(after position: Int64, limit: Int, _ tx: Transaction) throws -> [Event] {
        try tx.all(
            "SELECT \(columns) FROM events WHERE position > $1 ORDER BY position LIMIT $2", [position, limit], event)
    }

    static func newestThing(
        _ kind: EventName, through position: Int64, after beginning: Int64, _ tx: Transaction
    ) throws -> Int64? {
        try tx.first(
            """
            SELECT thing_id FROM events
            WHERE position <= $1 AND position > $2 AND kind = $3 AND thing_id IS NOT NULL
            ORDER BY position DESC LIMIT 1
            """, [position, beginning, kind.rawValue]
        ) { $0.integer(0) }
    }

    static func things(
        _ kind: EventName, after position: Int64, through end: Int64, limit: Int, _ tx: Transaction
    ) throws -> [(position: Int64, thing: Int64)] {
        try tx.all(
            """
            SELECT position, thing_id FROM events
            WHERE position > $1 AND position <= $2 AND kind = $3 AND thing_id IS NOT NULL ORDER BY position LIMIT $4
            """, [position, end, kind.rawValue, limit]
        ) { ($0.integer(0), $0.integer(1)) }
    }

    static func moment(of position: Int64, _ tx: Transaction) throws -> Timestamp {
        try tx.first(
            "SELECT created_at FROM events WHERE position <= $1 ORDER BY position DESC LIMIT 1", [position]
        ) { $0.timestamp(0) } ?? Timestamp(seconds: 0)
    }

    /// The events at some positions, in order.
    static func events(at positions: some Collection<Int64>, _ tx: Transaction) throws -> [Event] {
        try tx.all(
            "SELECT \(columns) FROM events WHERE position = ANY ($1) ORDER BY position", [SQLList(positions)], event)
    }

    /// Which of an audience's events are asked for.
    enum Selection {
        case all
        case sight
        /// Those that may have to be told although the audience is not seen any more.
        case afterLoss

        fileprivate var condition: StaticSQL {
            switch self {
            case .all: "1 = 1"
            case .sight: "e.kind = '_SIGHT'"
            case .afterLoss:
                """
                (e.kind IN ('CHANNEL_DELETE', 'GUILD_DELETE', 'THREAD_DELETE', 'GUILD_SCHEDULED_EVENT_DELETE')
                    OR e.place_id IS NOT NULL)
                """
            }
        }
    }

    /// Where some audiences have events, in order and each position once; at most `limit`, the first ones. Reads no payload.
    ///
    /// Uses the primary key of `event_audiences`, or that of `events` where fewer things have happened than there are audiences to
    /// be asked for.
    static func positions(
        of audiences: Set<Audience>, after position: Int64, through end: Int64, _ selection: Selection = .all,
        limit: Int,
        _ tx: Transaction
    ) throws -> [Int64] {
        guard end > position, !audiences.isEmpty else { return [] }
        if end - position <= min(audiences.count, longestWalk),
            let found = try walk(after: position, through: end, selection, tellingAnyOf: audiences, tx)
        {
            return Array(found.prefix(limit))
        }
        let source: StaticSQL =
            selection == .all ? "event_audiences a" : "event_audiences a JOIN events e ON e.position = a.position"
        return try tx.all(
            """
            SELECT DISTINCT a.position FROM \(source)
            WHERE a.audience_id = ANY ($4) AND a.position > $1 AND a.position <= $2 AND \(selection.condition)
            ORDER BY a.position LIMIT $3
            """, [position, end, Int64(limit), SQLList(audiences.map(\.id))]
        ) { $0.integer(0) }
    }

    /// More events are not looked at one after the other.
    private static let longestWalk = 10_000
    /// An event may name a hundred thousand audiences. More characters of them are not read, but asked for.
    private static let longestList = 2000
    private static let maximumLongLists = 2

    /// - Returns: nil where many events name so many audiences that it is quicker to ask for each of one's own.
    private static func walk(
        after position: Int64, through end: Int64, _ selection: Selection, tellingAnyOf audiences: Set<Audience>,
        _ tx: Transaction
    ) throws -> [Int64]? {
        var (found, long) = ([Int64](), [Int64]())
        let rows = try tx.all(
            """
            SELECT e.position, CASE WHEN LENGTH(e.audiences) <= $3 THEN e.audiences END FROM events e
            WHERE e.position > $1 AND e.position <= $2 AND \(selection.condition) ORDER BY e.position
            """, [position, end, longestList]
        ) { (position: $0.integer(0), list: $0.textOrNil(1)) }
        for row in rows {
            guard let list = row.list else { long.append(row.position); continue }
            if self.audiences(list).contains(where: audiences.contains) { found.append(row.position) }
        }
        guard !long.isEmpty else { return found }
        guard long.count <= maximumLongLists else { return nil }
        found += try tx.all(
            "SELECT DISTINCT position FROM event_audiences WHERE audience_id = ANY ($1) AND position = ANY ($2)",
            [SQLList(audiences.map(\.id)), SQLList(long)]
        ) { $0.integer(0) }
        return found.sorted()
    }

    // MARK: Forgetting

    /// Notes that things are gone of which the log still tells, or will. Uses the tables' indexes by thing and by quoted thing.
    static func noteGone(_ things: [Int64], _ tx: Transaction) throws {
        guard !things.isEmpty else { return }
        try tx.execute(
            """
            INSERT INTO forgotten_things (thing_id)
            SELECT thing_id FROM events WHERE thing_id = ANY ($1)
            UNION SELECT quoted_id FROM events WHERE quoted_id = ANY ($1)
            UNION SELECT thing_id FROM outbox WHERE thing_id = ANY ($1)
            UNION SELECT quoted_id FROM outbox WHERE quoted_id = ANY ($1)
            ON CONFLICT (thing_id) DO NOTHING
            """, [SQLList(things)])
    }

    static func goneThings(limit: Int, _ tx: Transaction) throws -> [Int64] {
        try tx.all("SELECT thing_id FROM forgotten_things ORDER BY thing_id LIMIT $1", [limit]) { $0.integer(0) }
    }

    /// Takes the payloads of all events about a thing, and what others quote of it. The rows stay: they are the order.
    static func forget(_ thing: Int64, withoutQuotation: ([UInt8]) -> [UInt8], _ tx: Transaction) throws {
        try tx.execute(
            """
            UPDATE events SET kind = $2, payload = $3, thing_id = NULL, quoted_id = NULL, place_id = NULL
            WHERE thing_id = $1
            """, [thing, EventName.forgotten.rawValue, [UInt8]()])
        let quoting = try tx.all("SELECT \(columns) FROM events WHERE quoted_id = $1", [thing], event)
        for event in quoting {
            try tx.execute(
                "UPDATE events SET payload = $2, quoted_id = NULL WHERE position = $1",
                [event.position, withoutQuotation(event.payload)])
        }
        try tx.execute("DELETE FROM forgotten_things WHERE thing_id = $1", [thing])
    }

    /// Takes the payloads of what only one audience was told, but for what moves subscriptions and ends logins.
    static func forgetAll(toldOnly audience: Audience, _ tx: Transaction) throws {
        let positions = try tx.all(
            """
            SELECT e.position FROM event_audiences a JOIN events e ON e.position = a.position
            WHERE a.audience_id = $1 AND e.audiences = $2 AND SUBSTR(e.kind, 1, 1) <> '_'
            """, [audience.id, String(audience.id)]
        ) { $0.integer(0) }
        for position in positions {
            try tx.execute(
                """
                UPDATE events SET kind = $2, payload = $3, thing_id = NULL, quoted_id = NULL, place_id = NULL
                WHERE position = $1
                """, [position, EventName.forgotten.rawValue, [UInt8]()])
        }
    }

    // MARK: Retention

    /// Removes at most `limit` of the events that are older than `moment`, the oldest first; fewer where crowds are among them.
    /// - Returns: whether there may be more of them.
    static func prune(before moment: Timestamp, limit: Int, _ tx: Transaction) throws -> Bool {
        let old = try tx.all("SELECT position, created_at FROM events ORDER BY position LIMIT $1", [limit]) {
            (position: $0.integer(0), at: $0.timestamp(1))
        }
        let expired = old.prefix { $0.at < moment }.map(\.position)
        guard let first = expired.first, var last = expired.last else { return false }
        // Each has thousands of entries.
        let crowds = try crowds(after: first - 1, through: last, limit: mostCrowdsPruned, tx)
        if crowds.count == mostCrowdsPruned, let end = crowds.last { last = end }
        let scattered = try tx.all(
            "SELECT position, audiences FROM events WHERE position <= $1 AND NOT position = ANY ($2) ORDER BY position",
            [last, SQLList(crowds)]
        ) { (position: $0.integer(0), audiences: audiences($0.text(1))) }
        for event in scattered {
            try tx.execute(
                "DELETE FROM event_audiences WHERE audience_id = ANY ($1) AND position = $2",
                [SQLList(event.audiences.map(\.id)), event.position])
        }
        try removeCrowds(at: crowds, tx)
        try tx.execute("DELETE FROM events WHERE position <= $1", [last])
        try tx.execute("UPDATE event_log_state SET pruned_through = $1 WHERE id = 1", [last])
        return expired.count == limit || last != expired.last
    }

    private static let mostCrowdsPruned = 2
}
