import NIOConcurrencyHelpers

/// Lets a few through at a time. Those who wait stand in line; when the line is long, newcomers are sent away.
public final class Turnstile: Sendable {
    public struct Crowded: Error {}

    private struct State {
        var free: Int
        var line: [(number: UInt64, continuation: CheckedContinuation<Void, any Error>)] = []
        var next: UInt64 = 0
    }

    private let state: NIOLockedValueBox<State>
    private let longestLine: Int

    public init(places: Int, longestLine: Int) {
        state = NIOLockedValueBox(State(free: places))
        self.longestLine = longestLine
    }

    /// Runs `body` when there is room.
    /// - Throws: `Crowded`, `CancellationError` while waiting; what `body` throws.
    public func pass<Result: Sendable>(_ body: () async throws -> Result) async throws -> Result {
        try await enter()
        defer { leave() }
        return try await body()
    }

    private func enter() async throws {
        let number = state.withLockedValue { state in
            state.next += 1
            return state.next
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
                let decision: Result<Void, any Error>? = state.withLockedValue { state in
                    if Task.isCancelled { return .failure(CancellationError()) }
                    if state.free > 0 {
                        state.free -= 1
                        return .success(())
                    }
                    guard state.line.count < longestLine else { return .failure(Crowded()) }
                    state.line.append((number, continuation))
                    return nil
                }
                if let decision { continuation.resume(with: decision) }
            }
        } onCancel: {
            let waiting = state.withLockedValue { state in
                state.line.firstIndex { $0.number == number }.map { state.line.remove(at: $0).continuation }
            }
            waiting?.resume(throwing: CancellationError())
        }
    }

    private func leave() {
        let next = state.withLockedValue { state -> CheckedContinuation<Void, any Error>? in
            guard !state.line.isEmpty else {
                state.free += 1
                return nil
            }
            return state.line.removeFirst().continuation
        }
        next?.resume()
    }
}
