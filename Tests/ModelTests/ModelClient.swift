import Kernel

@testable import Events
@testable import Gateway

/// A client, and what it was told.
struct ModelClient {
    enum Phase {
        case away
        /// `after`: RESUME from there; nil: IDENTIFY.
        case asking(node: Int, slot: Int32, moment: UInt64, after: Int64?)
        case placed(node: Int, slot: Int32, moment: UInt64, Place)
        case live(node: Int, slot: Int32)
    }

    enum Frame {
        case ready(s: Int64)
        /// What comes next was read from the log up to an end, and is live from there.
        case replay(after: Int64, through: Int64)
        case dispatch(s: Int64, tag: Int)
    }

    /// From one READY or RESUME to the next.
    struct Span {
        /// Whether it began with READY.
        let isFresh: Bool
        let start: Int64
        /// Up to where it was read, for what is seen there.
        let end: Int64
        var heard: [(s: Int64, tag: Int)] = []
    }

    let user: Int
    var phase = Phase.away
    /// What is under way to it.
    private(set) var socket: [Frame] = []
    /// The newest that it was told; nil before READY.
    private(set) var s: Int64?
    private(set) var spans: [Span] = []

    init(user: Int) { self.user = user }

    var identity: GatewayIdentity {
        GatewayIdentity(user: UserID(rawValue: Int64(user + 1)), login: SessionID(rawValue: Int64(user + 1)))
    }

    var node: Int? {
        switch phase {
        case .away: nil
        case .asking(let node, _, _, _), .placed(let node, _, _, _), .live(let node, _): node
        }
    }

    var slot: Int32? {
        switch phase {
        case .away: nil
        case .asking(_, let slot, _, _), .placed(_, let slot, _, _), .live(_, let slot): slot
        }
    }

    var isLive: Bool { if case .live = phase { true } else { false } }

    mutating func send(_ frames: [Frame]) { socket += frames }

    mutating func send(_ frames: [EventFrame]) {
        socket += frames.map { frame in
            let (s, tag) = frame.reading
            return .dispatch(s: s, tag: tag)
        }
    }

    mutating func read(limit: Int) {
        for frame in socket.prefix(limit) {
            switch frame {
            case .ready(let s):
                self.s = s
                spans.append(Span(isFresh: true, start: s, end: s))
            case .replay(let start, let end): spans.append(Span(isFresh: false, start: start, end: end))
            case .dispatch(let s, let tag):
                self.s = s
                spans[spans.count - 1].heard.append((s, tag))
            }
        }
        socket.removeFirst(min(limit, socket.count))
    }

    /// What is still under way is lost.
    mutating func hangUp() {
        socket = []
        phase = .away
    }
}
