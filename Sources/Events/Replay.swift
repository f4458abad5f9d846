import Database
import Kernel

/// Which stretches of the log somebody could see, worked out backwards from what they see now.
///
/// `.sight` events are undone from the newest to the oldest: what was gained at a position was not seen before it, what
/// was lost was seen until then.
public struct SightHistory: Sendable, Equatable {
    /// Positions after `after`, up to and including `through`.
    struct Stretch: Sendable, Equatable {
        var after: Int64
        var through: Int64
    }

    private let start: Int64
    private let end: Int64
    /// What is seen at the end. Nearly all of it was seen all the time, and nothing is noted of that.
    private let current: Set<Audience>
    /// Of what was gained or lost since the start.
    private var stretches: [Audience: [Stretch]] = [:]

    /// - Parameters:
    ///   - current: what is seen at `end`.
    ///   - changes: the sight events after `start`, newest first.
    init(current: Set<Audience>, changes: [Event], start: Int64, end: Int64) {
        (self.start, self.end, self.current) = (start, end, current)
        // Up to where each is seen that has changed; nil while it is not.
        var changed: [Audience: Int64?] = [:]
        func horizon(of audience: Audience) -> Int64? {
            changed[audience] ?? (current.contains(audience) ? end : nil)
        }
        for event in changes {
            guard let change = event.sightChange, event.audiences.contains(where: { horizon(of: $0) != nil }),
                !change.except.contains(where: { horizon(of: $0) != nil })
            else { continue }
            for audience in change.gained {
                guard let through = horizon(of: audience) else { continue }
                changed[audience] = .some(nil)
                add(Stretch(after: event.position, through: through), to: audience)
            }
            for audience in change.lost where horizon(of: audience) == nil { changed[audience] = event.position }
        }
        for (audience, through) in changed {
            stretches[audience, default: []] += []
            if let through { add(Stretch(after: start, through: through), to: audience) }
        }
    }

    private mutating func add(_ stretch: Stretch, to audience: Audience) {
        if stretch.through > stretch.after { stretches[audience, default: []].append(stretch) }
    }

    /// Those of what is seen now that were seen at any time since the start.
    var seen: Set<Audience> {
        let unseen = stretches.filter(\.value.isEmpty)
        return unseen.isEmpty ? current : current.filter { unseen[$0] == nil }
    }

    /// What is not seen any more.
    var lost: Set<Audience> { Set(stretches.lazy.filter { !$0.value.isEmpty }.map(\.key)).subtracting(current) }

    /// Those of an event's audiences in which it could be seen when it happened.
    func heard(_ event: Event) -> [Audience] {
        let position = event.position
        return event.audiences.filter { audience in
            guard let stretches = stretches[audience] else {
                return current.contains(audience) && position > start && position <= end
            }
            return stretches.contains { position > $0.after && position <= $0.through }
        }
    }
}

/// What somebody missed: the events after a position that they could see when these happened and can see now.
///
/// What was lost meanwhile comes as its loss alone. What is gone, such as a deleted message, is known to the features only,
/// which leave it out of the pages.
public struct Replay: Sendable {
    public let user: UserID
    /// The position up to which has been read.
    public private(set) var position: Int64
    /// The position at which the replay ends and the live events take over.
    public let end: Int64
    private let history: SightHistory
    private let now: SightNow
    /// Where there is something to be read.
    private var waiting: ArraySlice<Int64>

    /// Why a position can't be resumed from.
    public enum Refusal: Error, Sendable {
        /// The events after it are not kept any more.
        case pruned
        /// There are too many.
        case tooLong
        /// It lies in the future.
        case unknown
        /// It was said in another epoch.
        case otherEpoch
    }

    /// - Parameters:
    ///   - epoch: in which `start` was told; nil when nothing was said of epochs.
    ///   - sight: what the user sees in this transaction's snapshot, themselves included.
    ///   - limit: how many events there may be.
    /// - Throws: `Refusal`.
    public init(
        for user: UserID, after start: Int64, of epoch: LogEpoch?, seeing sight: SightNow, in log: EventLog,
        limit: Int, _ tx: Transaction
    ) throws {
        guard try EventLog.isCurrent(epoch, tx) else { throw Refusal.otherEpoch }
        // What is seen now is undone from the position on, so that it has to be what is seen there.
        try log.requireSettledSight(tx)
        let end = try log.newestPosition(tx)
        guard start >= 0, start <= end else { throw Refusal.unknown }
        guard try start >= EventStore.prunedThrough(tx) else { throw Refusal.pruned }
        let changes = try Self.sightChanges(of: user, after: start, through: end, seeing: sight.audiences, limit, tx)
        self.user = user
        self.position = start
        self.end = end
        self.now = sight
        history = SightHistory(current: sight.audiences, changes: changes, start: start, end: end)
        // What is said in channels is never all that tells of a loss.
        let told = history.lost.filter { $0.id > 0 }
        let positions = try Set(
            EventStore.positions(of: history.seen, after: start, through: end, limit: limit + 1, tx)
                + EventStore.positions(of: told, after: start, through: end, .afterLoss, limit: limit + 1, tx))
        guard positions.count <= limit else { throw Refusal.tooLong }
        waiting = positions.sorted()[...]
    }

    public var isFinished: Bool { position >= end }

    /// The next events, in order, and moves on. May be empty before the end.
    public mutating func next(limit: Int = 256, _ tx: Transaction) throws -> [Event] {
        let page = waiting.prefix(limit)
        waiting = waiting.dropFirst(limit)
        let events = try EventStore.events(at: page, tx)
        position = waiting.isEmpty ? end : page.last ?? end
        return events.filter(isTold)
    }

    private func isTold(_ event: Event) -> Bool {
        guard !history.heard(event).isEmpty, !event.name.isInternal else { return false }
        // They may see now by another way what they heard by one.
        return event.name.isLoss || now.shows(event.subject, toldTo: event.audiences)
    }

    /// The sight events that concern the user, newest first: those for the user, and those for the servers that the
    /// user was in at any time since.
    private static func sightChanges(
        of user: UserID, after start: Int64, through end: Int64, seeing audiences: Set<Audience>, _ limit: Int,
        _ tx: Transaction
    ) throws -> [Event] {
        var events: [Int64: Event] = [:]
        // Besides what is seen now, which is asked first.
        var asked: Set<Audience> = [.user(user)]
        var next = audiences
        next.insert(.user(user))
        var crowds = try EventStore.crowds(with: user, after: start, through: end, limit: limit + 1, tx)
        // What one change shows may be where another one was announced.
        while !next.isEmpty {
            let positions =
                try EventStore.positions(of: next, after: start, through: end, .sight, limit: limit + 1, tx) + crowds
            (next, crowds) = ([], [])
            for start in stride(from: 0, to: positions.count, by: 256) {
                let page = positions[start..<min(start + 256, positions.count)]
                for event in try EventStore.events(at: page, tx)
                where events.updateValue(event, forKey: event.position) == nil {
                    next.formUnion(event.sightChange?.gained ?? [])
                    next.formUnion(event.sightChange?.lost ?? [])
                }
            }
            guard events.count <= limit else { throw Refusal.tooLong }
            next = next.filter { !audiences.contains($0) && !asked.contains($0) }
            asked.formUnion(next)
        }
        return events.values.sorted { $0.position > $1.position }
    }
}
