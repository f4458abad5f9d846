import Foundation
import Logging
import NIOConcurrencyHelpers

/// A thread with a connection of its own, which is renewed when it breaks, until all is to end.
final class PostgreSQLThread: Sendable {
    private struct State {
        var isRunning = false
        var isClosing = false
        var closers: [CheckedContinuation<Void, Never>] = []
    }

    private let name: String
    private let limits: PostgreSQLLimits
    private let logger: Logger
    private let state = NIOLockedValueBox(State())
    private let bell: PostgreSQLBell

    /// - Throws: `DatabaseError.unavailable` without a free file descriptor.
    init(_ name: String, limits: PostgreSQLLimits, logger: Logger) throws(DatabaseError) {
        self.name = name
        self.limits = limits
        self.logger = logger
        bell = try PostgreSQLBell()
    }

    var isClosing: Bool { state.withLockedValue { $0.isClosing } }

    /// - Parameters:
    ///   - complaint: for the log, when an outage begins.
    ///   - longestPause: between two attempts to connect.
    ///   - work: connects, and works until the connection breaks, which it throws, or all is to end. It says when it works again.
    func start(
        _ complaint: String, longestPause: Duration,
        _ work: @escaping @Sendable (_ outage: inout PostgreSQLOutage) throws -> Void
    ) {
        state.withLockedValue { $0.isRunning = true }
        let thread = Thread { self.serve(complaint, longestPause, work) }
        thread.name = name
        thread.stackSize = 1 << 20
        thread.start()
    }

    private func serve(
        _ complaint: String, _ longestPause: Duration, _ work: (inout PostgreSQLOutage) throws -> Void
    ) {
        var outage = PostgreSQLOutage(limits: limits)
        while !isClosing {
            do {
                try work(&outage)
            } catch {
                let reason = (error as? PostgreSQLFailure)?.reason ?? "\(error)"
                if outage.failed(reason, at: .now, jitter: .random(in: 0...1)) {
                    logger.warning("\(complaint)", metadata: ["reason": "\(reason)"])
                }
                sleep(until: min(outage.nextAttempt ?? .now, .now + longestPause))
            }
        }
        let closers = state.withLockedValue { state in
            state.isRunning = false
            return state.closers
        }
        for closer in closers { closer.resume() }
    }

    /// Wakes when it is to close.
    private func sleep(until moment: ContinuousClock.Instant) {
        while ContinuousClock.now < moment, !isClosing { bell.wait(until: moment) }
    }

    /// Wakes it when it waits.
    func ring() { bell.ring() }

    /// To be called on the thread.
    func wait(until moment: ContinuousClock.Instant) { bell.wait(until: moment) }

    /// To be called on the thread.
    func wait(until moment: ContinuousClock.Instant, orInputOf connection: PostgreSQLConnection) {
        connection.waitForInput(until: moment, or: bell)
    }

    /// Returns when nothing is under way any more.
    func close() async {
        defer { bell.close() }
        await withCheckedContinuation { continuation in
            let isDone = state.withLockedValue { state in
                state.isClosing = true
                if state.isRunning { state.closers.append(continuation) }
                return !state.isRunning
            }
            if isDone { continuation.resume() } else { bell.ring() }
        }
    }
}
