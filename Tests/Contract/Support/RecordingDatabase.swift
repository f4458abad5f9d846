import Database
import Foundation
import Kernel
import NIOConcurrencyHelpers
import TestPrograms

/// A database whose statements can be written down, and that can fail.
final class RecordingDatabase: SQLDatabase {
    private let inner: any SQLDatabase
    private let recorder: StatementRecorder

    init(_ inner: any SQLDatabase, recorder: StatementRecorder) {
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
        _ lane: WriteLane, _ body: @escaping @Sendable (Transaction) throws -> Result
    ) async throws -> Result {
        try recorder.checkFault()
        return try await inner.write(lane) { [recorder] tx in try recorder.run(body, in: tx) }
    }

    func close() async { await inner.close() }
}

final class StatementRecorder: Sendable {
    /// For each who wants to know, how often each was asked since.
    private let recordings = NIOLockedValueBox<[UUID: [StaticSQL: Int]]>([:])

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
        try await recording { counts in
            try await body()
            return counts()
        }
    }

    /// Waits until something has been asked so often, by transactions that had not begun yet.
    func waits(for statement: StaticSQL, times: Int) async throws {
        try await recording { counts in
            try await eventually { counts()[statement, default: 0] >= times }
        }
    }

    private func recording<Result>(
        _ body: (_ counts: () -> [StaticSQL: Int]) async throws -> Result
    ) async rethrows -> Result {
        let id = UUID()
        recordings.withLockedValue { $0[id] = [:] }
        defer { recordings.withLockedValue { $0[id] = nil } }
        return try await body { recordings.withLockedValue { $0[id] ?? [:] } }
    }

    fileprivate func run<Result>(_ body: (Transaction) throws -> Result, in tx: Transaction) throws -> Result {
        let wanted = recordings.withLockedValue { Array($0.keys) }
        guard !wanted.isEmpty else { return try body(tx) }
        let connection = RecordingConnection(tx)
        defer {
            recordings.withLockedValue { recordings in
                for statement in connection.statements {
                    for id in wanted { recordings[id]?[statement, default: 0] += 1 }
                }
            }
        }
        let recorded = Transaction(connection, now: tx.now)
        let result = try body(recorded)
        for item in recorded.outbox { tx.leave(inOutbox: item) }
        return result
    }
}
