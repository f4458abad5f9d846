import Database
import Kernel
import NIOConcurrencyHelpers

/// A database whose statements can be written down, and that can fail.
final class RecordingDatabase: Database {
    private let inner: any Database
    private let recorder: StatementRecorder

    init(_ inner: any Database, recorder: StatementRecorder) {
        (self.inner, self.recorder) = (inner, recorder)
    }

    var dialect: SQLDialect { inner.dialect }

    func read<Result: Sendable>(
        _ body: @escaping @Sendable (Transaction) throws -> Result
    ) async throws -> Result {
        try recorder.checkFault()
        return try await inner.read { [recorder] tx in try recorder.run(body, in: tx) }
    }

    func write<Result: Sendable>(
        _ body: @escaping @Sendable (Transaction) throws -> Result
    ) async throws -> Result {
        try recorder.checkFault()
        return try await inner.write { [recorder] tx in try recorder.run(body, in: tx) }
    }

    func close() async { await inner.close() }
}

final class StatementRecorder: Sendable {
    /// How often each was asked; nil while nobody wants to know.
    private let counts = NIOLockedValueBox<[StaticSQL: Int]?>(nil)

    private let fault = NIOLockedValueBox<(any Error)?>(nil)

    /// Meanwhile the database answers nothing but that error.
    func failing(with error: any Error, during body: () async throws -> Void) async rethrows {
        fault.withLockedValue { $0 = error }
        defer { fault.withLockedValue { $0 = nil } }
        try await body()
    }

    fileprivate func checkFault() throws {
        if let error = fault.withLockedValue({ $0 }) { throw error }
    }

    /// What is asked of the database meanwhile, by whomever.
    func statements(during body: () async throws -> Void) async rethrows -> [StaticSQL: Int] {
        counts.withLockedValue { $0 = [:] }
        defer { counts.withLockedValue { $0 = nil } }
        try await body()
        return counts.withLockedValue { $0 ?? [:] }
    }

    fileprivate func run<Result>(_ body: (Transaction) throws -> Result, in tx: Transaction) throws -> Result {
        guard counts.withLockedValue({ $0 != nil }) else { return try body(tx) }
        let connection = RecordingConnection(tx)
        defer {
            counts.withLockedValue { counts in
                for statement in connection.statements { counts?[statement, default: 0] += 1 }
            }
        }
        let recorded = Transaction(connection, now: tx.now)
        let result = try body(recorded)
        for item in recorded.outbox { tx.leave(inOutbox: item) }
        return result
    }
}
