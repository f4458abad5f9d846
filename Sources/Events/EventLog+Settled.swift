import Database
import Kernel

/// What has to fit a position of the log can't be read while an event that concerns it is committed and has no position yet: it
/// would be there twice, in what was read and in the event, or be missing in both.
extension EventLog {
    /// Something waits for its position; in a moment it has it.
    struct Unsettled: Error {}

    /// A batch takes a few milliseconds.
    private static let settling = Duration.milliseconds(3)
    private static let attempts = 100
    /// When more wait, the leader has to catch up first.
    private static let maximumWaiting = 2000

    /// Up to where what is decided in this transaction knows of everything; nil where one process has all events at the moment of
    /// their commit, so that there is nothing that another one could not have heard of.
    ///
    /// To be called in `read`, for it refuses while changes of what somebody sees have no position.
    public func horizon(_ tx: Transaction) throws -> Int64? {
        guard dialect == .postgresql else { return nil }
        try requireSettledSight(tx)
        return try newestPosition(tx)
    }

    /// How many events have no position yet.
    public func waitingCount(_ tx: Transaction) throws -> Int { try EventOutbox.count(tx) }

    /// Whether anybody gives events their positions; where one process has all events, it does.
    public func isLed(_ tx: Transaction) throws -> Bool {
        guard dialect == .postgresql else { return true }
        return try PostgreSQLLeader.isHeld(Relay.lock, tx)
    }

    /// Expects that the position tells all of what anybody sees.
    func requireSettledSight(_ tx: Transaction) throws {
        guard dialect == .postgresql else { return }
        let waiting = try EventOutbox.waiting(limit: Self.maximumWaiting, tx)
        if waiting.count == Self.maximumWaiting || waiting.contains(where: \.changesSight) { throw Unsettled() }
    }

    /// Expects that the position tells all that concerns these audiences. To be called in `read` or `readAlone`.
    public func requireSettled(for audiences: Set<Audience>, _ tx: Transaction) throws {
        guard dialect == .postgresql else { return }
        let waiting = try EventOutbox.waiting(limit: Self.maximumWaiting, tx)
        let concerns = waiting.contains { $0.changesSight || $0.audiences.contains(where: audiences.contains) }
        if concerns || waiting.count == Self.maximumWaiting { throw Unsettled() }
    }

    /// Reads what has to fit a position: again, while something that concerns it has none yet.
    public func read<Result: Sendable>(
        on database: any SQLDatabase, _ body: @escaping @Sendable (Transaction) throws -> Result
    ) async throws -> Result {
        if let result = try await readIfSettled(on: database, body) { return result }
        return try await readAlone(on: database, body)
    }

    /// As `read`, for what is better left than had at the cost of everybody else.
    /// - Returns: nil when each time something that concerns it was on its way.
    public func readIfSettled<Result: Sendable>(
        on database: any SQLDatabase, _ body: @escaping @Sendable (Transaction) throws -> Result
    ) async throws -> Result? {
        for _ in 0..<Self.attempts {
            do {
                return try await database.read(body)
            } catch is Unsettled {
                try await Task.sleep(for: Self.settling)
            }
        }
        return nil
    }

    /// Reads while nobody else gives events their positions, which holds up all of them. Somebody for whom something is always on
    /// its way would find no other moment.
    private func readAlone<Result: Sendable>(
        on database: any SQLDatabase, _ body: @escaping @Sendable (Transaction) throws -> Result
    ) async throws -> Result {
        defer { wake() }
        return try await database.write(.own) { tx in
            try EventOutbox.placeAlone(tx)
            return try body(tx)
        }
    }
}
