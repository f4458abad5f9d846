import Kernel

/// How many sessions a bot has begun in a day, on whichever node (contract: Gateway, `session_start_limit`).
package struct SessionStarts: Sendable, Equatable {
    private static let day = Duration.seconds(24 * 3600)

    private(set) var count: Int
    /// When the first of them began.
    private(set) var since: Timestamp

    init(count: Int, since: Timestamp) {
        (self.count, self.since) = (count, since)
    }

    /// Also after a clock was set back, nobody waits for longer than a day.
    private func isCurrent(at now: Timestamp) -> Bool { since <= now && now - since < Self.day }

    mutating func add(at now: Timestamp, atMost limit: Int) -> Bool {
        if !isCurrent(at: now) { (count, since) = (0, now) }
        guard count < limit else { return false }
        count += 1
        return true
    }

    package func remaining(of limit: Int, at now: Timestamp) -> Int {
        isCurrent(at: now) ? max(0, limit - count) : limit
    }

    /// The time until all are there again.
    package func reset(at now: Timestamp) -> Duration { isCurrent(at: now) ? since + Self.day - now : .zero }
}
