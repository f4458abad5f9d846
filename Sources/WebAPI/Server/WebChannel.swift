import HTTPTypes
import HummingbirdCore
import Kernel
import Logging
import NIOCore
import NIOHTTP1
import NIOHTTPTypes
import NIOHTTPTypesHTTP1
import NIOWebSocket

/// Where a WebSocket may be opened, and who takes over the connection then.
public struct SocketEndpoint: Sendable {
    public let path: String
    /// An error to answer with instead of the upgrade.
    public let refusal: @Sendable (HTTPRequestHead) -> APIError?
    /// Puts its own handlers into the pipeline; the HTTP ones are gone.
    public let install: @Sendable (any Channel, HTTPRequestHead) -> EventLoopFuture<Void>

    public init(
        path: String, refusal: @escaping @Sendable (HTTPRequestHead) -> APIError?,
        install: @escaping @Sendable (any Channel, HTTPRequestHead) -> EventLoopFuture<Void>
    ) {
        self.path = path
        self.refusal = refusal
        self.install = install
    }
}

/// A connection of the server: HTTP/1.1, which its first request may turn into a WebSocket.
struct WebChannel: HTTPChannelHandler {
    enum Connection: Sendable {
        case http(NIOAsyncChannel<HTTPRequestPart, HTTPResponsePart>)
        case socket
    }

    struct Value: ServerChildChannelValue {
        let channel: any Channel
        let connection: EventLoopFuture<Connection>
    }

    let configuration: WebConfiguration
    let socket: SocketEndpoint?
    let limiter: RateLimiter
    let rules: HouseRules
    let responder: HTTPChannelHandler.Responder

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        channel.eventLoop.makeCompletedFuture {
            let pipeline = channel.pipeline.syncOperations
            if let tls = configuration.tls { try pipeline.addHandler(tls.handler()) }
            let state = ConnectionState(ConnectionProgress(limits: limits, now: .now()))
            let encoder = HTTPResponseEncoder()
            let decoder = ByteToMessageHandler(
                HTTPRequestDecoder(leftOverBytesStrategy: .forwardBytes, limitConfiguration: decoderLimits))
            let bytes = ByteWatch(state)
            let requests = ConnectionGuard(state, limiter, isEncrypted: configuration.tls != nil)
            let handshake = SocketHandshake(socket, proxies: configuration.trustedProxies, rules: rules)
            let upgrade = NIOTypedHTTPServerUpgradeHandler(
                httpEncoder: encoder, extraHTTPHandlers: [bytes, decoder, handshake, requests],
                upgradeConfiguration: upgradeConfiguration)
            try pipeline.addHandlers([bytes, encoder, decoder, handshake, requests, upgrade])
            return Value(channel: channel, connection: upgrade.upgradeResultFuture)
        }
    }

    private var limits: ConnectionProgress.Limits {
        ConnectionProgress.Limits(
            request: TimeAmount(configuration.requestTimeout),
            leastBodyRate_bytesPerSecond: configuration.leastBodyRate_bytesPerSecond,
            idle: TimeAmount(configuration.idleTimeout), write: TimeAmount(configuration.writeTimeout))
    }

    private var decoderLimits: NIOHTTPDecoderLimitConfiguration {
        var limits = NIOHTTPDecoderLimitConfiguration()
        limits.maxHeaderFieldSize = configuration.maximumHeaders_bytes
        limits.maxHeaderListSize = configuration.maximumHeaders_bytes
        limits.maxHeaderFieldCount = 100
        return limits
    }

    private var upgradeConfiguration: NIOTypedHTTPServerUpgradeConfiguration<Connection> {
        var upgraders: [any NIOTypedHTTPServerProtocolUpgrader<Connection>] = []
        if let socket { upgraders.append(SocketUpgrader(socket, proxies: configuration.trustedProxies)) }
        let isSecure = configuration.tls != nil
        return NIOTypedHTTPServerUpgradeConfiguration(upgraders: upgraders) { channel in
            channel.eventLoop.makeCompletedFuture {
                if !isSecure { try channel.pipeline.syncOperations.addHandler(FileSender()) }
                try channel.pipeline.syncOperations.addHandler(HTTP1ToHTTPServerCodec(secure: isSecure))
                return .http(
                    try NIOAsyncChannel(
                        wrappingChannelSynchronously: channel,
                        configuration: .init(isOutboundHalfClosureEnabled: true)))
            }
        }
    }

    func handle(value: Value, logger: Logger) async {
        do {
            switch try await value.connection.get() {
            case .http(let channel): await handleHTTP(asyncChannel: channel, logger: logger)
            case .socket: break
            }
        } catch {
            // The connection ended before its first request was complete.
            logger.trace("no request came", metadata: ["error": "\(error)"])
            try? await value.channel.close()
        }
    }
}

/// NIO's WebSocket handshake, after which the endpoint brings its own handlers instead of NIO's frame coders.
private struct SocketUpgrader: NIOTypedHTTPServerProtocolUpgrader {
    private let socket: SocketEndpoint
    private let proxies: TrustedProxies
    private let handshake: NIOTypedWebSocketServerUpgrader<WebChannel.Connection>

    init(_ socket: SocketEndpoint, proxies: TrustedProxies) {
        self.socket = socket
        self.proxies = proxies
        self.handshake = NIOTypedWebSocketServerUpgrader(
            // `SocketHandshake` has decided.
            shouldUpgrade: { channel, _ in channel.eventLoop.makeSucceededFuture([:]) },
            upgradePipelineHandler: { channel, _ in channel.eventLoop.makeSucceededFuture(.socket) })
    }

    var supportedProtocol: String { handshake.supportedProtocol }
    var requiredUpgradeHeaders: [String] { handshake.requiredUpgradeHeaders }

    func buildUpgradeResponse(
        channel: any Channel, upgradeRequest: HTTPRequestHead, initialResponseHeaders: HTTPHeaders
    ) -> EventLoopFuture<HTTPHeaders> {
        handshake.buildUpgradeResponse(
            channel: channel, upgradeRequest: upgradeRequest, initialResponseHeaders: initialResponseHeaders)
    }

    func upgrade(
        channel: any Channel, upgradeRequest: HTTPRequestHead
    ) -> EventLoopFuture<WebChannel.Connection> {
        var head = upgradeRequest
        // Only a proxy knows better than the connection whether the client speaks TLS.
        if !proxies.trusts(channel.remoteAddress?.ipAddress ?? "") { head.headers.remove(name: "x-forwarded-proto") }
        return socket.install(channel, head).map { .socket }
    }
}
