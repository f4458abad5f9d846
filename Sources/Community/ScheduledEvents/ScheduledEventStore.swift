import Database
import Features
import Kernel

/// The rows of events and of what was changed of their occurrences.
enum ScheduledEventStore {
    private static let shape = RowShape<ScheduledEvent> { row in
        ScheduledEvent(
            id: row["id", \.id], server: row["server_id", \.server], creator: row["creator_id", \.creator],
            name: row["name", \.name], description: row["description", \.description], place: try place(of: &row),
            startsAt: row["starts_at", \.startsAt], endsAt: row["ends_at", \.endsAt],
            timezone: row["timezone", \.timezone], status: try row.word("status", \.status),
            image: row["image_id", \.image],
            recurrence: (row["recurrence", { $0.recurrence.map(text) }] as String?).flatMap(Recurrence.init(stored:)),
            occurrence: row["occurrence", \.occurrence], nextStartsAt: row["next_starts_at", \.nextStartsAt],
            dueAt: row["due_at", \.dueAt], interestedCount: row["interested_count", \.interestedCount],
            goingCount: row["going_count", \.goingCount], createdAt: row["created_at", \.createdAt])
    }

    private static func place(of row: inout ShapedRow<ScheduledEvent>) throws -> EventPlace {
        let kind = try row.word("entity_type", \.place.kind)
        let channel: ChannelID? = row["channel_id", \.place.channel]
        let location: String? = row["location", \.place.location]
        guard let channel else { return .elsewhere(location ?? "") }
        return kind == .voice ? .voice(channel) : .text(channel)
    }

    private static func text(_ rule: Recurrence) -> String { String(decoding: rule.jsonBytes, as: UTF8.self) }

    static func insert(_ event: ScheduledEvent, _ tx: Transaction) throws {
        try tx.execute(
            "INSERT INTO scheduled_events (\(shape.stored)) VALUES (\(shape.placeholders))", shape.values(of: event))
    }

    static func update(_ event: ScheduledEvent, _ tx: Transaction) throws {
        try tx.execute(
            """
            UPDATE scheduled_events SET name = $2, description = $3, entity_type = $4, channel_id = $5, location = $6,
                starts_at = $7, ends_at = $8, timezone = $9, status = $10, image_id = $11, recurrence = $12,
                occurrence = $13, next_starts_at = $14, due_at = $15, interested_count = $16, going_count = $17
            WHERE id = $1
            """,
            [
                event.id, event.name, event.description, event.place.kind.rawValue, event.place.channel,
                event.place.location, event.startsAt, event.endsAt, event.timezone, event.status.rawValue, event.image,
                event.recurrence.map(text), event.occurrence, event.nextStartsAt, event.dueAt, event.interestedCount,
                event.goingCount,
            ])
    }

    static func event(_ id: ScheduledEventID, _ tx: Transaction) throws -> ScheduledEvent? {
        try tx.first("SELECT \(shape.columns) FROM scheduled_events WHERE id = $1", [id], as: shape)
    }

    /// The newest first. A server has at most some hundreds. Uses `scheduled_events_by_server`.
    static func events(of server: ServerID, _ tx: Transaction) throws -> [ScheduledEvent] {
        try tx.all(
            "SELECT \(shape.columns) FROM scheduled_events WHERE server_id = $1 ORDER BY id DESC", [server], as: shape)
    }

    /// Those that are not over, the newest first. Uses `scheduled_events_open`.
    static func open(in server: ServerID, _ tx: Transaction) throws -> [ScheduledEvent] { try open(in: [server], tx) }

    /// Those of several servers, the newest first.
    static func open(in servers: [ServerID], _ tx: Transaction) throws -> [ScheduledEvent] {
        guard !servers.isEmpty else { return [] }
        return try tx.all(
            """
            SELECT \(shape.columns) FROM scheduled_events
            WHERE server_id = ANY ($1) AND occurrence IS NOT NULL ORDER BY id DESC
            """, [SQLList(servers)], as: shape)
    }

    /// Uses `scheduled_events_open`.
    static func openCount(of server: ServerID, _ tx: Transaction) throws -> Int {
        try tx.first(
            "SELECT COUNT(*) FROM scheduled_events WHERE server_id = $1 AND occurrence IS NOT NULL", [server]
        ) { $0.int(0) } ?? 0
    }

