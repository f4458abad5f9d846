import Kernel
import Logging
import NIOConcurrencyHelpers
import NIOCore

/// What all sessions share.
struct Services: Sendable {
    let configuration: GatewayConfiguration
    let backend: any GatewayBackend
    let admission: Admission
    let metrics: GatewayMetrics
    let logger: Logger
    let clock: any WallClock
    let limits: SessionLife.Limits
    /// How often the shards look at their sessions' deadlines.
    let sweepInterval: TimeAmount
    let hello: [UInt8]
    /// Why nobody may stay at the moment; nil when everybody may.
    let suspension = NIOLockedValueBox<GatewayStop?>(nil)

    private let connections = NIOLockedValueBox<UInt64>(0)

    /// A number that no other connection of this process has.
    func nextConnection() -> UInt64 {
        connections.withLockedValue { number in
            number += 1
            return number
        }
    }

    init(
        _ configuration: GatewayConfiguration, _ backend: any GatewayBackend, _ limiter: RateLimiter, _ logger: Logger,
        _ clock: any WallClock
    ) {
        self.configuration = configuration
        self.backend = backend
        self.logger = logger
        self.clock = clock
        self.metrics = GatewayMetrics()
        self.admission = Admission(configuration, limiter)
        self.limits = SessionLife.Limits(
            identifyTimeout: TimeAmount(configuration.identifyTimeout),
            silence: TimeAmount(configuration.heartbeatInterval * 1.5),
            farewell: TimeAmount(configuration.farewell),
            framesPerMinute: configuration.isRateLimited ? configuration.framesPerMinute : nil)
        let shortest = min(limits.identifyTimeout, limits.silence, limits.farewell)
        self.sweepInterval = min(.seconds(1), max(.milliseconds(5), .nanoseconds(shortest.nanoseconds / 4)))
        self.hello = ServerFrame.hello(heartbeatInterval: configuration.heartbeatInterval)
    }
}
