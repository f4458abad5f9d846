import Kernel
import NIOConcurrencyHelpers

/// The database on a PostgreSQL server, which several processes can share.
///
/// Transactions run on the threads of a pool, each with a connection of its own: writers as SERIALIZABLE, so that what
/// a closure has read still holds when it commits; readers on a snapshot. What collides with others, or loses its
/// connection before the commit, runs again, and in the end while nobody else writes. Closures that wait to write share one
/// commit, and so one sync to disk; one that throws takes nothing of the others with it.
///
/// A statement that fails dooms its transaction, even when the closure catches the error.
public final class PostgreSQLDatabase: SQLDatabase {
    public let dialect = SQLDialect.postgresql
    private let pool: PostgreSQLPool

    /// Connects, and brings the schema up to date.
    /// - Parameters:
    ///   - url: `postgres://user:password@host:port/database`, with libpq's parameters, such as `?sslmode=verify-full`.
    ///   - configuration: its `maximumConnections` counts from two: one thread, or a quarter of them, is for readers.
    /// - Throws: `DatabaseError`.
    public convenience init(url: String, configuration: DatabaseConfiguration) async throws {
        try await self.init(url: url, configuration: configuration, limits: PostgreSQLLimits())
    }

    init(url: String, configuration: DatabaseConfiguration, limits: PostgreSQLLimits) async throws {
        try PostgreSQLConnection.check(url: url)
        let pool = PostgreSQLPool(maximumWaiting: configuration.maximumWaitingWriters)
        self.pool = pool
        let surroundings = PostgreSQLSurroundings(
            url: url, configuration: configuration, limits: limits,
            outage: NIOLockedValueBox(PostgreSQLOutage(limits: limits)), isClosing: { pool.isClosed })
        pool.start(connections: configuration.maximumConnections) { PostgreSQLSession(surroundings) }
        do {
            try await run(.write(.own)) { try $0.migrate() }
        } catch {
            await pool.close()
            throw error
        }
    }

    /// The threads of a database that is dropped without being closed end as well.
    deinit { pool.beginClosing() }

    public func read<Result: Sendable>(
        _ body: @escaping @Sendable (Transaction) throws -> Result
    ) async throws -> Result {
        try await run(.read) { try $0.read(body) }
    }

    public func write<Result: Sendable>(
        _ lane: WriteLane, _ body: @escaping @Sendable (Transaction) throws -> Result
    ) async throws -> Result {
        if case .own = lane { return try await run(.write(lane)) { try $0.write(body) } }
        return try await submit { id, continuation in
            let job = WriteJob(in: lane, body, continuation)
            return PostgreSQLPool.Job(id: id, access: .write(lane), work: .shared(job), fail: job.fail)
        }
    }

    public func close() async { await pool.close() }

    /// Runs `work` by itself on a thread of the pool.
    private func run<Result: Sendable>(
        _ access: PostgreSQLPool.Access, _ work: @escaping @Sendable (PostgreSQLSession) throws -> Result
    ) async throws -> Result {
        try await submit { id, continuation in
            PostgreSQLPool.Job(
                id: id, access: access,
                work: .single { session in continuation.resume(with: Swift.Result { try work(session) }) },
                fail: { error in continuation.resume(throwing: error) })
        }
    }

    /// A task that is cancelled while it waits for a thread leaves the queue; later it goes on to its end.
    private func submit<Result: Sendable>(
        _ makeJob: (UInt64, CheckedContinuation<Result, any Error>) -> PostgreSQLPool.Job
    ) async throws -> Result {
        try Task.checkCancellation()
        let id = pool.nextID()
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                pool.submit(makeJob(id, continuation))
                // The handler below came too early if the task was cancelled before the job was in the queue.
                if Task.isCancelled { pool.cancel(id) }
            }
        } onCancel: {
            pool.cancel(id)
        }
    }
}
