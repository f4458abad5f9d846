import Database
import Features
import Kernel

/// How an event goes: scheduled, active, and over; one that recurs is scheduled again for the next time.
enum EventCourse {
    // MARK: What is next

    /// - Parameter next: nil when there is none: the event is over.
    static func wait(for next: Occurrence?, _ event: inout ScheduledEvent) {
        guard let next else { return end(as: .completed, &event) }
        event.status = .scheduled
        (event.occurrence, event.nextStartsAt, event.dueAt) = (next.key, next.startsAt, next.startsAt)
    }

    /// It ends with its own end, or when the next one begins.
    static func goOn(with occurrence: Occurrence, of schedule: Schedule, _ event: inout ScheduledEvent) {
        event.status = .active
        (event.occurrence, event.nextStartsAt) = (occurrence.key, occurrence.startsAt)
        let next = schedule.next(after: occurrence.startsAt)
        event.dueAt = min(occurrence.end, next?.startsAt ?? occurrence.end)
    }

    private static func end(as status: ScheduledEvent.Status, _ event: inout ScheduledEvent) {
        event.status = status
        (event.occurrence, event.nextStartsAt, event.dueAt) = (nil, nil, nil)
    }

    // MARK: By hand

    /// - Throws: `.alreadyHandled` for a status that does not follow.
    static func move(
        _ event: inout ScheduledEvent, to status: ScheduledEvent.Status, _ schedule: Schedule, _ tx: Transaction
    ) throws {
        let current = event.occurrence.flatMap(schedule.occurrence(named:))
        switch (event.status, status) {
        case (.scheduled, .active):
            guard let current else { throw APIError.alreadyHandled }
            goOn(with: current, of: schedule, &event)
        case (.scheduled, .cancelled): end(as: .cancelled, &event)
        case (.active, .completed):
            guard let current else { return end(as: .completed, &event) }
            wait(for: schedule.next(after: max(current.startsAt, tx.now)), &event)
        default: throw APIError.alreadyHandled
        }
    }

    // MARK: By itself

    /// What an event is at a moment at which something about it is due.
    static func advance(_ event: inout ScheduledEvent, _ schedule: Schedule, at now: Timestamp) {
        guard let key = event.occurrence, let current = schedule.occurrence(named: key) else {
            return end(as: .completed, &event)
        }
        if event.status == .scheduled, current.end > now, current.startsAt <= now {
            return goOn(with: current, of: schedule, &event)
        }
        // What has begun and ended while nobody looked is passed over.
        let length = current.end - current.startsAt
        wait(for: schedule.next(after: max(current.startsAt, now - length)), &event)
        guard event.status == .scheduled, let begin = event.nextStartsAt, begin <= now, let key = event.occurrence,
            let next = schedule.occurrence(named: key)
        else { return }
        goOn(with: next, of: schedule, &event)
    }
}

extension ScheduledEvents {
    /// Begins and ends what is due.
    /// - Returns: whether there may be more.
    func advanceDue() async throws -> Bool {
        let due = try await parts.database.read { tx in try ScheduledEventStore.due(limit: 100, tx) }
        try await SetAside(parts: parts).each(of: .scheduledEvent, due, named: \.description) { id in
            try await parts.database.write { tx in
                guard let old = try ScheduledEventStore.event(id, tx), let dueAt = old.dueAt, dueAt <= tx.now else {
                    return
                }
                var new = old
                EventCourse.advance(&new, try Self.schedule(of: old, tx), at: tx.now)
                try keep(new, insteadOf: old, by: nil, tx)
            }
        }
        return due.count == 100
    }
}
