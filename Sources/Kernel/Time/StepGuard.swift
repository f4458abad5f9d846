/// Decides what time it is from a wall clock, which somebody may set, and a monotonic clock, which nobody can.
///
/// Time goes on with the monotonic clock. What the wall clock drifts is followed; a step of it is believed only when it has
/// stood for `patience`, so that a clock that is wrong for a while ends nobody's login. Pure: `GuardedClock` reads the clocks.
public struct StepGuard: Sendable, Equatable {
    /// How far the wall clock may be off without having been set.
    public static let tolerance_ms: Int64 = 2000
    /// For how long a step must stand.
    public static let patience_ms: Int64 = 600_000

    /// A step of the wall clock that is not believed yet.
    public struct Step: Sendable, Equatable {
        /// What was added to the wall clock.
        public let offset_ms: Int64
        let since_ms: Int64
    }

    public enum Change: Sendable, Equatable {
        case seen(offset_ms: Int64)
        /// The wall clock shows what it would have shown anyway.
        case undone
        case taken(offset_ms: Int64)
    }

    public private(set) var time: Timestamp
    public private(set) var step: Step?
    private var measuredAt_ms: Int64

    /// - Parameter floor: the newest moment that is known from an earlier run: a machine that starts with a clock that has
    ///   stopped does not make everything young again.
    public init(wall: Timestamp, monotonic_ms: Int64, notBefore floor: Timestamp = Timestamp(milliseconds: .min)) {
        self.time = max(wall, floor)
        self.measuredAt_ms = monotonic_ms
    }

    /// Moves on to what the clocks show now.
    public mutating func observe(wall: Timestamp, monotonic_ms: Int64) -> Change? {
        let before = time
        time = Timestamp(milliseconds: before.milliseconds + max(0, monotonic_ms - measuredAt_ms))
        measuredAt_ms = max(measuredAt_ms, monotonic_ms)
        let offset_ms = wall.milliseconds - time.milliseconds
        guard abs(offset_ms) > Self.tolerance_ms else {
            // A little ahead of the wall clock, time stands still instead of going back.
            time = max(before, wall)
            defer { step = nil }
            return step == nil ? nil : .undone
        }
        guard let step, abs(offset_ms - step.offset_ms) <= Self.tolerance_ms else {
            step = Step(offset_ms: offset_ms, since_ms: measuredAt_ms)
            return .seen(offset_ms: offset_ms)
        }
        guard measuredAt_ms - step.since_ms >= Self.patience_ms else { return nil }
        time = wall
        self.step = nil
        return .taken(offset_ms: offset_ms)
    }

    /// When the step will be believed, on the wall clock's time; nil when there is none.
    public var takenAt: Timestamp? {
        step.map { step in
            Timestamp(
                milliseconds: time.milliseconds + step.offset_ms + step.since_ms + Self.patience_ms - measuredAt_ms)
        }
    }
}
