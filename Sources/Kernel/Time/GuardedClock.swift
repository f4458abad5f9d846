import Glibc
import NIOConcurrencyHelpers

/// Counts the time since some moment. Nobody can set it.
public protocol MonotonicClock: Sendable {
    func now_ms() -> Int64
}

/// The machine's, which goes on while it sleeps.
public struct SystemMonotonicClock: MonotonicClock {
    public init() {}

    public func now_ms() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_BOOTTIME, &time)
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    }
}

/// A monotonic clock that stands still until it is told to move on.
public final class ManualMonotonicClock: MonotonicClock {
    private let time_ms = NIOLockedValueBox<Int64>(0)

    public init() {}

    public func now_ms() -> Int64 { time_ms.withLockedValue { $0 } }

    public func advance(by duration: Duration) { time_ms.withLockedValue { $0 += duration.wholeMilliseconds } }
}

/// The time by which a running server lets things end: steps of the wall clock count only once they have stood for ten
/// minutes (`StepGuard`).
public final class GuardedClock: WallClock {
    private struct State {
        var stepGuard: StepGuard
        /// What has happened and was not reported yet.
        var changes: [StepGuard.Change] = []
    }

    /// A few of the newest are enough to tell of a clock that jumps to and fro.
    private static let maximumChanges = 32

    private let wall: any WallClock
    private let monotonic: any MonotonicClock
    private let state: NIOLockedValueBox<State>

    public init(
        _ wall: any WallClock = SystemClock(), monotonic: any MonotonicClock = SystemMonotonicClock()
    ) {
        self.wall = wall
        self.monotonic = monotonic
        self.state = NIOLockedValueBox(
            State(stepGuard: StepGuard(wall: wall.now(), monotonic_ms: monotonic.now_ms())))
    }

    public func now() -> Timestamp { observed { $0.stepGuard.time } }

    public var outside: any WallClock { wall }

    public func start(notBefore floor: Timestamp) {
        let (wall, monotonic_ms) = (wall.now(), monotonic.now_ms())
        state.withLockedValue { state in
            state = State(stepGuard: StepGuard(wall: wall, monotonic_ms: monotonic_ms, notBefore: floor))
        }
    }

    public var step: ClockStep? {
        observed { state in
            guard let step = state.stepGuard.step, let takenAt = state.stepGuard.takenAt else { return nil }
            return ClockStep(offset: .milliseconds(step.offset_ms), takenAt: takenAt)
        }
    }

    public func takeChanges() -> [StepGuard.Change] {
        observed { state in
            defer { state.changes = [] }
            return state.changes
        }
    }

    private func observed<Value>(_ body: (inout State) -> Value) -> Value {
        let (wall, monotonic_ms) = (wall.now(), monotonic.now_ms())
        return state.withLockedValue { state in
            if let change = state.stepGuard.observe(wall: wall, monotonic_ms: monotonic_ms) {
                state.changes.append(change)
                if state.changes.count > Self.maximumChanges { state.changes.removeFirst() }
            }
            return body(&state)
        }
    }
}
