import Database
import Features
import Kernel

enum EventNoticeKind: IdentifierKind {
    static var invalidIdentifier: APIError { .invalidID("notice") }
}

typealias EventNoticeID = Identifier<EventNoticeKind>

/// What those who have answered are to be told at a moment, one after another.
struct EventNotice: Sendable {
    enum Kind: String, CaseIterable, Sendable {
        /// That it begins soon.
        case reminder
        /// That it takes place at another time, or not at all.
        case update
    }

    let id: EventNoticeID
    let event: ScheduledEventID
    let server: ServerID
    let kind: Kind
    /// How long before the beginning; 0 for news.
    let minutes: Int
    /// The key of the occurrence; 0 for all.
    var occurrence: Timestamp
    var dueAt: Timestamp
    /// Who was told last.
    var told: UserID
    /// Who knows already.
    let except: UserID?
}

enum EventNoticeStore {
    private static let shape = RowShape<EventNotice> { row in
        EventNotice(
            id: row["id", \.id], event: row["event_id", \.event], server: row["server_id", \.server],
            kind: try row.word("kind", \.kind), minutes: row["minutes", \.minutes],
            occurrence: row["occurrence", \.occurrence], dueAt: row["due_at", \.dueAt],
            told: row["told_user_id", \.told], except: row["except_user_id", \.except])
    }

    static func insert(_ notice: EventNotice, _ tx: Transaction) throws {
        try tx.execute(
            "INSERT INTO event_notices (\(shape.stored)) VALUES (\(shape.placeholders))", shape.values(of: notice))
    }

    static func update(_ notice: EventNotice, _ tx: Transaction) throws {
        try tx.execute(
            "UPDATE event_notices SET occurrence = $2, due_at = $3, told_user_id = $4 WHERE id = $1",
            [notice.id, notice.occurrence, notice.dueAt, notice.told])
    }

    static func delete(_ id: EventNoticeID, _ tx: Transaction) throws {
        try tx.execute("DELETE FROM event_notices WHERE id = $1", [id])
    }

    static func notice(_ id: EventNoticeID, _ tx: Transaction) throws -> EventNotice? {
        try tx.first("SELECT \(shape.columns) FROM event_notices WHERE id = $1", [id], as: shape)
    }

    /// Uses `event_notices_by_event`.
    static func notices(of event: ScheduledEventID, _ kind: EventNotice.Kind, _ tx: Transaction) throws -> [EventNotice]
    {
        try tx.all(
            "SELECT \(shape.columns) FROM event_notices WHERE event_id = $1 AND kind = $2", [event, kind.rawValue],
            as: shape)
    }

    /// Some whose time has come. Uses `event_notices_due`.
    static func due(limit: Int, _ tx: Transaction) throws -> [EventNoticeID] {
        try tx.all(
            """
            SELECT id FROM event_notices WHERE due_at <= $1
                AND \(SetAsideStore.none(of: .eventNotice, "CAST(event_notices.id AS TEXT)"))
            ORDER BY due_at LIMIT $2
            """, [tx.now, limit]
        ) { $0.id(0) }
    }
}
