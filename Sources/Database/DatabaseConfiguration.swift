import Kernel
import Logging

/// What a driver needs besides its address.
public struct DatabaseConfiguration: Sendable {
    public let migrations: [Migration]
    public let outbox: (any Outbox)?
    public let clock: any WallClock
    public let logger: Logger
    /// Reading transactions at the same time; on PostgreSQL also the bound of connections.
    public let maximumConnections: Int
    /// Writers that may wait before the next is turned away with `.overloaded`.
    public let maximumWaitingWriters: Int
    /// SQLite: so long it is waited for another process that writes.
    public let lockTimeout: Duration

    public init(
        migrations: [Migration], outbox: (any Outbox)? = nil, clock: any WallClock = SystemClock(), logger: Logger,
        maximumConnections: Int = 8, maximumWaitingWriters: Int = 10_000,
        lockTimeout: Duration = .seconds(10)
    ) {
        self.migrations = migrations
        self.outbox = outbox
        self.clock = clock
        self.logger = logger
        self.maximumConnections = maximumConnections
        self.maximumWaitingWriters = maximumWaitingWriters
        self.lockTimeout = lockTimeout
    }
}
