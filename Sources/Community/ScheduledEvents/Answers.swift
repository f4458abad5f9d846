import Database
import Events
import Features
import Kernel
import People

/// Who takes part in an event: saying so, taking it back, and what it counts for.
enum Answers {
    static let cap = Cap("answers to open events", per: .person, 1000, .refused(field: "status"), bucket: .rsvp)

    struct Draft: Sendable {
        let status: Answer.Status
        /// Nil: all of them.
        let occurrence: Timestamp?
        let reminders_min: [Int]
    }

    struct Page: Sendable {
        let status: Answer.Status?
        /// Nil: the one that goes on or is next.
        let occurrence: Timestamp?
        let limit: Int
        let after: UserID?
    }

    // MARK: Counting

    /// Counts anew who says what of the occurrence that goes on or is next.
    static func count(_ event: inout ScheduledEvent, _ tx: Transaction) throws {
        let counts = try AnswerStore.counts(of: event.id, event.occurrence, tx)
        (event.interestedCount, event.goingCount) = (counts[.interested] ?? 0, counts[.going] ?? 0)
    }

    private static func add(_ number: Int, of status: Answer.Status, to event: inout ScheduledEvent) {
        switch status {
        case .interested: event.interestedCount += number
        case .going: event.goingCount += number
        case .notGoing: break
        }
    }

    /// Changes what somebody says of an event, counts it and tells everybody who sees the event.
    /// - Returns: the event as it is then.
    @discardableResult
    static func change(
        _ event: ScheduledEvent, of user: UserID, _ tx: Transaction, _ body: () throws -> Void
    ) throws -> ScheduledEvent {
        try change(event, of: user, telling: { try EventSight.audience(of: $0, tx) }, tx, body)
    }

    /// - Parameter audience: all who see the event; to know them may take long.
    private static func change(
        _ event: ScheduledEvent, of user: UserID, telling audience: (ScheduledEvent) throws -> [Audience],
        _ tx: Transaction, _ body: () throws -> Void
    ) throws -> ScheduledEvent {
        let old = try AnswerStore.answers(of: [user], to: event.id, event.occurrence, tx)[user]
        let wanted = try reminders(of: user, event, tx)
        try body()
        try EventNotices.disarm(event, wanted.subtracting(try reminders(of: user, event, tx)), tx)
        let new = try AnswerStore.answers(of: [user], to: event.id, event.occurrence, tx)[user]
        guard old?.status != new?.status else { return event }
        var event = event
        if let old { add(-1, of: old.status, to: &event) }
        if let new { add(1, of: new.status, to: &event) }
        try ScheduledEventStore.update(event, tx)
        let audience = try audience(event)
        for (kind, answer) in [(EventKind.guildScheduledEventUserRemove, old), (.guildScheduledEventUserAdd, new)] {
            guard let answer else { continue }
            let told = AnswerEvent(event: event.id, server: event.server, user: user, status: answer.status)
            tx.emit(kind, told, about: EventSight.subject(of: event), to: audience)
        }
        return event
    }

    private static func reminders(of user: UserID, _ event: ScheduledEvent, _ tx: Transaction) throws -> Set<Int> {
        let (general, special) = try AnswerStore.answers(of: user, to: event.id, tx)
        return Set(([general].compactMap { $0 } + special.values).flatMap(\.reminders_min))
    }

    /// Everything that somebody says of an event ends.
    static func removeAll(of user: UserID, from event: ScheduledEventID, _ tx: Transaction) throws {
        guard let event = try ScheduledEventStore.event(event, tx) else { return }
        try change(event, of: user, tx) { try AnswerStore.removeAll(user, from: event.id, tx) }
    }

    /// The same, for one of many.
    /// - Parameter audience: all who see the event.
    static func removeAll(
        of user: UserID, from event: ScheduledEvent, telling audience: (ScheduledEvent) throws -> [Audience],
        _ tx: Transaction
    ) throws -> ScheduledEvent {
        try change(event, of: user, telling: audience, tx) {
            try AnswerStore.removeAll(user, from: event.id, tx)
        }
    }

