import Bus
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
    /// What makes it look.
    private let rings: AsyncStream<Void>
    private let bell: AsyncStream<Void>.Continuation

    /// - Parameter bus: by which another node says that it has switched.
    init(
        maintenance: Maintenance, state: SystemState, gateway: GatewayServer, clock: any WallClock,
        bus: (any MessageBus)?, logger: Logger
    ) {
        self.maintenance = maintenance
        self.state = state
        self.gateway = gateway
        self.clock = clock
        self.logger = logger
        (rings, bell) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
        bus?.subscribe(to: .maintenance) { [bell] _ in bell.yield() }
    }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            async let _ = ringing()
            var stage = Stage.open
            for await _ in rings {
                do {
                    try await maintenance.refresh()
                    stage = await follow(from: stage)
                } catch {
                    logger.warning("the maintenance mode can't be read", metadata: ["error": "\(error)"])
                }
            }
        }
    }

    private func ringing() async {
        while !Task.isCancelled {
            bell.yield()
            try? await Task.sleep(for: Self.interval)
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
