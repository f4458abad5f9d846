import Events
import Gateway
import Kernel
import Logging
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOWebSocket

/// A gateway behind a port, with nothing else around it.
final class TestServer: Sendable {
    let gateway: GatewayServer
    let port: Int
    private let group: MultiThreadedEventLoopGroup
    private let channel: any Channel

    init(
        _ backend: any GatewayBackend, newestPosition: Int64 = 0, threads: Int = 2,
        configure: (inout GatewayConfiguration) -> Void = { _ in }
    ) async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: threads)
        var configuration = Self.configuration
        configure(&configuration)
        let gateway = GatewayServer(
            configuration, backend: backend, eventLoopGroup: group, newestPosition: newestPosition,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let channel = try await ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 1024)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.pipeline.configureHTTPServerPipeline(
                    withPipeliningAssistance: false,
                    withServerUpgrade: (upgraders: [Upgrader(gateway)], completionHandler: { _ in }))
            }
            .bind(host: "127.0.0.1", port: 0).get()
        self.group = group
        self.gateway = gateway
        self.channel = channel
        // A bound TCP socket has a port.
        self.port = channel.localAddress?.port ?? 0
    }

    static var configuration: GatewayConfiguration {
        var configuration = GatewayConfiguration(
            versions: ClientVersionPolicy(
                server: Version(.alpha, 1, 4, build: 2), minimum: Version(.alpha, 1, 2, build: 1),
                updateURL: "https://example.org/get"),
            sessionKey: Array(0..<32))
        configuration.isRateLimited = false
        configuration.farewell = .milliseconds(500)
        configuration.connectionsPerUser = 1000
        return configuration
    }

    func connect(_ query: String = "", headers: [String: String] = [:]) async throws -> TestClient {
        try await TestClient.connect(port: port, query: query, headers: headers)
    }

    /// Returns when all that was published is handled: each event loop is asked something after it.
    func keepsUp() async { _ = await gateway.connectionCount() }

    func stop() async throws {
        try? await channel.close()
        await gateway.shutDown(GatewayStop(.shutdown, message: "the test is over"))
        try await group.shutdownGracefully()
    }
}

/// Runs `body` against a server, and stops that whatever happens.
func withServer(
    _ backend: any GatewayBackend, newestPosition: Int64 = 0,
    configure: (inout GatewayConfiguration) -> Void = { _ in },
    _ body: (TestServer) async throws -> Void
) async throws {
    let server = try await TestServer(backend, newestPosition: newestPosition, configure: configure)
    do {
        try await body(server)
    } catch {
        try? await server.stop()
        throw error
    }
    try await server.stop()
}

/// NIO's handshake, after which the gateway takes over.
private final class Upgrader: HTTPServerProtocolUpgrader, Sendable {
    let supportedProtocol = "websocket"
    let requiredUpgradeHeaders: [String] = []
    private let gateway: GatewayServer

    init(_ gateway: GatewayServer) { self.gateway = gateway }

    func buildUpgradeResponse(
        channel: any Channel, upgradeRequest: HTTPRequestHead, initialResponseHeaders: HTTPHeaders
    ) -> EventLoopFuture<HTTPHeaders> {
        if gateway.refusal(of: upgradeRequest) != nil {
            channel.close(promise: nil)
            return channel.eventLoop.makeFailedFuture(TestFailure("refused"))
        }
        return NIOWebSocketServerUpgrader(
            shouldUpgrade: { channel, _ in channel.eventLoop.makeSucceededFuture([:]) },
            upgradePipelineHandler: { channel, _ in channel.eventLoop.makeSucceededVoidFuture() }
        ).buildUpgradeResponse(
            channel: channel, upgradeRequest: upgradeRequest, initialResponseHeaders: initialResponseHeaders)
    }

    func upgrade(context: ChannelHandlerContext, upgradeRequest: HTTPRequestHead) -> EventLoopFuture<Void> {
        gateway.install(on: context.channel, head: upgradeRequest)
    }
}
