import Kernel

@testable import Events

/// What a transaction leaves for the log.
struct Saying {
    /// Tells it from all others.
    let tag: Int
    let audiences: [Audience]
    let change: SightChange?

    func event(at position: Int64) -> Event {
        Event(
            position: position, at: Timestamp(seconds: 0),
            name: change == nil ? EventName(rawValue: "MESSAGE_CREATE") : .sight, intent: [], audiences: audiences,
            payload: change?.payload ?? Array("\(tag)".utf8))
    }
}

/// PostgreSQL, as far as the order of events rests on it: what a transaction has done is seen from its commit on, and transactions are
/// committed in any order; numbers and positions are taken before that, and are lost with who took them.
struct ModelDatabase {
    struct Waiting {
        let number: Int64
        let saying: Saying
    }

    /// Of somebody who gives positions. Nobody else does until it ends.
    struct Move {
        let session: Int
        let node: Int
        /// The newest position before.
        let previous: Int64
        let rows: [(waiting: Waiting, position: Int64)]
        let leads: Bool
    }

    /// What is committed and has no position, by number.
    private(set) var outbox: [Waiting] = []
    /// What has one, in order.
    private(set) var log: [Event] = []
    private(set) var tags: [Int64: Int] = [:]
    /// What each user sees.
    var sight: [Set<Audience>]
    /// The session that has the lock of the leader.
    private(set) var leader: Int?
    private(set) var moves: [Move] = []
    private var sessionCount = 0
    private var nextNumber: Int64 = 1
    private var nextPosition: Int64 = 1
    /// Up to where a relay has looked that passes rows by.
    private var cursor: Int64 = 0

    init(sight: [Set<Audience>]) { self.sight = sight }

    var newestPosition: Int64 { log.last?.position ?? 0 }

    func events(after position: Int64, limit: Int = .max) -> ArraySlice<Event> {
        var start = log.endIndex
        while start > 0, log[start - 1].position > position { start -= 1 }
        return log[start...].prefix(limit)
    }

    /// Whether the position tells all of what anybody sees.
    var isSettled: Bool { !outbox.contains { $0.saying.change != nil } }

    // MARK: Writers

    /// Within a transaction.
    mutating func number() -> Int64 {
        defer { nextNumber += 1 }
        return nextNumber
    }

    mutating func commit(_ waiting: [Waiting]) {
        outbox += waiting
        outbox.sort { $0.number < $1.number }
    }

    // MARK: Leaders

    mutating func session() -> Int {
        sessionCount += 1
        return sessionCount
    }

    /// - Returns: whether nobody else leads.
    mutating func lead(_ session: Int) -> Bool {
        guard leader == nil else { return false }
        leader = session
        return true
    }

    /// A connection ends, and what it was about to do is undone.
    mutating func end(_ session: Int) {
        if leader == session { leader = nil }
        moves.removeAll { $0.session == session }
    }

    /// Takes the connection's locks from it, and nothing else.
    mutating func endWithoutFence(_ session: Int) { if leader == session { leader = nil } }

    /// - Returns: false when somebody else gives positions, or there is nothing that needs one.
    mutating func beginMove(_ session: Int, of node: Int, limit: Int, leads: Bool, passing: Bool) -> Bool {
        guard moves.isEmpty else { return false }
        return beginMoveWithoutFence(session, of: node, limit: limit, leads: leads, passing: passing)
    }

    mutating func beginMoveWithoutFence(
        _ session: Int, of node: Int, limit: Int, leads: Bool, passing: Bool
    ) -> Bool {
        var rows: [(waiting: Waiting, position: Int64)] = []
        for waiting in outbox.filter({ !passing || $0.number > cursor }).prefix(limit) {
            rows.append((waiting, nextPosition))
            nextPosition += 1
        }
        guard !rows.isEmpty else { return false }
        moves.append(Move(session: session, node: node, previous: newestPosition, rows: rows, leads: leads))
        return true
    }

    /// - Returns: what was placed, as it is handed over.
    mutating func commitMove(at index: Int) -> (Move, EventBatch) {
        let move = moves.remove(at: index)
        let numbers = Set(move.rows.map(\.waiting.number))
        cursor = max(cursor, numbers.max() ?? 0)
        outbox.removeAll { numbers.contains($0.number) }
        let events = move.rows.map { $0.waiting.saying.event(at: $0.position) }
        for (waiting, position) in move.rows { tags[position] = waiting.saying.tag }
        log += events
        log.sort { $0.position < $1.position }
        return (move, EventBatch(epoch: .first, after: move.previous, events))
    }

    mutating func undoMove(at index: Int) { moves.remove(at: index) }
}
