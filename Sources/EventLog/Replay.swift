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

    func showed(_ event: Event) -> Bool {
        event.audiences.contains { audience in
            stretches[audience, default: []].contains { event.position > $0.after && event.position <= $0.through }
        }
    }
}

/// What somebody missed: the events after a position that they could see when these happened.
public struct Replay: Sendable {
    public let user: UserID
    /// The position up to which has been read.
    public private(set) var position: Int64
    /// The position at which the replay ends and the live events take over.
    public let end: Int64
    private let history: SightHistory

    /// Why a position can't be resumed from.
    public enum Refusal: Error, Sendable {
        /// The events after it are not kept any more.
        case pruned
        /// It lies in the future.
        case unknown
    }

    /// - Parameters:
    ///   - audiences: what the user sees in this transaction's snapshot, themselves included.
    /// - Throws: `Refusal`.
    public init(
        for user: UserID, after start: Int64, seeing audiences: Set<Audience>, in log: EventLog, _ tx: Transaction
    ) throws {
        let end = try log.newestPosition(tx)
        guard start >= 0, start <= end else { throw Refusal.unknown }
        guard try start >= EventStore.prunedThrough(tx) else { throw Refusal.pruned }
        let changes = try Self.sightChanges(of: user, after: start, through: end, seeing: audiences, tx)
        self.user = user
        self.position = start
        self.end = end
        self.history = SightHistory(current: audiences, changes: changes, start: start, end: end)
    }

    public var isFinished: Bool { position >= end }

    /// The next events, in order, and moves on. May be empty before the end.
    public mutating func next(limit: Int = 500, _ tx: Transaction) throws -> [Event] {
        let events = try EventStore.events(
            of: history.audiences, after: position, through: end, limit: limit, tx)
        position = events.count < limit ? end : events.last?.position ?? end
        return events.filter { history.showed($0) }
    }

    /// The sight events that concern the user, newest first: those for the user, and those for the servers that the
    /// user was in at any time since.
    private static func sightChanges(
        of user: UserID, after start: Int64, through end: Int64, seeing audiences: Set<Audience>, _ tx: Transaction
    ) throws -> [Event] {
        var events: [Int64: Event] = [:]
        var asked: Set<Audience> = []
        var next = audiences.union([.user(user)])
        // What one change shows may be where another one was announced.
        while !next.isEmpty {
            let found = try sightEvents(of: next, after: start, through: end, tx)
            asked.formUnion(next)
            next = []
            for event in found where events.updateValue(event, forKey: event.position) == nil {
                next.formUnion(event.sightChange?.gained ?? [])
                next.formUnion(event.sightChange?.lost ?? [])
            }
            next.subtract(asked)
        }
        return events.values.sorted { $0.position > $1.position }
    }

    private static func sightEvents(
        of audiences: Set<Audience>, after start: Int64, through end: Int64, _ tx: Transaction
    ) throws -> [Event] {
        try EventStore.events(
            of: audiences.sorted(), after: start, through: end, kind: .sight, limit: Int(Int32.max), tx)
    }
}
