#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif
import NIOConcurrencyHelpers

/// Tells the time of day. A value that is passed in, so that tests can be at any time that they like.
public protocol WallClock: Sendable {
    func now() -> Timestamp
}

public struct SystemClock: WallClock {
    public init() {}

    public func now() -> Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
    }
}

/// A clock that stands still until it is told to move.
public final class ManualClock: WallClock {
    private let time: NIOLockedValueBox<Timestamp>

    public init(_ start: Timestamp) { self.time = NIOLockedValueBox(start) }

    public func now() -> Timestamp { time.withLockedValue { $0 } }

    public func advance(by duration: Duration) { time.withLockedValue { $0 = $0 + duration } }

    public func set(_ moment: Timestamp) { time.withLockedValue { $0 = moment } }
}
