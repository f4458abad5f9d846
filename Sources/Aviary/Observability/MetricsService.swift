import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import ServiceLifecycle

/// `GET /metrics` on an address of its own, so that it is not open to whoever can reach the API.
struct MetricsService: Service {
    let prometheus: Prometheus
    let settings: LoadedSettings
    let eventLoopGroup: any EventLoopGroup
    let logger: Logger

    func run() async throws {
        let router = Router()
        router.get("/metrics") { [prometheus] _, _ in
            Response(
                status: .ok, headers: [.contentType: "text/plain; version=0.0.4; charset=utf-8"],
                body: ResponseBody(byteBuffer: ByteBuffer(string: prometheus.text)))
        }
        let (host, port) = (settings.text(.metricsHost), settings.integer(.metricsPort))
        var quiet = logger
        quiet.logLevel = max(logger.logLevel, .warning)
        let application = Application(
            router: router,
            configuration: ApplicationConfiguration(address: .hostname(host, port: port), serverName: nil),
            eventLoopGroupProvider: .shared(eventLoopGroup), logger: quiet)
        do {
            try await application.run()
        } catch {
            // Chat is worth more than its figures: a port that is taken must not keep people from talking.
            logger.warning(
                "metrics are not served",
                metadata: [
                    "address": "\(host):\(port)",
                    "error":
                        "\(SettingsError(listening: error, on: .metricsHost, .metricsPort, of: settings) ?? error)",
                ])
            try await gracefulShutdown()
        }
    }
}
