import NIOCore

/// What a connection is doing and how long that may take. Pure: the handlers tell it what happens and when, it says
/// what is to be done.
struct ConnectionProgress {
    struct Limits {
        let request: TimeAmount
        let leastBodyRate_bytesPerSecond: Int
        let idle: TimeAmount
        let write: TimeAmount
    }

    enum Phase: Equatable {
        /// Nothing of a request has come.
        case idle(since: NIODeadline)
        /// Some bytes of a head have come.
        case head(since: NIODeadline)
        case body(since: NIODeadline, bytes: Int)
        /// The whole request is here.
        case answering
    }

    enum Action: Equatable {
        case wait(until: NIODeadline)
        /// Nothing is owed to the client.
        case close
        case answerTimeout
    }

    private let limits: Limits
    private(set) var phase: Phase
    /// Requests whose answer is not complete: pipelining can make it more than one.
    private(set) var answersOwed = 0
    private var unwritableSince: NIODeadline?
    private var closesWhenAnswered = false

    init(limits: Limits, now: NIODeadline) {
        self.limits = limits
        self.phase = .idle(since: now)
    }

    mutating func bytesArrived(_ now: NIODeadline) {
        if case .idle = phase { phase = .head(since: now) }
    }

    /// - Parameter isLast: the client wants the connection closed after the answer.
    mutating func headArrived(_ now: NIODeadline, isLast: Bool) {
        answersOwed += 1
        if isLast { closesWhenAnswered = true }
        phase = .body(since: now, bytes: 0)
    }

    mutating func bodyArrived(_ count: Int) {
        if case .body(let since, let bytes) = phase { phase = .body(since: since, bytes: bytes + count) }
    }

    mutating func requestEnded() { phase = .answering }

    /// - Returns: whether the connection is to be closed now.
    mutating func answerEnded(_ now: NIODeadline, closing: Bool) -> Bool {
        answersOwed = max(0, answersOwed - 1)
        if answersOwed == 0, phase == .answering { phase = .idle(since: now) }
        return closing || (closesWhenAnswered && answersOwed == 0)
    }

    mutating func writabilityChanged(to isWritable: Bool, _ now: NIODeadline) {
        unwritableSince = isWritable ? nil : unwritableSince ?? now
    }

    /// The server stops: what is under way may finish.
    /// - Returns: whether the connection is to be closed now.
    mutating func quiesce() -> Bool {
        closesWhenAnswered = true
        if case .idle = phase { return answersOwed == 0 }
        return false
    }

    /// Whether the answer that is under way is the connection's last.
    var isLastAnswer: Bool { closesWhenAnswered && answersOwed == 1 }

    func check(_ now: NIODeadline) -> Action {
        if let unwritableSince, now >= unwritableSince + limits.write { return .close }
        let next = unwritableSince.map { $0 + limits.write } ?? now + limits.request
        guard let (deadline, action) = deadline else { return .wait(until: next) }
        if now >= deadline { return action }
        // A new phase may begin before this deadline and have a nearer one, so a look is due before.
        return .wait(until: min(deadline, next, now + limits.request))
    }

    /// Nil while a handler works: it bounds its own time.
    private var deadline: (NIODeadline, Action)? {
        switch phase {
        case .idle(let since): (since + limits.idle, .close)
        case .head(let since): (since + limits.request, .answerTimeout)
        case .body(let since, let bytes):
            (since + limits.request + .seconds(Int64(bytes / limits.leastBodyRate_bytesPerSecond)), .answerTimeout)
        case .answering: nil
        }
    }
}
