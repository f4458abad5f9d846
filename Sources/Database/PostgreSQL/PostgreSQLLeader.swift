import Foundation
import Kernel
import Logging
import NIOConcurrencyHelpers

/// One process of all that share a database leads: the one that holds a lock of it, by a connection of its own.
///
/// What the leader does on that connection needs no other proof that it still leads, since the lock and an open transaction end
/// together. PostgreSQL itself ends the connection of a leader that is frozen or cut off.
/// https://www.postgresql.org/docs/current/explicit-locking.html#ADVISORY-LOCKS
public final class PostgreSQLLeader: Sendable {
    /// What the leader does.
    public struct Work: Sendable {
        /// In the first transaction of its time.
        let begin: @Sendable (Transaction) throws -> Void
        /// Again and again, within a transaction (READ COMMITTED).
        /// - Returns: whether there is more to be done at once.
        let step: @Sendable (Transaction) throws -> Bool
        /// After each step that is on disk.
        let done: @Sendable () -> Void
        /// At the end of its time: somebody else may lead already.
        let end: @Sendable () -> Void

        public init(
            begin: @escaping @Sendable (Transaction) throws -> Void,
            step: @escaping @Sendable (Transaction) throws -> Bool, done: @escaping @Sendable () -> Void,
            end: @escaping @Sendable () -> Void
        ) {
            self.begin = begin
            self.step = step
            self.done = done
            self.end = end
        }
    }

    /// So often the others look whether nobody leads.
    private static let candidacy = Duration.milliseconds(100)
    /// So often the leader looks when nobody has rung.
    static let pause = Duration.milliseconds(250)
    /// The longest time between two attempts to connect.
    private static let longestPause = Duration.seconds(1)
    /// A leader that says nothing for so long is none any more.
    private static let silence = Duration.seconds(3)

    private struct State {
        var isLeading = false
        var isRunning = false
        var isClosing = false
        var closers: [CheckedContinuation<Void, Never>] = []
    }

    private let url: String
    private let lock: Int64
    private let clock: any WallClock
    private let limits: PostgreSQLLimits
    private let logger: Logger
    private let state = NIOLockedValueBox(State())
    private let bell: PostgreSQLBell

    /// - Parameter lock: the number of an advisory lock.
    /// - Throws: `DatabaseError.unavailable` without a free file descriptor.
    public init(url: String, lock: Int64, clock: any WallClock, logger: Logger) throws(DatabaseError) {
        self.url = url
        self.lock = lock
        self.clock = clock
        self.logger = logger
        limits = PostgreSQLLimits()
        bell = try PostgreSQLBell()
    }

    public var isLeading: Bool { state.withLockedValue { $0.isLeading } }

    public func start(_ work: Work) {
        state.withLockedValue { $0.isRunning = true }
        let thread = Thread { self.serve(work) }
        thread.name = "postgresql-leader"
        thread.stackSize = 1 << 20
        thread.start()
    }

    /// There is something to be done, if this process leads.
    public func ring() { bell.ring() }

    /// Lets another one lead, and returns when nothing is under way here.
    public func close() async {
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

    private var isClosing: Bool { state.withLockedValue { $0.isClosing } }

    // MARK: The thread

    private func serve(_ work: Work) {
        var outage = PostgreSQLOutage(limits: limits)
        while !isClosing {
            do {
                // A connection that is good for nothing, as when a disk is full, ends no outage.
                try lead(over: try connect(), work) { _ = outage.ended(at: .now) }
            } catch {
                let reason = (error as? PostgreSQLFailure)?.reason ?? "\(error)"
                if outage.failed(reason, at: .now, jitter: .random(in: 0...1)) {
                    logger.warning("the connection of the leader broke", metadata: ["reason": "\(reason)"])
                }
                // Nobody hears of anything before somebody leads again.
                sleep(until: min(outage.nextAttempt ?? .now, .now + Self.longestPause))
            }
        }
        let closers = state.withLockedValue { state in
            state.isRunning = false
            return state.closers
        }
        for closer in closers { closer.resume() }
    }

    private func connect() throws(PostgreSQLFailure) -> PostgreSQLConnection {
        let connection = try PostgreSQLConnection.connect(to: url, limits: limits)
        let silence_ms = Self.silence.wholeMilliseconds
        // A machine that is gone is noticed by the server's end of the connection, a process that is frozen by its silence; the
        // settings that a server does not have are passed over.
        connection.begin(
            """
            SELECT set_config(name, value, false)
            FROM (VALUES ('idle_session_timeout', '\(silence_ms)'),
                ('idle_in_transaction_session_timeout', '\(silence_ms)'), ('tcp_user_timeout', '\(silence_ms)'),
                ('tcp_keepalives_idle', '1'), ('tcp_keepalives_interval', '1'), ('tcp_keepalives_count', '3'))
                AS wanted(name, value)
            WHERE name IN (SELECT name FROM pg_settings)
            """)
        connection.sync()
        try connection.drain()
        return connection
    }

    /// Waits until nobody leads, then leads until the connection breaks or all is to end.
    /// - Parameter works: is said after each step, and while somebody else leads.
    private func lead(over connection: PostgreSQLConnection, _ work: Work, works: () -> Void) throws {
        while try !transaction(
            connection, { tx in try tx.first("SELECT pg_try_advisory_lock($1)", [lock]) { $0.bool(0) } ?? false })
        {
            works()
            bell.wait(until: .now + Self.candidacy * Double.random(in: 0.8...1.2))
            if isClosing { return }
        }
        try transaction(connection, work.begin)
        state.withLockedValue { $0.isLeading = true }
        defer {
            state.withLockedValue { $0.isLeading = false }
            work.end()
        }
        while !isClosing {
            let hasMore = try transaction(connection, work.step)
            work.done()
            works()
            if !hasMore { bell.wait(until: .now + Self.pause) }
        }
    }

    private func transaction<Result>(
        _ connection: PostgreSQLConnection, _ body: (Transaction) throws -> Result
    ) throws -> Result {
        let statements = PostgreSQLTransaction(connection, beginning: ["BEGIN ISOLATION LEVEL READ COMMITTED"])
        do {
            let result = try body(Transaction(statements, now: clock.now()))
            try statements.commit()
            return result
        } catch {
            statements.rollBack()
            throw statements.failure ?? error
        }
    }

    /// Wakes when it is to close.
    private func sleep(until moment: ContinuousClock.Instant) {
        while ContinuousClock.now < moment, !isClosing { bell.wait(until: moment) }
    }
}
