import Database
import Features
import Kernel

/// What those who take part are told: that an event begins soon, or takes place at another time or not at all. An event can have
/// many people, so they are told some at a time; how far that has come stands in the row of the notice and moves on in the
/// transaction that notifies, so that nobody is told twice or passed over.
enum EventNotices {
    private static let nobody = UserID(rawValue: 0)
    static let peopleAtATime = 100

    /// Sees to it that there are notices for all these reminders.
    static func arm(_ event: ScheduledEvent, _ minutes: [Int], _ parts: Parts, _ tx: Transaction) throws {
        let known = Set(try EventNoticeStore.notices(of: event.id, .reminder, tx).map(\.minutes))
        let schedule = try ScheduledEvents.schedule(of: event, tx)
        for minutes in Set(minutes).subtracting(known).sorted() {
            guard let next = next(minutes, of: event, schedule, tx.now) else { continue }
            try EventNoticeStore.insert(
                EventNotice(
                    id: parts.ids.next(), event: event.id, server: event.server, kind: .reminder, minutes: minutes,
                    occurrence: next.occurrence, dueAt: next.dueAt, told: nobody, except: nil), tx)
        }
    }

    /// Takes away the notices for reminders that nobody wants any more.
    static func disarm(_ event: ScheduledEvent, _ minutes: Set<Int>, _ tx: Transaction) throws {
        guard !minutes.isEmpty else { return }
        for notice in try EventNoticeStore.notices(of: event.id, .reminder, tx) where minutes.contains(notice.minutes) {
            guard try !AnswerStore.isWanted(notice.minutes, of: event.id, tx) else { continue }
            try EventNoticeStore.delete(notice.id, tx)
        }
    }

    /// Of what was begun by hand before its time nobody needs to be reminded.
    private static func next(
        _ minutes: Int, of event: ScheduledEvent, _ schedule: Schedule, _ now: Timestamp
    ) -> (occurrence: Timestamp, dueAt: Timestamp)? {
        let ahead = Duration.seconds(minutes * 60)
        let begun = event.status == .active ? event.nextStartsAt ?? now : now
        return schedule.next(after: max(now + ahead, begun)).map { ($0.key, $0.startsAt - ahead) }
    }

    /// The reminders of an event whose times or status were changed.
    static func arm(_ event: ScheduledEvent, _ tx: Transaction) throws {
        let schedule = try ScheduledEvents.schedule(of: event, tx)
        for notice in try EventNoticeStore.notices(of: event.id, .reminder, tx) {
            try arm(notice, of: event, schedule, tx)
        }
    }

    private static func arm(
        _ notice: EventNotice, of event: ScheduledEvent, _ schedule: Schedule, _ tx: Transaction
    ) throws {
        guard event.status.isOpen, let next = next(notice.minutes, of: event, schedule, tx.now),
            try AnswerStore.isWanted(notice.minutes, of: event.id, tx)
        else { return try EventNoticeStore.delete(notice.id, tx) }
        var armed = notice
        (armed.occurrence, armed.dueAt, armed.told) = (next.occurrence, next.dueAt, nobody)
        try EventNoticeStore.update(armed, tx)
    }

    /// Tells those who take part of new times, or that it is called off, all but the one who did it.
    /// - Parameter key: of the occurrence; nil for all of them.
    static func news(
        of event: ScheduledEvent, _ key: Timestamp?, by caller: Caller, _ parts: Parts, _ tx: Transaction
    ) throws {
        let occurrence = key ?? Timestamp(milliseconds: 0)
        // What they have not been told yet is old by now.
        for notice in try EventNoticeStore.notices(of: event.id, .update, tx) where notice.occurrence == occurrence {
            try EventNoticeStore.delete(notice.id, tx)
        }
        try EventNoticeStore.insert(
            EventNotice(
                id: parts.ids.next(), event: event.id, server: event.server, kind: .update, minutes: 0,
                occurrence: occurrence, dueAt: tx.now, told: nobody, except: caller.user), tx)
    }

    // MARK: Telling

    static func tell(_ id: EventNoticeID, _ parts: Parts, _ tx: Transaction) throws {
        guard var notice = try EventNoticeStore.notice(id, tx), notice.dueAt <= tx.now else { return }
        guard let event = try ScheduledEventStore.event(notice.event, tx) else {
            return try EventNoticeStore.delete(id, tx)
        }
        let schedule = try ScheduledEvents.schedule(of: event, tx)
        let people =
            try subject(of: notice, event, schedule, tx.now).map { try tell(notice, $0, event, parts, tx) } ?? []
        if people.count == peopleAtATime, let last = people.last {
            notice.told = last
            return try EventNoticeStore.update(notice, tx)
        }
        switch notice.kind {
        case .reminder: try arm(notice, of: event, schedule, tx)
        case .update: try EventNoticeStore.delete(id, tx)
        }
    }

    /// What there is to say; nil for a reminder of what is over or called off by now.
    private static func subject(
        of notice: EventNotice, _ event: ScheduledEvent, _ schedule: Schedule, _ now: Timestamp
    ) -> Notification.Occasion? {
        var occasion = Notification.Occasion(
            id: event.id, name: event.name, startsAt: event.nextStartsAt ?? event.startsAt,
            status: event.status.rawValue)
        guard notice.occurrence.milliseconds > 0 else { return occasion }
        guard let occurrence = schedule.occurrence(named: notice.occurrence) else { return nil }
        occasion.startsAt = occurrence.startsAt
        if occurrence.isCancelled { occasion.status = ScheduledEvent.Status.cancelled.rawValue }
        let isPast = !event.status.isOpen || occurrence.isCancelled || occurrence.end <= now
        return notice.kind == .reminder && isPast ? nil : occasion
    }

    /// Tells the next ones.
    /// - Returns: who was looked at.
    private static func tell(
        _ notice: EventNotice, _ occasion: Notification.Occasion, _ event: ScheduledEvent, _ parts: Parts,
        _ tx: Transaction
    ) throws -> [UserID] {
        let people = try AnswerStore.people(of: event.id, after: notice.told, limit: peopleAtATime, tx)
        let named = notice.occurrence.milliseconds > 0 ? notice.occurrence : event.occurrence
        let answers = try AnswerStore.answers(of: people, to: event.id, named, tx)
        for person in people where person != notice.except {
            guard let answer = answers[person], answer.status != .notGoing,
                notice.kind == .update || answer.reminders_min.contains(notice.minutes),
                try EventSight.sees(person, event, tx)
            else { continue }
            try Notifications.notify(
                person, notice.kind == .reminder ? .eventReminder : .eventUpdate,
                about: Notifications.Subject(server: event.server, channel: event.place.channel, occasion: occasion),
                parts, tx)
        }
        return people
    }
}

extension ScheduledEvents {
    /// - Returns: whether there may be more.
    func tellDue() async throws -> Bool {
        let due = try await parts.database.read { tx in try EventNoticeStore.due(limit: 20, tx) }
        try await SetAside(parts: parts).each(of: .eventNotice, due, named: \.description) { id in
            try await parts.database.write { tx in try EventNotices.tell(id, parts, tx) }
        }
        return !due.isEmpty
    }
}
