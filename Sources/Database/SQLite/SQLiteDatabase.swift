import Dispatch
import Foundation
import GRDB
import Kernel
import Logging
import NIOConcurrencyHelpers

/// The database in one file, through GRDB: many readers beside one writer (WAL).
///
/// Closures that wait to write share one commit, and so one sync to disk (`synchronous=FULL`: what is acknowledged is
/// on disk). One that throws takes nothing of the others with it: if it has changed something, all of them run again, each with a
/// savepoint of its own.
public final class SQLiteDatabase: SQLDatabase {
    /// More than this many closures in one commit would only make the first of them wait longer.
    private static let maximumGroup = 256
    /// Nor is anybody taken in after so long.
    private static let longestGroup = Duration.milliseconds(20)
    /// So many run before it is looked at the clock.
    private static let portion = 32
    /// After a closure that had to be taken back, each has a savepoint in so many groups.
    private static let caution = 50

    private struct Queue {
        var waiting: [WriteJob] = []
        var isDraining = false
        var isClosed = false
    }

    public let dialect = SQLDialect.sqlite
    private let pool: DatabasePool
    private let configuration: DatabaseConfiguration
    private let limits: SQLiteLimits
    let statements = SQLiteStatements()
    private let queue = NIOLockedValueBox(Queue())
    /// In how many of the next groups each closure has a savepoint.
    private let partedGroups = NIOLockedValueBox(0)
    private let log: NIOLockedValueBox<SQLiteLog>
    private let closing = NIOLockedValueBox<Task<Void, Never>?>(nil)
    /// Reading blocks a thread, and GRDB's own asynchronous reads would change threads twice.
    private let readers: ReaderThreads
    private let writer = DispatchQueue(label: "aviary.sqlite.writer", qos: .userInitiated)

    /// Opens the file, makes it if it is not there, and brings its schema up to date.
    public convenience init(path: String, configuration: DatabaseConfiguration) async throws {
        try await self.init(path: path, configuration: configuration, limits: SQLiteLimits())
    }

    init(path: String, configuration: DatabaseConfiguration, limits: SQLiteLimits) async throws {
        self.configuration = configuration
        self.limits = limits
        self.readers = ReaderThreads(
            count: configuration.maximumConnections, maximumWaiting: limits.maximumWaitingReaders,
            longestWait: limits.readTimeout)
        let log = NIOLockedValueBox(SQLiteLog(of: path, limits))
        self.log = log
        var options = Configuration()
        options.label = "aviary.sqlite"
        options.maximumReaderCount = configuration.maximumConnections
        options.busyMode = .timeout(configuration.lockTimeout / .seconds(1))
        options.persistentReadOnlyConnections = true
        do {
            self.pool = try DatabasePool(path: path, configuration: options)
            try await pool.writeWithoutTransaction { db in
                // GRDB sets NORMAL for WAL, which may lose the last commits when the power fails.
                try db.execute(sql: "PRAGMA synchronous = FULL")
                try log.withLockedValue { try $0.configure(db) }
            }
        } catch let error as GRDB.DatabaseError {
            throw DatabaseError.unavailable("\(path): \(error.message ?? error.description)")
        }
        try await migrate()
        readers.start()
    }

    /// An immediate transaction is the lock: a second process waits for it and then finds everything done.
    private func migrate() async throws {
        let configuration = configuration
        try await translatingErrors {
            try await pool.writeWithoutTransaction { [statements] db in
                try db.inTransaction(.immediate) {
                    let transaction = Transaction(SQLiteConnection(db, statements), now: configuration.clock.now())
                    try Migrator.migrate(configuration.migrations, on: transaction, .sqlite)
                    return .commit
                }
            }
        }
    }

    private func translatingErrors<Result>(_ body: () async throws -> Result) async throws -> Result {
        do {
            return try await body()
        } catch let error as GRDB.DatabaseError {
            throw DatabaseError(error)
        }
    }

    // MARK: Reading

    public func read<Result: Sendable>(
        _ body: @escaping @Sendable (Transaction) throws -> Result
    ) async throws -> Result {
        if queue.withLockedValue({ $0.isClosed }) { throw DatabaseError.closed }
        let now = configuration.clock.now()
        return try await readers.run { [pool, statements, limits] in
            do {
                return try pool.unsafeRead { db in
                    let connection = SQLiteConnection(db, statements)
                    return try connection.within(limits.readTimeout) {
                        try Self.inTransaction("BEGIN DEFERRED", connection) { try body(Transaction($0, now: now)) }
                    }
                }
            } catch let error as GRDB.DatabaseError {
                throw DatabaseError(error)
            }
        }
    }

    // MARK: Writing

    public func write<Result: Sendable>(
        _ lane: WriteLane, _ body: @escaping @Sendable (Transaction) throws -> Result
    ) async throws -> Result {
        try await withCheckedThrowingContinuation { continuation in
            enqueue(WriteJob(body, continuation))
        }
    }

    private func enqueue(_ job: WriteJob) {
        let maximum = configuration.maximumWaitingWriters
        let (refusal, begins): (DatabaseError?, Bool) = queue.withLockedValue { queue in
            if queue.isClosed { return (.closed, false) }
            if queue.waiting.count >= maximum { return (.overloaded, false) }
            queue.waiting.append(job)
            defer { queue.isDraining = true }
            return (nil, !queue.isDraining)
        }
        if let refusal { return job.fail(refusal) }
        if begins { writer.async { self.drain() } }
    }

