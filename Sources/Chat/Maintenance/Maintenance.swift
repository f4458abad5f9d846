import Bus
import Database
import Kernel

/// A planned pause: only administrators are let in while it lasts.
public struct MaintenanceNotice: Sendable, Equatable {
    public static let standardMessage = "The server is being maintained"

    public let message: String
    public let beginsAt: Timestamp
    public let estimatedDowntime_s: Int?

    public init(message: String, beginsAt: Timestamp, estimatedDowntime_s: Int?) {
        self.message = message
        self.beginsAt = beginsAt
        self.estimatedDowntime_s = estimatedDowntime_s
    }

    /// When it will probably be over.
    public var endsAt: Timestamp? { estimatedDowntime_s.map { beginsAt + .seconds($0) } }

    /// What requests are answered with meanwhile.
    func error(at now: Timestamp) -> APIError {
        .maintenance(retryAfter_s: endsAt.map { max(1, Double(($0 - now).wholeMilliseconds) / 1000) })
    }
}

/// The maintenance mode. It is kept in the database, so all nodes and the next start have it, too, and the command line
/// reaches a running server through it.
public struct Maintenance: Sendable {
    let database: any SQLDatabase
    let clock: any WallClock
    let state: SystemState
    /// Those who have to look at once.
    let otherNodes: NodeLink?

    /// Announces a pause, which begins after `delay`.
    @discardableResult
    public func begin(
        message: String?, after delay: Duration, estimatedDowntime_s: Int?
    ) async throws -> MaintenanceNotice {
        let message = message ?? MaintenanceNotice.standardMessage
        let notice = try await database.write { tx in
            let notice = MaintenanceNotice(
                message: message, beginsAt: tx.now + delay, estimatedDowntime_s: estimatedDowntime_s)
            try MaintenanceStore.set(notice, tx)
            return notice
        }
        state.maintenance = notice
        otherNodes?.bus.publish([], to: .maintenance)
        return notice
    }

    public func end() async throws {
        try await database.write { tx in try MaintenanceStore.clear(tx) }
        state.maintenance = nil
        otherNodes?.bus.publish([], to: .maintenance)
    }

    /// Learns what another process may have changed.
    public func refresh() async throws {
        let known = state.maintenance
        state.learn(try await database.read { tx in try MaintenanceStore.notice(tx) }, insteadOf: known)
    }

    /// What requests are answered with now; nil while there is no pause.
    func error() -> APIError? {
        let now = clock.now()
        guard let notice = state.maintenance, notice.beginsAt <= now else { return nil }
        return notice.error(at: now)
    }
}
