import NIOConcurrencyHelpers

/// Makes identifiers: bits 63-22 milliseconds since 2024-01-01, 21-17 datacenter, 16-12 worker, 11-0 sequence.
///
/// No two are alike within a process, and they never decrease, even when the wall clock steps back: the
/// generator then goes on from the newest time that it has used. Across processes the worker number keeps
/// them apart, so each process of an instance needs its own.
public final class Snowflakes: Sendable {
    /// 2024-01-01T00:00:00Z, in Unix milliseconds.
    public static let epoch_ms: Int64 = 1_704_067_200_000

    private static let nodeBits: Int64 = 0x3FF << 12
    private static let lastSequence: Int64 = 0xFFF

    private struct State {
        var node: Int64
        var lastTime_ms: Int64
        var sequence: Int64
    }

    private let clock: any WallClock
    private let state: NIOLockedValueBox<State>

    /// - Parameters:
    ///   - worker: 0…1023; its upper five bits are the datacenter.
    ///   - floor: the newest identifier known from an earlier run, so that a clock that stepped back while
    ///     the process was down can't repeat one.
    public init(clock: any WallClock, worker: Int, after floor: Int64 = 0) {
        self.clock = clock
        let floorTime_ms = floor > 0 ? (floor >> 22) + 1 : 0
        self.state = NIOLockedValueBox(
            State(node: Self.node(worker), lastTime_ms: floorTime_ms, sequence: -1))
    }

    private static func node(_ worker: Int) -> Int64 {
        precondition((0..<1024).contains(worker), "a worker number has ten bits")
        return Int64(worker) << 12
    }

    /// Goes on with another number: the old one may be somebody else's.
    /// - Parameter floor: the newest identifier that anybody is known to have made.
    public func change(worker: Int, after floor: Int64) {
        state.withLockedValue { state in
            // Ids still grow.
            state = State(
                node: Self.node(worker), lastTime_ms: max(state.lastTime_ms, floor >> 22) + 1, sequence: -1)
        }
    }

    public func next<Kind>(_ kind: Identifier<Kind>.Type = Identifier<Kind>.self) -> Identifier<Kind> {
        Identifier(rawValue: nextRaw())
    }

    /// One that is greater than another one, which may have been made elsewhere, by a clock that is ahead of this one.
    public func next<Kind>(after other: Identifier<Kind>) -> Identifier<Kind> {
        state.withLockedValue { state in
            let newest = state.lastTime_ms << 22 | state.node | max(0, state.sequence)
            guard other.rawValue > newest else { return }
            // Within the same millisecond the ids of a greater node are greater.
            let isGreater = state.node > other.rawValue & Self.nodeBits
            state.lastTime_ms = other.rawValue >> 22
            state.sequence = isGreater ? -1 : Self.lastSequence
        }
        return next()
    }

    /// The greatest identifier that can have been made here so far.
    public var newest: Int64 { state.withLockedValue { ($0.lastTime_ms + 1) << 22 - 1 } }

    public func nextRaw() -> Int64 {
        let now_ms = clock.now().milliseconds - Self.epoch_ms
        return state.withLockedValue { state in
            if now_ms > state.lastTime_ms {
                state.lastTime_ms = now_ms
                state.sequence = 0
            } else if state.sequence < Self.lastSequence {
                state.sequence += 1
            } else {
                // The millisecond is used up: borrow the next one instead of waiting for it.
                state.lastTime_ms += 1
                state.sequence = 0
            }
            return state.lastTime_ms << 22 | state.node | state.sequence
        }
    }
}
