import Database
import Kernel

/// What people have said of events: of all occurrences (`occurrence` is 0), or of one, which counts before that.
enum AnswerStore {
    private static let answer = RowShape<Answer> { row in
        Answer(
            status: try row.word("status", \.status),
            reminders_min: minutes(row["reminders", { text($0.reminders_min) }]))
    }

    /// As `,15,60,`, in which one can be looked for.
    private static func text(_ minutes: [Int]) -> String {
        minutes.isEmpty ? "" : ",\(minutes.map(String.init).joined(separator: ",")),"
    }

    private static func minutes(_ text: String) -> [Int] { text.split(separator: ",").compactMap { Int($0) } }

    private static func number(_ occurrence: Timestamp?) -> Int64 { occurrence?.milliseconds ?? 0 }

    private static let kept = RowShape<(user: UserID, event: ScheduledEventID, occurrence: Int64, answer: Answer)> {
        row in
        (row["user_id"], row["event_id"], row["occurrence"], try row.part(answer))
    }

    static func set(
        _ answer: Answer, of user: UserID, to event: ScheduledEvent, _ occurrence: Timestamp?, _ tx: Transaction
    ) throws {
        try tx.execute(
            """
            INSERT INTO event_answers (event_id, server_id, user_id, occurrence, status, reminders, created_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7)
            ON CONFLICT (event_id, user_id, occurrence)
                DO UPDATE SET status = excluded.status, reminders = excluded.reminders
            """,
            [
                event.id, event.server, user, number(occurrence), answer.status.rawValue, text(answer.reminders_min),
                tx.now,
            ])
    }

    /// - Returns: whether there was one.
    @discardableResult
    static func remove(
        _ user: UserID, from event: ScheduledEventID, _ occurrence: Timestamp?, _ tx: Transaction
    ) throws -> Bool {
        try tx.count(
            """
            DELETE FROM event_answers WHERE event_id = $1 AND user_id = $2 AND occurrence = $3 RETURNING user_id
            """, [event, user, number(occurrence)]) == 1
    }

    static func removeAll(_ user: UserID, from event: ScheduledEventID, _ tx: Transaction) throws {
        try tx.execute("DELETE FROM event_answers WHERE event_id = $1 AND user_id = $2", [event, user])
    }

    static func exists(_ user: UserID, _ event: ScheduledEventID, _ occurrence: Timestamp?, _ tx: Transaction) throws
        -> Bool
    {
        try tx.exists(
            "SELECT 1 FROM event_answers WHERE event_id = $1 AND user_id = $2 AND occurrence = $3",
            [event, user, number(occurrence)])
    }

    /// Those to events that are not over. Uses `event_answers_by_user`.
    static func openCount(of user: UserID, _ tx: Transaction) throws -> Int {
        try tx.first(
            """
            SELECT COUNT(*) FROM event_answers a JOIN scheduled_events e ON e.id = a.event_id
            WHERE a.user_id = $1 AND e.occurrence IS NOT NULL
            """, [user]
        ) { $0.int(0) } ?? 0
    }

    /// What some people say of an occurrence.
    static func answers(
        of users: [UserID], to event: ScheduledEventID, _ occurrence: Timestamp?, _ tx: Transaction
    ) throws -> [UserID: Answer] {
        let rows = try tx.all(
            """
            SELECT \(kept.columns) FROM event_answers
            WHERE event_id = $1 AND occurrence IN (0, $2) AND user_id = ANY ($3) ORDER BY occurrence
            """, [event, number(occurrence), SQLList(users)], as: kept)
        return Dictionary(rows.map { ($0.user, $0.answer) }) { _, special in special }
    }

    /// What somebody says of the occurrences of some events that go on or are next.
    static func answers(
        of user: UserID, to events: [ScheduledEvent], _ tx: Transaction
    ) throws -> [ScheduledEventID: Answer] {
        let rows = try tx.all(
            """
            SELECT \(kept.columns) FROM event_answers
            WHERE event_id = ANY ($1) AND user_id = $2 ORDER BY occurrence
            """, [SQLList(events.map(\.id)), user], as: kept)
        let next = Dictionary(events.map { ($0.id, number($0.occurrence)) }) { first, _ in first }
        return rows.reduce(into: [:]) { answers, row in
            if row.occurrence == 0 || row.occurrence == next[row.event] { answers[row.event] = row.answer }
        }
    }

