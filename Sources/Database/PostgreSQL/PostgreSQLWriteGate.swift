import Dispatch
import NIOConcurrencyHelpers

/// Lets transactions run beside each other, or one of them alone. First come, first served.
///
/// Writers that keep colliding (a counter that all of them raise) go through one at a time, which costs less than
/// trying again and again, and always ends.
final class PostgreSQLWriteGate: Sendable {
    private struct Waiting {
        let isAlone: Bool
        let turn = DispatchSemaphore(value: 0)
    }

    private struct State {
        var insideCount = 0
        var isTakenAlone = false
        var waiting: [Waiting] = []

        mutating func admit(alone: Bool) -> Bool {
            guard !isTakenAlone, !alone || insideCount == 0 else { return false }
            insideCount += 1
            isTakenAlone = alone
            return true
        }
    }

    private let state = NIOLockedValueBox(State())

    func pass<Result>(alone: Bool, _ body: () throws -> Result) rethrows -> Result {
        enter(alone: alone)
        defer { leave() }
        return try body()
    }

    private func enter(alone: Bool) {
        let waiting: Waiting? = state.withLockedValue { state in
            if state.waiting.isEmpty, state.admit(alone: alone) { return nil }
            let waiting = Waiting(isAlone: alone)
            state.waiting.append(waiting)
            return waiting
        }
        waiting?.turn.wait()
    }

    private func leave() {
        state.withLockedValue { state in
            state.insideCount -= 1
            state.isTakenAlone = false
            while let next = state.waiting.first, state.admit(alone: next.isAlone) {
                state.waiting.removeFirst()
                next.turn.signal()
            }
        }
    }
}
