/// What the connections of a pool know together of a server that can't be reached: when to try again, and when to stop
/// waiting for it.
struct PostgreSQLOutage {
    enum Step: Equatable {
        case attempt
        case wait(until: ContinuousClock.Instant)
        case giveUp(reason: String)
    }

    private struct Down {
        let since: ContinuousClock.Instant
        var nextAttempt: ContinuousClock.Instant
        var delay: Duration
        var reason: String
    }

    private static let firstDelay = Duration.milliseconds(50)
    private static let maximumDelay = Duration.seconds(5)

    private let limits: PostgreSQLLimits
    private var down: Down?

    init(limits: PostgreSQLLimits) { self.limits = limits }

    /// Nil while there is none.
    var nextAttempt: ContinuousClock.Instant? { down?.nextAttempt }

    /// What somebody is to do who needs a connection until `deadline`.
    mutating func step(
        at now: ContinuousClock.Instant, deadline: ContinuousClock.Instant
    ) -> Step {
        guard let down else { return .attempt }
        if now >= deadline { return .giveUp(reason: down.reason) }
        if now >= down.nextAttempt {
            // The others wait for how this one goes.
            let nextAttempt = now + limits.connectTimeout
            self.down?.nextAttempt = nextAttempt
            return .attempt
        }
        // After so long nobody expects it to be back in a moment.
        let isLong = now - down.since > limits.outageBudget
        return isLong ? .giveUp(reason: down.reason) : .wait(until: min(down.nextAttempt, deadline))
    }

    /// - Parameter jitter: 0…1, so that the nodes of a cluster do not all come at once.
    /// - Returns: whether this begins an outage.
    mutating func failed(_ reason: String, at now: ContinuousClock.Instant, jitter: Double) -> Bool {
        let isFirst = down == nil
        var delay = down?.delay ?? Self.firstDelay
        let nextAttempt = now + delay * (0.5 + jitter / 2)
        delay = min(delay * 2, Self.maximumDelay)
        down = Down(since: down?.since ?? now, nextAttempt: nextAttempt, delay: delay, reason: reason)
        return isFirst
    }

    /// - Returns: how long the outage was, if there was one.
    mutating func ended(at now: ContinuousClock.Instant) -> Duration? {
        defer { down = nil }
        return down.map { now - $0.since }
    }
}