    /// What somebody says of all of an event, and of some occurrences by themselves.
    static func answers(
        of user: UserID, to event: ScheduledEventID, _ tx: Transaction
    ) throws -> (general: Answer?, special: [Timestamp: Answer]) {
        let rows = try tx.all(
            "SELECT \(kept.columns) FROM event_answers WHERE event_id = $1 AND user_id = $2", [event, user], as: kept)
        let special = rows.filter { $0.occurrence > 0 }.map { (Timestamp(milliseconds: $0.occurrence), $0.answer) }
        return (rows.first { $0.occurrence == 0 }?.answer, Dictionary(special) { first, _ in first })
    }

    /// Some who have said anything of an event, by their ids.
    static func people(
        of event: ScheduledEventID, after user: UserID, limit: Int, _ tx: Transaction
    ) throws -> [UserID] {
        try tx.all(
            """
            SELECT DISTINCT user_id FROM event_answers WHERE event_id = $1 AND user_id > $2 ORDER BY user_id LIMIT $3
            """, [event, user, limit]
        ) { $0.id(0) }
    }

    /// Uses `event_answers_by_server`.
    static func events(answeredBy user: UserID, in server: ServerID, _ tx: Transaction) throws -> [ScheduledEventID] {
        try tx.all(
            "SELECT DISTINCT event_id FROM event_answers WHERE server_id = $1 AND user_id = $2", [server, user]
        ) { $0.id(0) }
    }

    /// The occurrences of which anything is said by itself.
    static func occurrences(of event: ScheduledEventID, _ tx: Transaction) throws -> [Timestamp] {
        try tx.all(
            "SELECT DISTINCT occurrence FROM event_answers WHERE event_id = $1 AND occurrence > 0", [event]
        ) { $0.timestamp(0) }
    }

    static func rename(_ old: Timestamp, to new: Timestamp, of event: ScheduledEventID, _ tx: Transaction) throws {
        try remove(new, of: event, tx)
        try tx.execute(
            "UPDATE event_answers SET occurrence = $3 WHERE event_id = $1 AND occurrence = $2", [event, old, new])
    }

    static func remove(_ occurrence: Timestamp, of event: ScheduledEventID, _ tx: Transaction) throws {
        try tx.execute("DELETE FROM event_answers WHERE event_id = $1 AND occurrence = $2", [event, occurrence])
    }

    /// Each with the number of those who say so of an occurrence.
    static func counts(
        of event: ScheduledEventID, _ occurrence: Timestamp?, _ tx: Transaction
    ) throws -> [Answer.Status: Int] {
        let rows = try tx.all(
            """
            SELECT a.status, COUNT(*) FROM event_answers a WHERE a.event_id = $1 AND \(counting) GROUP BY a.status
            """, [event, number(occurrence)]
        ) { (Answer.Status(rawValue: $0.text(0)), $0.int(1)) }
        return rows.reduce(into: [:]) { counts, row in if let status = row.0 { counts[status] = row.1 } }
    }

    /// That an answer is the one which counts for the occurrence `$2`.
    private static let counting: StaticSQL = """
        (a.occurrence = $2 OR a.occurrence = 0 AND NOT EXISTS (SELECT 1 FROM event_answers b
            WHERE b.event_id = a.event_id AND b.user_id = a.user_id AND b.occurrence = $2 AND $2 > 0))
        """

    /// Who says something of an occurrence, by their ids.
    static func attendees(
        of event: ScheduledEventID, _ occurrence: Timestamp?, _ statuses: [Answer.Status], after user: UserID?,
        limit: Int, _ tx: Transaction
    ) throws -> [(user: UserID, answer: Answer)] {
        let rows = try tx.all(
            """
            SELECT \(kept.columns) FROM event_answers a
            WHERE a.event_id = $1 AND a.user_id > $3 AND a.status = ANY ($4) AND \(counting)
            ORDER BY a.user_id LIMIT $5
            """,
            [event, number(occurrence), user?.rawValue ?? 0, SQLList(statuses.map(\.rawValue)), limit], as: kept)
        return rows.map { ($0.user, $0.answer) }
    }

    /// Whether somebody is to be reminded so many minutes before.
    static func isWanted(_ minutes: Int, of event: ScheduledEventID, _ tx: Transaction) throws -> Bool {
        try tx.exists(
            "SELECT 1 FROM event_answers WHERE event_id = $1 AND reminders LIKE $2", [event, "%,\(minutes),%"])
    }
}
