import Chat
import Gateway
import Kernel
import Logging
import ServiceLifecycle

/// Follows the maintenance mode, which any node and the command line can switch, and tells the gateway's clients.
struct MaintenanceService: Service {
    /// What clients are at: talking, told that a pause comes, or shut out.
    private enum Stage: Equatable {
        case open
        case announced(MaintenanceNotice)
        case closed(MaintenanceNotice)
    }

    private static let interval = Duration.seconds(1)

    let maintenance: Maintenance
    let state: SystemState
    let gateway: GatewayServer
    let clock: any WallClock
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            var stage = Stage.open
            while !Task.isCancelled {
                do {
                    try await maintenance.refresh()
                    stage = await follow(from: stage)
                } catch {
                    logger.warning("the maintenance mode can't be read", metadata: ["error": "\(error)"])
                }
                try? await Task.sleep(for: Self.interval)
            }
        }
    }

    private func follow(from stage: Stage) async -> Stage {
        let now = clock.now()
        guard let notice = state.maintenance else {
            if stage != .open {
                gateway.reopen()
                logger.notice("the maintenance is over")
            }
            return .open
        }
        if stage == .closed(notice) { return stage }
        let stop = notice.stop(at: now)
        if stage != .announced(notice) {
            logger.notice("maintenance", metadata: ["message": "\(notice.message)"])
            await gateway.announce(stop)
        }
        guard notice.beginsAt <= now else { return .announced(notice) }
        await gateway.suspend(stop)
        return .closed(notice)
    }
}

extension MaintenanceNotice {
    fileprivate func stop(at now: Timestamp) -> GatewayStop {
        GatewayStop(
            .maintenance, message: message, closesIn: max(.zero, beginsAt - now),
            estimatedDowntime: estimatedDowntime_s.map { .seconds($0) }, restartsAt: endsAt)
    }
}
