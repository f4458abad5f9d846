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

    private(set) var stretches: [Audience: [Stretch]] = [:]

    /// - Parameters:
    ///   - current: what is seen at `end`.
    ///   - changes: the sight events after `start`, newest first.
    init(current: Set<Audience>, changes: [Event], start: Int64, end: Int64) {
        var open: [Audience: Int64] = [:]
        for audience in current { open[audience] = end }
        for event in changes {
            guard let change = event.sightChange, event.audiences.contains(where: { open[$0] != nil }),
                !change.except.contains(where: { open[$0] != nil })
            else { continue }
            for audience in change.gained {
                if let through = open.removeValue(forKey: audience) {
                    add(Stretch(after: event.position, through: through), to: audience)
                }
            }
            for audience in change.lost where open[audience] == nil { open[audience] = event.position }
        }
        for (audience, through) in open { add(Stretch(after: start, through: through), to: audience) }
    }

    private mutating func add(_ stretch: Stretch, to audience: Audience) {
        if stretch.through > stretch.after { stretches[audience, default: []].append(stretch) }
    }

    var audiences: [Audience] { stretches.keys.sorted() }

    /// Those of an event's audiences in which it could be seen when it happened.
    func heard(_ event: Event) -> [Audience] {
        event.audiences.filter { audience in
            stretches[audience, default: []].contains { event.position > $0.after && event.position <= $0.through }
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
        let (seen, lost) = history.audiences.split(by: sight.audiences.contains)
        // What is said in channels is never all that tells of a loss.
        let told = lost.filter { $0.id > 0 }
        let positions = try Set(
            EventStore.positions(of: seen, after: start, through: end, limit: limit + 1, tx)
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
        var asked: Set<Audience> = []
        var next = audiences.union([.user(user)])
        // What one change shows may be where another one was announced.
        while !next.isEmpty {
            let positions = try EventStore.positions(
                of: next.sorted(), after: start, through: end, .sight, limit: limit + 1, tx)
            asked.formUnion(next)
            next = []
            for start in stride(from: 0, to: positions.count, by: 256) {
                let page = positions[start..<min(start + 256, positions.count)]
                for event in try EventStore.events(at: page, tx)
                where events.updateValue(event, forKey: event.position) == nil {
                    next.formUnion(event.sightChange?.gained ?? [])
                    next.formUnion(event.sightChange?.lost ?? [])
                }
            }
            guard events.count <= limit else { throw Refusal.tooLong }
            next.subtract(asked)
        }
        return events.values.sorted { $0.position > $1.position }
    }
}

extension [Audience] {
    fileprivate func split(by belongs: (Audience) -> Bool) -> (seen: [Audience], lost: [Audience]) {
        (filter(belongs), filter { !belongs($0) })
    }
}
