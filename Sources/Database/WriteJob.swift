import NIOConcurrencyHelpers

/// A closure that waits to write, and its caller.
final class WriteJob: Sendable {
    private struct State {
        var error: (any Error)?
        var records: [any Sendable] = []
    }

    /// What others change as well that name the same number.
    let lane: Int64?
    let questions: Questions
    private let state = NIOLockedValueBox(State())
    private let body: @Sendable (Transaction) throws -> Void
    private let resume: @Sendable ((any Error)?) -> Void

    init<Result: Sendable>(
        in lane: WriteLane = .any, _ body: @escaping @Sendable (Transaction) throws -> Result,
        _ continuation: CheckedContinuation<Result, any Error>
    ) {
        (self.lane, questions) =
            if case .same(let number, let questions) = lane { (number, questions) } else { (nil, .none) }
        let result = NIOLockedValueBox<Result?>(nil)
        self.body = { transaction in
            let value = try body(transaction)
            result.withLockedValue { $0 = value }
        }
        self.resume = { error in
            if let error { return continuation.resume(throwing: error) }
            guard let value = result.withLockedValue({ $0 }) else {
                preconditionFailure("a job succeeds only after it has run")
            }
            continuation.resume(returning: value)
        }
    }

    var error: (any Error)? {
        get { state.withLockedValue { $0.error } }
        set { state.withLockedValue { $0.error = newValue } }
    }

    var records: [any Sendable] {
        get { state.withLockedValue { $0.records } }
        set { state.withLockedValue { $0.records = newValue } }
    }

    func run(_ transaction: Transaction) throws { try body(transaction) }

    func fail(_ error: any Error) { resume(error) }

    /// As if it had never run.
    func forget() {
        error = nil
        records = []
    }

    /// The commit is on disk. The world has learned of it first, so that whoever reads the answer finds the event already on its way.
    func finish() { resume(error) }
}
