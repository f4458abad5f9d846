import Glibc
import NIOConcurrencyHelpers

/// Tells the time of day. A value that is passed in, so that tests can be at any time that they like.
public protocol WallClock: Sendable {
    func now() -> Timestamp

    /// A step of the machine's clock that this one does not follow yet.
    var step: ClockStep? { get }
    /// The machine's own idea of the time, for talking to others, who know nothing of ours.
    var outside: any WallClock { get }
    /// Begins anew from the machine's clock, but not before a moment that is known to have passed.
    func start(notBefore floor: Timestamp)
    /// What has happened to the machine's clock since this was asked last.
    func takeChanges() -> [StepGuard.Change]
}

/// Most clocks show what they show.
extension WallClock {
    public var step: ClockStep? { nil }
    public var outside: any WallClock { self }
    public func start(notBefore floor: Timestamp) {}
    public func takeChanges() -> [StepGuard.Change] { [] }
}

/// How far the machine's clock was set, and when that will be believed, on its own time.
public struct ClockStep: Sendable, Equatable {
    public let offset: Duration
    public let takenAt: Timestamp

    public init(offset: Duration, takenAt: Timestamp) {
        self.offset = offset
        self.takenAt = takenAt
    }
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
