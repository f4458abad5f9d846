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
    /// From the beginning of a step to that of the next, so that under load each has much to do.
    private static let pace = Duration.milliseconds(4)
    /// Or so many times what it took, up to a bound, so that a machine that is busy is left to the others.
    private static let share = 5.0
    private static let slowestPace = Duration.milliseconds(20)
    /// The longest time between two attempts to connect.
    private static let longestPause = Duration.seconds(1)
    /// A leader that says nothing for so long is none any more.
    private static let silence = Duration.seconds(3)

    private let url: String
    private let lock: Int64
    private let clock: any WallClock
    private let limits = PostgreSQLLimits()
    private let isLeader = NIOLockedValueBox(false)
    private let thread: PostgreSQLThread

    /// - Parameter lock: the number of an advisory lock.
    /// - Throws: `DatabaseError.unavailable` without a free file descriptor.
    public init(url: String, lock: Int64, clock: any WallClock, logger: Logger) throws(DatabaseError) {
        self.url = url
        self.lock = lock
        self.clock = clock
        thread = try PostgreSQLThread("postgresql-leader", limits: limits, logger: logger)
    }

    public var isLeading: Bool { isLeader.withLockedValue { $0 } }

    /// Whether some process leads: it goes by the lock alone.
    /// https://www.postgresql.org/docs/current/view-pg-locks.html
    public static func isHeld(_ lock: Int64, _ tx: Transaction) throws -> Bool {
        try tx.exists(
            """
            SELECT 1 FROM pg_locks
            WHERE locktype = 'advisory' AND granted AND objsubid = 1 AND (classid::bigint << 32) + objid::bigint = $1
                AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
            """,
            [lock])
    }

    public func start(_ work: Work) {
        // Nobody hears of anything before somebody leads again.
        thread.start("the connection of the leader broke", longestPause: Self.longestPause) { outage in
            // A connection that is good for nothing, as when a disk is full, ends no outage.
            try self.lead(over: try self.connect(), work) { _ = outage.ended(at: .now) }
        }
    }

    /// There is something to be done, if this process leads.
    public func ring() { thread.ring() }

    /// Lets another one lead, and returns when nothing is under way here.
    public func close() async { await thread.close() }

    // MARK: The thread

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
            thread.wait(until: .now + Self.candidacy * Double.random(in: 0.8...1.2))
            if thread.isClosing { return }
        }
        try transaction(connection, work.begin)
        isLeader.withLockedValue { $0 = true }
        defer {
            isLeader.withLockedValue { $0 = false }
            work.end()
        }
        while !thread.isClosing {
            let begin = ContinuousClock.now
            let hasMore = try transaction(connection, work.step)
            let pace = min(max(Self.pace, (.now - begin) * Self.share), Self.slowestPace)
            work.done()
            works()
            if hasMore { continue }
            thread.wait(until: .now + Self.pause)
            let early = begin + pace - .now
            if early > .zero { Thread.sleep(forTimeInterval: early / .seconds(1)) }
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
}
