import Database
import Events
import Gateway
import Logging
import NIOConcurrencyHelpers
import ServiceLifecycle

/// When this node has last got an answer from the database.
final class DatabaseContact: Sendable {
    /// A database that is started again, or whose standby takes over, is often back sooner.
    static let patience = Duration.seconds(15)

    private let now: @Sendable () -> ContinuousClock.Instant
    private let heardAt: NIOLockedValueBox<ContinuousClock.Instant>

    init(now: @escaping @Sendable () -> ContinuousClock.Instant) {
        self.now = now
        heardAt = NIOLockedValueBox(now())
    }

    func note() { heardAt.withLockedValue { $0 = now() } }

    var silence: Duration { now() - heardAt.withLockedValue { $0 } }

    var isLost: Bool { silence >= Self.patience }
}

/// Sends the clients of a node away that is cut off from the database: other nodes may reach it, and a socket on which nothing is told
/// looks as if nothing happened. Each transaction that comes through is a sign of contact; where there is none, it asks.
struct DatabaseWatch: Service {
    private static let interval = Duration.seconds(1)

    let contact: DatabaseContact
    let database: any SQLDatabase
    let log: EventLog
    let gateway: GatewayServer
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            // An answer may take longer than the patience.
            async let _ = asking()
            await judging()
        }
    }

    private func asking() async {
        while !Task.isCancelled {
            if contact.silence >= Self.interval { _ = try? await log.newestPosition(in: database) }
            try? await Task.sleep(for: Self.interval)
        }
    }

    private func judging() async {
        var wasLost = false
        while !Task.isCancelled {
            let isLost = contact.isLost
            // Again and again: whoever comes back here meanwhile is told as little.
            if isLost { await gateway.sendAway() }
            if isLost != wasLost {
                logger.warning(isLost ? "the database is away: clients are sent away" : "the database is back")
            }
            wasLost = isLost
            try? await Task.sleep(for: Self.interval)
        }
    }
}
