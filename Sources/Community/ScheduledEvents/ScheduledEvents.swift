import Database
import Events
import Features
import Files
import Kernel

/// What is planned in a server: seeing, planning, changing and calling it off.
package struct ScheduledEvents: Sendable {
    static let cap = Cap("open events", per: .server, 100, .refused(field: "starts_at"))
    /// Of events that are over the oldest go.
    static let pastCap = Cap("past events", per: .server, 200, .oldestGoes)
    static let changedCap = Cap(
        "changed occurrences", per: .event, 200, .refused(field: "occurrence"),
        "those of the last month and those ahead")

    let parts: Parts
    let auditLog: AuditLog

    struct Draft: Sendable {
        let name: String
        let description: String?
        let place: EventPlace
        let startsAt: Timestamp
        let endsAt: Timestamp?
        let timezone: String
        let recurrence: Recurrence?
    }

    struct Change: Sendable {
        let name: String?
        let description: Kernel.Change<String>
        let kind: ScheduledEvent.Kind?
        let channel: Kernel.Change<ChannelID>
        let location: Kernel.Change<String>
        let startsAt: Timestamp?
        let endsAt: Kernel.Change<Timestamp>
        let timezone: String?
        let status: ScheduledEvent.Status?
        let image: Kernel.Change<String>
        let recurrence: Kernel.Change<Recurrence>
    }

    struct Page: Sendable {
        let status: ScheduledEvent.Status?
        let from: Timestamp?
        let to: Timestamp?
        let limit: Int
        let before: ScheduledEventID?

        var hasTimes: Bool { from != nil || to != nil }

        /// What lies far ahead has to be reckoned for each event; nobody plans so far.
        func requireNearness(_ now: Timestamp) throws(APIError) {
            for (name, moment) in [("from", from), ("to", to)] where moment.map({ $0 > now + Self.sight }) == true {
                throw .invalidInput(name, "must be at most ten years ahead")
            }
        }

        private static let sight = Duration.seconds(10 * 366 * 86_400)
    }

    // MARK: Seeing

    /// The newest first.
    /// - Throws: `.permissionDenied` for somebody who sees events nowhere in the server.
    func list(_ server: ServerID, _ page: Page, for caller: Caller) async throws -> [ScheduledEvent] {
        let seen = try await parts.database.read { tx in
            try page.requireNearness(tx.now)
            let standing = try Servers.standing(of: caller.user, in: server, tx)
            let places = try Channels.visible(in: server, to: standing.holder, tx)
            if !places.contains(where: { $0.permissions.contains(.eventsView) }) {
                try standing.permissions.require(.eventsView)
            }
            return try EventSight.visible(
                try ScheduledEventStore.events(of: server, tx), to: standing.holder, in: places
            )
            .filter { page.before == nil || $0.id < page.before ?? $0.id }
            .filter { page.status == nil || $0.status == page.status }
            .map { ($0, page.hasTimes ? try Self.schedule(of: $0, tx) : nil) }
        }
        // Times are reckoned while nobody waits for the database.
        let found = seen.lazy.filter { $0.1?.touches(from: page.from, to: page.to) ?? true }.map(\.0).prefix(page.limit)
        return try await parts.database.read { [found = Array(found)] tx in
            try Answers.completed(found, for: caller.user, tx)
        }
    }

    /// Those that are not over and that a member sees, for what a client knows from the start.
    static func open(in server: ServerID, _ holder: PermissionHolder, _ places: [Place], _ tx: Transaction) throws
        -> [ScheduledEvent]
    {
        EventSight.visible(try ScheduledEventStore.open(in: server, tx), to: holder, in: places)
    }

    /// What the caller takes part in, of all servers, the next first.
    func list(of caller: Caller) async throws -> [ScheduledEvent] {
        try await parts.database.read { tx in
            let answered = try ScheduledEventStore.answered(by: caller.user, tx)
            let seen = try answered.filter { try EventSight.sees(caller.user, $0, tx) }
            return try Answers.completed(seen, for: caller.user, tx).filter { $0.me?.status != .notGoing }
        }
    }

    func read(_ id: ScheduledEventID, in server: ServerID, for caller: Caller) async throws -> ScheduledEvent {
        try await parts.database.read { tx in
            try Answers.completed(try Self.seen(id, in: server, by: caller.user, tx).event, for: caller.user, tx)
        }
    }

    /// The occurrences that are not over at a moment, cancelled ones among them.
    func occurrences(
        _ id: ScheduledEventID, in server: ServerID, from moment: Timestamp?, limit: Int, for caller: Caller
    ) async throws -> [Occurrence] {
        try await parts.database.read { tx in
            let event = try Self.seen(id, in: server, by: caller.user, tx).event
            let answers = try AnswerStore.answers(of: caller.user, to: id, tx)
            var found = try Self.schedule(of: event, tx).occurrences(from: moment ?? tx.now, limit: limit)
            for index in found.indices { found[index].me = answers.special[found[index].key] ?? answers.general }
            return found
        }
    }

    /// - Throws: `.resourceNotFound`; `.accessDenied` where the channel is out of sight; `.permissionDenied`.
    static func seen(
        _ id: ScheduledEventID, in server: ServerID, by user: UserID, _ tx: Transaction
    ) throws -> (event: ScheduledEvent, permissions: EffectivePermissions) {
        _ = try Servers.standing(of: user, in: server, tx)
        guard let event = try ScheduledEventStore.event(id, tx), event.server == server else {
            throw APIError.resourceNotFound
        }
        let permissions = try EventSight.permissions(of: user, in: server, event.place.channel, tx)
        try permissions.require(.eventsView)
        return (event, permissions)
    }

    /// One that the caller may change.
    static func managed(
        _ id: ScheduledEventID, in server: ServerID, by caller: Caller, _ tx: Transaction
    ) throws -> ScheduledEvent {
        let (event, permissions) = try seen(id, in: server, by: caller.user, tx)
        try requirePlanning(of: event.creator, by: caller, permissions)
        return event
    }

    /// Who may create events changes their own, and who manages them all.
    private static func requirePlanning(
        of creator: UserID, by caller: Caller, _ permissions: EffectivePermissions
    ) throws(APIError) {
        if permissions.contains(.eventsManage) { return }
        try permissions.require(creator == caller.user ? .eventsCreate : .eventsManage)
    }

    static func schedule(of event: ScheduledEvent, _ tx: Transaction) throws -> Schedule {
        var schedule = event.plainSchedule
        if event.recurrence != nil { schedule.changes = try ScheduledEventStore.changes(of: event.id, tx) }
        return schedule
    }

    // MARK: Planning

    /// - Throws: `.permissionDenied`, `.accessDenied` for a channel out of sight, `.invalidInput`.
    func create(_ draft: Draft, in server: ServerID, by caller: Caller) async throws -> ScheduledEvent {
        try await parts.database.write { tx in
            let standing = try Servers.standing(of: caller.user, in: server, tx)
            let permissions = try Self.permissions(for: draft.place, in: standing, tx)
            try permissions.require(.eventsView)
            try Self.requirePlanning(of: caller.user, by: caller, permissions)
            try Self.cap.requireRoom(try ScheduledEventStore.openCount(of: server, tx))
            try EventRules.requireAhead(draft.startsAt, named: "starts_at", tx.now)
            let drafted = ScheduledEvent(
                id: parts.ids.next(), server: server, creator: caller.user, name: draft.name,
                description: draft.description, place: draft.place, startsAt: draft.startsAt, endsAt: draft.endsAt,
                timezone: draft.timezone, status: .scheduled, recurrence: draft.recurrence, createdAt: tx.now)
            var event = try EventRules.begun(drafted)
            EventCourse.wait(for: event.plainSchedule.next(after: tx.now), &event)
            guard event.occurrence != nil else { throw EventRules.neverTakesPlace }
            try ScheduledEventStore.insert(event, tx)
            try Self.tell(.guildScheduledEventCreate, event, tx)
            try auditLog.record(
                .eventCreate, Self.target(of: event), in: server, by: caller,
                changes: AuditChanges.between(nil, event), tx)
            return event
        }
    }

    /// What somebody may do where an event is to take place.
    private static func permissions(
        for place: EventPlace, in standing: Standing, _ tx: Transaction
    ) throws -> EffectivePermissions {
        guard let id = place.channel else { return standing.permissions }
        let found = try Channels.place(id, for: standing.holder.user, tx)
        let (channel, permissions) = (found.channel, found.permissions)
        guard channel.server == standing.server.id else { throw APIError.channelNotFound }
        let fits =
            switch place {
            case .voice: channel.type == .voice
            case .text: channel.type == .text || channel.type == .announcement || channel.type == .forum
            case .elsewhere: true
            }
        guard fits else { throw APIError.invalidInput("channel_id", "is a \(channel.type.rawValue)") }
        return permissions
    }

    static func target(of event: ScheduledEvent) -> AuditTarget { .event(event.id, in: event.place.channel) }

    static func tell(_ kind: EventKind<ScheduledEvent>, _ event: ScheduledEvent, _ tx: Transaction) throws {
        var event = event
        event.me = nil
        tx.emit(kind, event, about: EventSight.subject(of: event), to: try EventSight.audience(of: event, tx))
    }

    // MARK: Changing

    /// - Throws: `.alreadyHandled` for an event that is over, and for a status that does not follow from its own.
    func change(
        _ id: ScheduledEventID, in server: ServerID, _ change: Change, by caller: Caller
    ) async throws -> ScheduledEvent {
        try await parts.database.write { tx in
            let old = try Self.managed(id, in: server, by: caller, tx)
            guard old.status.isOpen else { throw APIError.alreadyHandled }
            var new = try EventRules.changed(old, change)
            if new.place != old.place { try requirePlace(new.place, of: old, by: caller, tx) }
            let isMoved = new.plainSchedule != old.plainSchedule
            if isMoved { new = try Self.rescheduled(new, insteadOf: old, tx) }
            if let status = change.status, status != old.status || status != .scheduled {
                try EventCourse.move(&new, to: status, try Self.schedule(of: new, tx), tx)
            }
            guard AuditChanges.between(old, new).isEmpty == false || new.dueAt != old.dueAt else {
                return try Answers.completed(old, for: caller.user, tx)
            }
            if new.image != old.image { try Blobs.release(old.image, tx) }
            new = try keep(new, insteadOf: old, by: caller, tx)
            if isMoved || new.status == .cancelled {
                try EventNotices.news(of: new, nil, by: caller, parts, tx)
            }
            return try Answers.completed(new, for: caller.user, tx)
        }
    }

    private func requirePlace(
        _ place: EventPlace, of event: ScheduledEvent, by caller: Caller, _ tx: Transaction
    ) throws {
        let standing = try Servers.standing(of: caller.user, in: event.server, tx)
        let permissions = try Self.permissions(for: place, in: standing, tx)
        try permissions.require(.eventsView)
        try Self.requirePlanning(of: event.creator, by: caller, permissions)
    }

    /// The event with the occurrence that is next by its new times. What was said and changed of an occurrence goes to the one of
    /// the same day, and where there is none any more it is forgotten.
    private static func rescheduled(
        _ event: ScheduledEvent, insteadOf old: ScheduledEvent, _ tx: Transaction
    ) throws -> ScheduledEvent {
        var event = event
        if event.startsAt != old.startsAt {
            guard old.status == .scheduled else { throw APIError.alreadyHandled }
            try EventRules.requireAhead(event.startsAt, named: "starts_at", tx.now)
        }
        event = try EventRules.begun(event)
        try rename(from: old, to: event, tx)
        let schedule = try schedule(of: event, tx)
        if old.status == .active, let key = old.occurrence, let current = schedule.occurrence(named: key) {
            EventCourse.goOn(with: current, of: schedule, &event)
        } else {
            guard old.status == .scheduled else { throw APIError.alreadyHandled }
            EventCourse.wait(for: schedule.next(after: tx.now), &event)
        }
        guard event.occurrence != nil else { throw EventRules.neverTakesPlace }
        return event
    }

    private static func rename(from old: ScheduledEvent, to new: ScheduledEvent, _ tx: Transaction) throws {
        let changes = try ScheduledEventStore.changes(of: new.id, tx)
        let answered = try AnswerStore.occurrences(of: new.id, tx)
        let successors = Successors(
            of: Array(changes.keys) + answered, from: old.plainSchedule, to: new.plainSchedule)
        for (key, change) in changes where !successors.keeps(key) {
            try ScheduledEventStore.forgetChange(of: key, new.id, tx)
            // An end alone may lie before the new beginning.
            guard change.isCancelled || change.startsAt != nil, let successor = successors[key] else { continue }
            try ScheduledEventStore.set(change, of: successor, new, tx)
        }
        for key in answered where !successors.keeps(key) {
            if let successor = successors[key] {
                try AnswerStore.rename(key, to: successor, of: new.id, tx)
            } else {
                try AnswerStore.remove(key, of: new.id, tx)
            }
        }
    }

    /// Stores an event that was changed, counts anew who comes, and tells everybody.
    /// - Returns: the event as it is told.
    @discardableResult
    func keep(
        _ event: ScheduledEvent, insteadOf old: ScheduledEvent, by caller: Caller?, _ tx: Transaction
    ) throws -> ScheduledEvent {
        var new = event
        if new.occurrence != old.occurrence || new.plainSchedule != old.plainSchedule { try Answers.count(&new, tx) }
        try ScheduledEventStore.update(new, tx)
        let isBegunEarly = new.status != old.status && new.nextStartsAt.map { tx.now < $0 } == true
        if new.plainSchedule != old.plainSchedule || !new.status.isOpen || isBegunEarly {
            try EventNotices.arm(new, tx)
        }
        if new.place.channel != old.place.channel { new = try leaveOld(old, for: new, tx) }
        try Self.tell(.guildScheduledEventUpdate, new, tx)
        if !new.status.isOpen { try forgetOldest(of: new.server, tx) }
        guard let caller else { return new }
        // Who sees only one of two channels learns nothing of the other.
        let changes =
            new.place.channel == old.place.channel
            ? AuditChanges.between(old, new) : ["channel_id": JSON.object(["hidden": .bool(true)])]
        try auditLog.record(.eventUpdate, Self.target(of: new), in: new.server, by: caller, changes: changes, tx)
        return new
    }

    /// In another channel an event is seen by others.
    private func leaveOld(
        _ old: ScheduledEvent, for new: ScheduledEvent, _ tx: Transaction
    ) throws -> ScheduledEvent {
        tx.emit(
            .guildScheduledEventDelete, ScheduledEventDeletedEvent(id: old.id, server: old.server),
            about: EventSight.subject(of: old), to: try EventSight.audience(of: old, tx))
        return try EventSight.settle(new, tx)
    }

    private func forgetOldest(of server: ServerID, _ tx: Transaction) throws {
        for event in try ScheduledEventStore.closed(of: server, butNewest: Self.pastCap.maximum, tx) {
            try Self.remove(event, tx)
        }
    }

    // MARK: Removing

    func delete(_ id: ScheduledEventID, in server: ServerID, by caller: Caller) async throws {
        try await parts.database.write { tx in
            let event = try Self.managed(id, in: server, by: caller, tx)
            try auditLog.record(
                .eventDelete, Self.target(of: event), in: server, by: caller,
                changes: AuditChanges.between(event, nil), tx)
            try Self.remove(event, tx)
        }
    }

    /// Removes an event with everything that hangs on it, and tells who saw it.
    static func remove(_ event: ScheduledEvent, _ tx: Transaction) throws {
        tx.emit(
            .guildScheduledEventDelete, ScheduledEventDeletedEvent(id: event.id, server: event.server),
            about: EventSight.subject(of: event), to: try EventSight.audience(of: event, tx))
        try Notifications.withdraw(about: event.id, tx)
        try ScheduledEventStore.delete(event.id, tx)
        try Blobs.release(event.image, tx)
    }

    /// Those of a channel that is about to be deleted.
    static func remove(in channel: ChannelID, _ tx: Transaction) throws {
        for event in try ScheduledEventStore.events(in: channel, tx) { try remove(event, tx) }
    }
}