    /// Those that are over, but for the newest. Uses `scheduled_events_by_server`.
    static func closed(of server: ServerID, butNewest count: Int, _ tx: Transaction) throws -> [ScheduledEvent] {
        try tx.all(
            """
            SELECT \(shape.columns) FROM scheduled_events WHERE server_id = $1 AND occurrence IS NULL
            ORDER BY id DESC LIMIT 100 OFFSET $2
            """, [server, count], as: shape)
    }

    /// Uses `scheduled_events_by_channel`.
    static func events(in channel: ChannelID, _ tx: Transaction) throws -> [ScheduledEvent] {
        try tx.all("SELECT \(shape.columns) FROM scheduled_events WHERE channel_id = $1", [channel], as: shape)
    }

    /// Those that somebody has answered and that are not over, the next first. Uses `event_answers_by_user`.
    static func answered(by user: UserID, _ tx: Transaction) throws -> [ScheduledEvent] {
        try tx.all(
            """
            SELECT \(shape.columns(of: "e")) FROM scheduled_events e
            WHERE e.id IN (SELECT event_id FROM event_answers WHERE user_id = $1) AND e.occurrence IS NOT NULL
            ORDER BY e.next_starts_at, e.id
            """, [user], as: shape)
    }

    static func delete(_ id: ScheduledEventID, _ tx: Transaction) throws {
        for table: StaticSQL in ["event_answers", "event_notices", "event_occurrences"] {
            try tx.execute("DELETE FROM \(table) WHERE event_id = $1", [id])
        }
        try tx.execute("DELETE FROM scheduled_events WHERE id = $1", [id])
    }

    /// Nothing of a server that has disappeared begins or ends any more. Uses `scheduled_events_open` and
    /// `event_notices_by_server`.
    static func quieten(_ server: ServerID, _ tx: Transaction) throws {
        try tx.execute(
            "UPDATE scheduled_events SET due_at = NULL WHERE server_id = $1 AND occurrence IS NOT NULL", [server])
        try tx.execute("DELETE FROM event_notices WHERE server_id = $1", [server])
    }

    /// Some whose status changes by now. Uses `scheduled_events_due`.
    static func due(limit: Int, _ tx: Transaction) throws -> [ScheduledEventID] {
        try tx.all(
            """
            SELECT id FROM scheduled_events WHERE due_at <= $1
                AND \(SetAsideStore.none(of: .scheduledEvent, "CAST(scheduled_events.id AS TEXT)"))
            ORDER BY due_at LIMIT $2
            """, [tx.now, limit]
        ) { $0.id(0) }
    }

    // MARK: Occurrences

    static func changes(of event: ScheduledEventID, _ tx: Transaction) throws -> [Timestamp: OccurrenceChange] {
        let rows = try tx.all(
            "SELECT occurrence, is_cancelled, starts_at, ends_at FROM event_occurrences WHERE event_id = $1", [event]
        ) { row in
            (
                row.timestamp(0),
                OccurrenceChange(
                    isCancelled: row.bool(1),
                    startsAt: row.integerOrNil(2).map(Timestamp.init(milliseconds:)),
                    endsAt: row.integerOrNil(3).map(Timestamp.init(milliseconds:)))
            )
        }
        return Dictionary(rows) { first, _ in first }
    }

    static func set(
        _ change: OccurrenceChange, of key: Timestamp, _ event: ScheduledEvent, _ tx: Transaction
    ) throws {
        try tx.execute(
            """
            INSERT INTO event_occurrences (event_id, server_id, occurrence, is_cancelled, starts_at, ends_at)
            VALUES ($1, $2, $3, $4, $5, $6)
            ON CONFLICT (event_id, occurrence) DO UPDATE SET is_cancelled = excluded.is_cancelled,
                starts_at = excluded.starts_at, ends_at = excluded.ends_at
            """, [event.id, event.server, key, change.isCancelled, change.startsAt, change.endsAt])
    }

    static func forgetChange(of key: Timestamp, _ event: ScheduledEventID, _ tx: Transaction) throws {
        try tx.execute("DELETE FROM event_occurrences WHERE event_id = $1 AND occurrence = $2", [event, key])
    }
}