    private func takeWaiting(atMost count: Int) -> [WriteJob] {
        queue.withLockedValue { queue in
            let taken = Array(queue.waiting.prefix(count))
            queue.waiting.removeFirst(taken.count)
            return taken
        }
    }

    private func drain() {
        while true {
            commitGroup()
            if log.withLockedValue({ $0.isTooLong() }) { restartLog() }
            let isDone = queue.withLockedValue { queue in
                if queue.waiting.isEmpty { queue.isDraining = false }
                return queue.waiting.isEmpty
            }
            if isDone { return }
        }
    }

    /// A closure has changed something before it failed, and nothing takes that back but the end of the transaction.
    private struct WholeSpoiled: Error {}

    /// Runs what waits, and what comes in meanwhile, in one transaction.
    private func commitGroup() {
        var jobs: [WriteJob] = []
        do {
            try pool.writeWithoutTransaction { db in
                let connection = SQLiteConnection(db, statements)
                do {
                    try Self.inTransaction("BEGIN IMMEDIATE", connection) { try performWaiting(&jobs, $0) }
                } catch is WholeSpoiled {
                    partedGroups.withLockedValue { $0 = Self.caution }
                    try Self.inTransaction("BEGIN IMMEDIATE", connection) { connection in
                        for job in jobs { try perform(job, connection) }
                    }
                }
            }
        } catch {
            // Also when BEGIN failed: what waits can't be served now.
            let failure = (error as? GRDB.DatabaseError).map(DatabaseError.init) ?? error
            configuration.logger.error("a commit failed", metadata: ["error": "\(error)"])
            for job in jobs + (jobs.isEmpty ? takeWaiting(atMost: Self.maximumGroup) : []) { job.fail(failure) }
            return
        }
        partedGroups.withLockedValue { $0 = max(0, $0 - 1) }
        let records = jobs.flatMap(\.records)
        if !records.isEmpty { configuration.outbox?.announce(records) }
        for job in jobs { job.finish() }
    }

    private func restartLog() {
        let log = log.withLockedValue { $0 }
        do {
            let isDone = try pool.writeWithoutTransaction { db in try log.restart(db) }
            guard !isDone else { return }
            configuration.logger.warning(
                "the database's log grows, since somebody reads for long; perhaps another program does",
                metadata: ["bytes": "\(log.size_bytes)"])
        } catch {
            configuration.logger.error("the database's log can't be shortened", metadata: ["error": "\(error)"])
        }
    }

    private static func inTransaction<Result>(
        _ beginning: StaticSQL, _ connection: SQLiteConnection, _ body: (SQLiteConnection) throws -> Result
    ) throws -> Result {
        try connection.control(beginning)
        do {
            let result = try body(connection)
            try connection.control("COMMIT")
            return result
        } catch {
            // Some errors (a full disk) have rolled back already.
            if connection.isInTransaction { try? connection.control("ROLLBACK") }
            throw error
        }
    }

    /// - Parameter jobs: gets those that have run, or begun to.
    private func performWaiting(_ jobs: inout [WriteJob], _ connection: SQLiteConnection) throws {
        let end = ContinuousClock.now + Self.longestGroup
        while .now < end,
            case let more = takeWaiting(atMost: min(Self.portion, Self.maximumGroup - jobs.count)), !more.isEmpty
        {
            jobs += more
            for job in more { try perform(job, connection) }
        }
    }

    /// - Throws: only what dooms the whole transaction; the job's own errors stay with the job.
    private func perform(_ job: WriteJob, _ connection: SQLiteConnection) throws {
        job.forget()
        let isParted = partedGroups.withLockedValue { $0 } > 0
        let changes = connection.changeCount
        connection.mayBeTorn = false
        if isParted { try connection.control("SAVEPOINT job") }
        let transaction = Transaction(connection, now: configuration.clock.now())
        do {
            try job.run(transaction)
            if let outbox = configuration.outbox, !transaction.outbox.isEmpty {
                job.records = try outbox.record(transaction.outbox, in: transaction)
            }
            // Whoever took no notice of it would have the others write outside of any.
            guard connection.isInTransaction else { throw DatabaseError.unavailable("the transaction was lost") }
        } catch {
            guard connection.isInTransaction else { throw error }
            let hasChanged = connection.changeCount != changes || connection.mayBeTorn
            guard isParted || !hasChanged else { throw WholeSpoiled() }
            job.error = (error as? GRDB.DatabaseError).map(DatabaseError.init) ?? error
            job.records = []
            if isParted { try connection.control("ROLLBACK TO job") }
        }
        if isParted { try connection.control("RELEASE job") }
    }

    // MARK: Closing

    /// The first call closes; others wait until that is done.
    public func close() async {
        let task = closing.withLockedValue { closing in
            let task = closing ?? Task { await self.finish() }
            closing = task
            return task
        }
        await task.value
    }

    private func finish() async {
        queue.withLockedValue { $0.isClosed = true }
        await withCheckedContinuation { continuation in
            writer.async {
                self.drain()
                continuation.resume()
            }
        }
        await readers.close()
        // SQLite does not close a connection that has statements.
        statements.removeAll()
        do {
            try await pool.writeWithoutTransaction { [log = log.withLockedValue { $0 }] db in try log.end(db) }
        } catch {
            configuration.logger.warning("the database's log stays", metadata: ["error": "\(error)"])
        }
        do { try pool.close() } catch {
            configuration.logger.warning("the database did not close cleanly", metadata: ["error": "\(error)"])
        }
    }
}
