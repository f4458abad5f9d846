import Database
import Kernel
import Logging
import NIOConcurrencyHelpers

/// Gives the events of all nodes their positions, while this node leads (PostgreSQL).
public final class Relay: Sendable {
    /// A number that other programs on the same PostgreSQL are unlikely to use for their advisory locks.
    static let lock: Int64 = 0x4156_4945

    private let leader: PostgreSQLLeader
    private let currentTerm = NIOLockedValueBox<Int64?>(nil)

    /// - Parameter url: of the database that the nodes share.
    /// - Throws: `DatabaseError.unavailable` without a free file descriptor.
    public init(url: String, clock: any WallClock = SystemClock(), logger: Logger) throws {
        leader = try PostgreSQLLeader(url: url, lock: Self.lock, clock: clock, logger: logger)
    }

    /// Nil while another node leads.
    public var term: Int64? { currentTerm.withLockedValue { $0 } }

    /// - Parameter announce: called with events that have got their positions, when that is on disk.
    func start(_ announce: @escaping @Sendable (EventBatch) -> Void) {
        let begun = NIOLockedValueBox<Int64?>(nil)
        let placed = NIOLockedValueBox<EventBatch?>(nil)
        leader.start(
            PostgreSQLLeader.Work(
                begin: { tx in
                    let term = try Leadership.begin(tx)
                    begun.withLockedValue { $0 = term }
                },
                step: { [currentTerm] tx in
                    currentTerm.withLockedValue { $0 = begun.withLockedValue { $0 } }
                    try EventOutbox.enter(tx)
                    let (batch, hasMore) = try EventOutbox.place(tx)
                    placed.withLockedValue { $0 = batch }
                    return hasMore
                },
                done: { if let batch = placed.withLockedValue({ $0 }) { announce(batch) } },
                end: { [currentTerm] in currentTerm.withLockedValue { $0 = nil } }))
    }

    /// Something was committed on this node.
    /// - Returns: false when another node has to be told.
    func ring() -> Bool {
        guard leader.isLeading else { return false }
        leader.ring()
        return true
    }

    public func close() async { await leader.close() }
}
