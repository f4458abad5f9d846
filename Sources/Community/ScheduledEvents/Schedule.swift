import Kernel

/// When an event takes place: once, or again and again by the clock of its time zone, with what was changed of single
/// occurrences.
struct Schedule: Sendable, Equatable {
    /// How long something goes on that has no end.
    static let openEnd = Duration.seconds(4 * 3600)

    let startsAt: Timestamp
    let endsAt: Timestamp?
    /// A name of the IANA's.
    let timezone: String
    let rule: Recurrence?
    /// What was changed, by the moment at which it would have begun.
    var changes: [Timestamp: OccurrenceChange] = [:]

    /// Each occurrence lasts exactly as long as the first, also on a day on which the clocks are changed.
    var length: Duration? { endsAt.map { $0 - startsAt } }

    /// The moments of the rule that are not before another one, as if nothing had been changed.
    func keys(from moment: Timestamp) -> Keys { Keys(of: self, from: moment) }

    struct Keys: Sequence, IteratorProtocol {
        private let schedule: Schedule
        private let moment: Timestamp
        private let wall: WallTime
        private let firstWall_s: Int64
        private var days: RecurringDays?
        /// Days before it are only counted: to ask a zone for its clocks takes a thousand times as long.
        private let firstAsked: Int
        private var isFirst = true
        private var counted = 0

        init(of schedule: Schedule, from moment: Timestamp) {
            self.schedule = schedule
            self.moment = moment
            wall = WallTime(schedule.timezone)
            firstWall_s = wall.shown(at: schedule.startsAt)
            let first = CalendarDay(daysSince1970: Int(firstWall_s / WallTime.day_s))
            // A zone's clocks are less than two days from UTC.
            let wanted = Int(moment.seconds / WallTime.day_s) - 2
            firstAsked = wanted
            let isBeyond = wanted > first.daysSince1970 + Recurrence.horizon_days
            days = isBeyond ? nil : schedule.rule.map { RecurringDays($0, from: first, notBefore: wanted) }
        }

        mutating func next() -> Timestamp? {
            guard let rule = schedule.rule else { return only() }
            while let day = days?.next() {
                counted += 1
                if let count = rule.count, counted > count { return nil }
                guard day >= firstAsked else { continue }
                let start = start(on: Int64(day))
                if let until = rule.until, start > until { return nil }
                if start >= moment { return start }
            }
            return nil
        }

        private mutating func only() -> Timestamp? {
            defer { isFirst = false }
            return isFirst && schedule.startsAt >= moment ? schedule.startsAt : nil
        }

        /// The first keeps its moment also where clocks show its time twice.
        private func start(on day: Int64) -> Timestamp {
            let firstDay = firstWall_s / WallTime.day_s
            if day == firstDay { return schedule.startsAt }
            return wall.moment(showing: firstWall_s + (day - firstDay) * WallTime.day_s)
        }
    }

    private func occurrence(at key: Timestamp) -> Occurrence {
        let change = changes[key]
        let startsAt = change?.startsAt ?? key
        return Occurrence(
            key: key, startsAt: startsAt, endsAt: change?.endsAt ?? length.map { startsAt + $0 },
            isCancelled: change?.isCancelled ?? false)
    }

    /// The first occurrence that begins after a moment and is not cancelled.
    func next(after moment: Timestamp) -> Occurrence? {
        let ordinary = keys(from: moment + .milliseconds(1)).lazy.first { changes[$0] == nil }.map(occurrence(at:))
        let changed = changes.keys.map(occurrence(at:)).filter { !$0.isCancelled && $0.startsAt > moment }
        return (changed + (ordinary.map { [$0] } ?? [])).min()
    }

    /// The occurrence that would begin at a moment, or does after it was moved.
    func occurrence(named moment: Timestamp) -> Occurrence? {
        if keys(from: moment).lazy.first(where: { _ in true }) == moment { return occurrence(at: moment) }
        return changes.keys.sorted().map(occurrence(at:)).first { $0.startsAt == moment }
    }

    /// Those that are not over at a moment, cancelled ones among them, by when they begin.
    func occurrences(from moment: Timestamp, limit: Int) -> [Occurrence] {
        let ordinary = keys(from: moment - (length ?? Self.openEnd)).lazy.filter { changes[$0] == nil }
            .map(occurrence(at:)).filter { $0.end > moment }.prefix(limit)
        let changed = changes.keys.map(occurrence(at:)).filter { $0.end > moment }
        return Array((Array(ordinary) + changed).sorted().prefix(limit))
    }

    /// Whether anything of it lies between two moments.
    func touches(from: Timestamp?, to: Timestamp?) -> Bool {
        let from = from ?? startsAt
        guard let first = occurrences(from: from, limit: changes.count + 1).first(where: { !$0.isCancelled }) else {
            return false
        }
        return to.map { first.startsAt <= $0 } ?? true
    }
}

/// Which occurrences take the place of others when the times change: those of the same days, as people see them.
struct Successors {
    private let old: WallTime
    private let kept: Set<Timestamp>
    private let byDay: [Int64: Timestamp]

    /// - Parameter keys: of the old schedule, whose successors may be asked for.
    init(of keys: [Timestamp], from old: Schedule, to new: Schedule) {
        self.old = WallTime(old.timezone)
        let (before, after) = (keys.min() ?? new.startsAt, keys.max() ?? new.startsAt)
        let margin = Duration.seconds(2 * WallTime.day_s)
        // One walk for all.
        let found = new.keys(from: before - margin).prefix { $0 <= after + margin }
        let wall = WallTime(new.timezone)
        kept = Set(found)
        byDay = Dictionary(found.map { (wall.shown(at: $0) / WallTime.day_s, $0) }) { first, _ in first }
    }

    /// Whether there is such an occurrence as before.
    func keeps(_ key: Timestamp) -> Bool { kept.contains(key) }

    subscript(key: Timestamp) -> Timestamp? { byDay[old.shown(at: key) / WallTime.day_s] }
}

/// One time that an event takes place.
struct Occurrence: Sendable, Equatable, Comparable {
    /// When it would begin if it had not been moved: its name.
    let key: Timestamp
    let startsAt: Timestamp
    let endsAt: Timestamp?
    let isCancelled: Bool
    /// What the reader says of it, by itself or of all.
    var me: Answer?

    /// When it is over by itself.
    var end: Timestamp { endsAt ?? startsAt + Schedule.openEnd }

    static func < (left: Self, right: Self) -> Bool { (left.startsAt, left.key) < (right.startsAt, right.key) }
}

extension Occurrence: JSONObjectEncodable {
    static let shape = JSONShape<Occurrence>(
        "EventOccurrence",
        .field("occurrence", \.key),
        .field("starts_at", \.startsAt),
        .field("ends_at", \.endsAt),
        .field("cancelled", \.isCancelled),
        .field("me", \.me))
}

/// What is different about one occurrence.
struct OccurrenceChange: Sendable, Equatable {
    var isCancelled = false
    var startsAt: Timestamp?
    var endsAt: Timestamp?

    var isNone: Bool { !isCancelled && startsAt == nil && endsAt == nil }
}