    // MARK: One's own

    /// Events with what somebody has said of them.
    static func completed(
        _ events: [ScheduledEvent], for user: UserID, _ tx: Transaction
    ) throws -> [ScheduledEvent] {
        let answers = try AnswerStore.answers(of: user, to: events, tx)
        return events.map { event in
            var event = event
            event.me = answers[event.id]
            return event
        }
    }

    static func completed(_ event: ScheduledEvent, for user: UserID, _ tx: Transaction) throws -> ScheduledEvent {
        try completed([event], for: user, tx).first ?? event
    }
}

extension ScheduledEvents {
    /// - Throws: `.alreadyHandled` for what is over or cancelled; `.invalidInput` for an occurrence that there is not.
    func answer(
        _ id: ScheduledEventID, in server: ServerID, _ draft: Answers.Draft, by caller: Caller
    ) async throws -> ScheduledEvent {
        try await parts.database.write { tx in
            let (event, permissions) = try Self.seen(id, in: server, by: caller.user, tx)
            try permissions.requireVoice()
            guard event.status.isOpen else { throw APIError.alreadyHandled }
            let occurrence = try Self.named(draft.occurrence, of: event, tx)
            if let occurrence, occurrence.isCancelled || occurrence.end <= tx.now { throw APIError.alreadyHandled }
            if try !AnswerStore.exists(caller.user, event.id, occurrence?.key, tx) {
                try Answers.cap.requireRoom(try AnswerStore.openCount(of: caller.user, tx))
            }
            let reminders = draft.status == .notGoing ? [] : draft.reminders_min
            let answer = Answer(status: draft.status, reminders_min: reminders)
            let answered = try Answers.change(event, of: caller.user, tx) {
                try AnswerStore.set(answer, of: caller.user, to: event, occurrence?.key, tx)
            }
            try EventNotices.arm(answered, reminders, parts, tx)
            return try Answers.completed(answered, for: caller.user, tx)
        }
    }

    /// Takes back what the caller has said of an occurrence, or of all.
    /// - Parameter occurrence: nil for all of it.
    func takeBack(
        _ id: ScheduledEventID, in server: ServerID, _ occurrence: Timestamp?, by caller: Caller
    ) async throws {
        try await parts.database.write { tx in
            let event = try Self.seen(id, in: server, by: caller.user, tx).event
            let named = try Self.named(occurrence, of: event, tx)
            try Answers.change(event, of: caller.user, tx) {
                guard let named else { return try AnswerStore.removeAll(caller.user, from: id, tx) }
                try AnswerStore.remove(caller.user, from: id, named.key, tx)
            }
        }
    }

    /// The occurrence that a request names; nil where it means all, as for an event that takes place once.
    private static func named(
        _ moment: Timestamp?, of event: ScheduledEvent, _ tx: Transaction
    ) throws -> Occurrence? {
        guard let moment else { return nil }
        guard let occurrence = try schedule(of: event, tx).occurrence(named: moment) else {
            throw APIError.invalidInput("occurrence", "must be the starts_at of an occurrence")
        }
        return event.recurrence == nil ? nil : occurrence
    }

    /// Who says what of an occurrence. Who does not come stands in no list but that of those who do not come.
    func attendees(
        _ id: ScheduledEventID, in server: ServerID, _ page: Answers.Page, for caller: Caller
    ) async throws -> [Attendee] {
        try await parts.database.read { tx in
            let event = try Self.seen(id, in: server, by: caller.user, tx).event
            let occurrence = try Self.named(page.occurrence, of: event, tx)?.key ?? event.occurrence
            let found = try AnswerStore.attendees(
                of: id, occurrence, page.status.map { [$0] } ?? [.going, .interested], after: page.after,
                limit: page.limit, tx)
            let faces = try UserStore.faces(of: Set(found.map(\.user)), tx)
            return found.compactMap { user, answer in faces[user].map { Attendee($0, answer.status) } }
        }
    }
}
