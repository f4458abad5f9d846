import Database
import Features
import Kernel

extension ScheduledEvents {
    /// How long changes are kept of occurrences that are over.
    private static let memory = Duration.seconds(31 * 86_400)

    struct OccurrenceDraft: Sendable {
        let isCancelled: Bool
        let startsAt: Timestamp?
        let endsAt: Timestamp?
    }

    /// Changes one occurrence of an event that recurs. What is not said is as for all the others.
    /// - Parameter moment: when it would begin, or does after it was moved.
    /// - Throws: `.resourceNotFound` for one that there is not; `.alreadyHandled` for one that has begun or is over;
    ///   `.invalidInput` for a beginning that another one has.
    func change(
        _ moment: Timestamp, of id: ScheduledEventID, in server: ServerID, _ draft: OccurrenceDraft, by caller: Caller
    ) async throws -> Occurrence {
        try await parts.database.write { tx in
            let old = try Self.managed(id, in: server, by: caller, tx)
            guard old.status.isOpen else { throw APIError.alreadyHandled }
            guard old.recurrence != nil else {
                throw APIError.invalidInput("starts_at", "is of an event that takes place once")
            }
            var schedule = try Self.schedule(of: old, tx)
            guard let before = schedule.occurrence(named: moment) else { throw APIError.resourceNotFound }
            guard before.startsAt > tx.now, old.status != .active || before.key != old.occurrence else {
                throw APIError.alreadyHandled
            }
            let change = OccurrenceChange(
                isCancelled: draft.isCancelled, startsAt: draft.startsAt.flatMap { $0 == before.key ? nil : $0 },
                endsAt: draft.endsAt)
            if let startsAt = change.startsAt { try Self.requireFree(startsAt, for: before, schedule, tx) }
            schedule.changes[before.key] = change.isNone ? nil : change
            guard let after = schedule.occurrence(named: before.key) else { throw APIError.resourceNotFound }
            try EventRules.requireEnd(after.endsAt, after: after.startsAt)
            guard after != before else { return before }
            try store(change, of: before.key, old, tx)
            try follow(schedule, old, before, after, by: caller, tx)
            return after
        }
    }

    private static func requireFree(
        _ moment: Timestamp, for occurrence: Occurrence, _ schedule: Schedule, _ tx: Transaction
    ) throws {
        try EventRules.requireAhead(moment, named: "starts_at", tx.now)
        if let other = schedule.occurrence(named: moment), other.key != occurrence.key {
            throw APIError.invalidInput("starts_at", "is when another occurrence begins")
        }
    }

    private func store(
        _ change: OccurrenceChange, of key: Timestamp, _ event: ScheduledEvent, _ tx: Transaction
    ) throws {
        if change.isNone { return try ScheduledEventStore.forgetChange(of: key, event.id, tx) }
        let known = try ScheduledEventStore.changes(of: event.id, tx)
        for old in known.keys where old < tx.now - Self.memory {
            try ScheduledEventStore.forgetChange(of: old, event.id, tx)
        }
        if known[key] == nil { try Self.changedCap.requireRoom(known.keys.count { $0 >= tx.now - Self.memory }) }
        try ScheduledEventStore.set(change, of: key, event, tx)
    }

    /// The event after one of its occurrences was changed. It is called off with the last that is ahead.
    private func follow(
        _ schedule: Schedule, _ old: ScheduledEvent, _ before: Occurrence, _ after: Occurrence, by caller: Caller,
        _ tx: Transaction
    ) throws {
        var event = old
        if event.status == .scheduled {
            if let next = schedule.next(after: tx.now) {
                EventCourse.wait(for: next, &event)
            } else {
                try EventCourse.move(&event, to: .cancelled, schedule, tx)
            }
        }
        try keep(event, insteadOf: old, by: nil, tx)
        try EventNotices.arm(event, tx)
        try EventNotices.news(of: event, before.key, by: caller, parts, tx)
        try auditLog.record(
            .eventUpdate, Self.target(of: event), in: event.server, by: caller,
            changes: AuditChanges.between(before, after), tx)
    }
}
