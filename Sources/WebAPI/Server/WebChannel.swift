import HTTPTypes
import HummingbirdCore
import Kernel
import Logging
import NIOCore
import NIOHTTP1
import NIOHTTPTypes
import NIOHTTPTypesHTTP1

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

/// A connection of the server: HTTP/1.1, which any of its requests may turn into a WebSocket.
struct WebChannel: HTTPChannelHandler {
    struct Value: ServerChildChannelValue {
        let channel: any Channel
        /// Nil for a connection that is not taken.
        let requests: NIOAsyncChannel<HTTPRequestPart, HTTPResponsePart>?
    }

    let configuration: WebConfiguration
    let socket: SocketEndpoint?
    let limiter: RateLimiter
    let rules: HouseRules
    let census: ConnectionCensus
    let responder: HTTPChannelHandler.Responder

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        channel.eventLoop.makeCompletedFuture {
            guard census.admit(channel, logger) else {
                try channel.pipeline.syncOperations.addHandler(Farewell())
                return Value(channel: channel, requests: nil)
            }
            let requests = RequestChannel(on: channel)
            let isSecure = configuration.tls != nil
            let above = requests.pipeline.syncOperations
            if !isSecure { try above.addHandler(FileSender()) }
            try above.addHandler(HTTP1ToHTTPServerCodec(secure: isSecure))
            let asyncChannel = try NIOAsyncChannel<HTTPRequestPart, HTTPResponsePart>(
                wrappingChannelSynchronously: requests, configuration: .init(isOutboundHalfClosureEnabled: true))
            try addHandlers(to: channel, requests)
            return Value(channel: channel, requests: asyncChannel)
        }
    }

    private func addHandlers(to channel: any Channel, _ requests: RequestChannel) throws {
        let pipeline = channel.pipeline.syncOperations
        if let tls = configuration.tls { try pipeline.addHandler(tls.handler()) }
        let state = ConnectionState(ConnectionProgress(limits: limits, now: channel.eventLoop.now))
        let limits = decoderLimits
        let makeDecoder = {
            ByteToMessageHandler(
                HTTPRequestDecoder(leftOverBytesStrategy: .forwardBytes, limitConfiguration: limits))
        }
        let handlers = SocketHandshake.Handlers(
            bytes: ByteWatch(state), encoder: HTTPResponseEncoder(), decoder: makeDecoder(),
            requests: ConnectionGuard(state, limiter, isEncrypted: configuration.tls != nil))
        let handshake = SocketHandshake(
            socket, proxies: configuration.trustedProxies, rules: rules, requests: requests, handlers: handlers,
            makeDecoder: makeDecoder)
        try pipeline.addHandlers([
            handlers.bytes, handlers.encoder, handlers.decoder, handlers.requests, handshake,
        ])
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

    func handle(value: Value, logger: Logger) async {
        if let requests = value.requests { await handleHTTP(asyncChannel: requests, logger: logger) }
    }
}

/// Closes a connection as soon as it is there.
private final class Farewell: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    func channelActive(context: ChannelHandlerContext) { context.close(promise: nil) }
}
