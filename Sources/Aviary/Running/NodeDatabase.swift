import Database
import Events
import Kernel

/// The database that several nodes share, as one of them may write to it: as long as its number is its own, and what one node does
/// for all only while it leads. A node that was asleep, or cut off, makes nothing until it knows where it stands.
struct NodeDatabase: SQLDatabase {
    /// Of the leader on whose behalf a task works; nil for what any node may do.
    @TaskLocal static var term: Int64?

    let database: any SQLDatabase
    let lease: WorkerLease
    let contact: DatabaseContact
    var now: @Sendable () -> ContinuousClock.Instant = { .now }

    var dialect: SQLDialect { database.dialect }

    func read<Result: Sendable>(
        _ body: @escaping @Sendable (Transaction) throws -> Result
    ) async throws -> Result {
        let result = try await database.read(body)
        contact.note()
        return result
    }

    func write<Result: Sendable>(
        _ lane: WriteLane, _ body: @escaping @Sendable (Transaction) throws -> Result
    ) async throws -> Result {
        let result = try await database.write(lane) { [lease, now, term = Self.term] tx in
            let claim = try Self.claim(lease, at: now())
            if let term { try Leadership.require(term, tx) }
            let result = try body(tx)
            guard try Self.claim(lease, at: now()) == claim else { throw Self.doubt }
            return result
        }
        contact.note()
        return result
    }

    private static let doubt = DatabaseError.unavailable("another node may have this one's number by now")

    private static func claim(
        _ lease: WorkerLease, at now: ContinuousClock.Instant
    ) throws -> HeldNumber.Claim {
        guard let claim = lease.claim(at: now) else { throw doubt }
        return claim
    }

    func close() async { await database.close() }
}
