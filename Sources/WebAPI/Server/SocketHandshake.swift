import NIOCore
import NIOHTTP1
import NIOWebSocket

/// Stands between a connection and what serves its requests, and takes out the request that makes a WebSocket of it, be it
/// the first or the hundredth.
///
/// Such a request waits until those before it are answered. Then the HTTP handlers go, and the endpoint brings its own.
/// NIO has a handler for this, which knows the first request only: behind a proxy that keeps its connections, and for
/// programs that use one pool for all, that is the wrong one.
final class SocketHandshake: ChannelInboundHandler, ChannelOutboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    /// The handlers of HTTP, which a WebSocket has no use for.
    struct Handlers {
        let bytes: ByteWatch
        let encoder: HTTPResponseEncoder
        var decoder: ByteToMessageHandler<HTTPRequestDecoder>
        let requests: ConnectionGuard
    }

    private enum Stage {
        case requests
        /// The parts of this request are not passed on.
        case opening(HTTPRequestHead, isWhole: Bool)
        /// Bytes that came after the request are for the WebSocket.
        case switching([ByteBuffer])
    }

    private let socket: SocketEndpoint?
    private let proxies: TrustedProxies
    private let rules: HouseRules
    private let requests: RequestChannel
    private let makeDecoder: () -> ByteToMessageHandler<HTTPRequestDecoder>
    private var handlers: Handlers
    private var context: ChannelHandlerContext?
    private var stage = Stage.requests
    /// Requests that were passed on and whose answer is not complete.
    private var unanswered = 0
    /// Whether the parser takes what follows the present request for another protocol.
    private var decoderStops = false

    init(
        _ socket: SocketEndpoint?, proxies: TrustedProxies, rules: HouseRules, requests: RequestChannel,
        handlers: Handlers, makeDecoder: @escaping () -> ByteToMessageHandler<HTTPRequestDecoder>
    ) {
        self.socket = socket
        self.proxies = proxies
        self.rules = rules
        self.requests = requests
        self.handlers = handlers
        self.makeDecoder = makeDecoder
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        requests.begin(over: self)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        requests.end()
        self.context = nil
    }

    // MARK: In

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch stage {
        case .requests: read(context, unwrapInboundIn(data))
        case .opening(let head, _):
            guard case .end = unwrapInboundIn(data) else { return }
            stage = .opening(head, isWhole: true)
            openIfDue(context)
        case .switching(let bytes): stage = .switching(bytes + [ByteWatch.unwrapInboundIn(data)])
        }
    }

    private func read(_ context: ChannelHandlerContext, _ part: HTTPServerRequestPart) {
        switch part {
        case .head(var head):
            decoderStops = Self.stopsDecoder(head)
            if isAccepted(head, context) {
                stage = .opening(head, isWhole: false)
                return
            }
            // A server may ignore the wish for another protocol (RFC 9110, section 7.8), and nobody behind here is to be misled.
            if decoderStops {
                head.headers.remove(name: "upgrade")
                head.headers.remove(name: "connection")
            }
            unanswered += 1
            pass(.head(head))
        case .body: pass(part)
        case .end:
            pass(part)
            if decoderStops { replaceDecoder(context) }
        }
    }

    private func pass(_ part: HTTPServerRequestPart) {
        requests.pipeline.syncOperations.fireChannelRead(wrapInboundOut(part))
    }

    func channelActive(context: ChannelHandlerContext) {
        requests.pipeline.syncOperations.fireChannelActive()
        context.fireChannelActive()
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        requests.pipeline.syncOperations.fireChannelReadComplete()
        context.fireChannelReadComplete()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        requests.pipeline.syncOperations.fireChannelWritabilityChanged()
        context.fireChannelWritabilityChanged()
    }

    func channelInactive(context: ChannelHandlerContext) {
        requests.end()
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        requests.pipeline.syncOperations.fireErrorCaught(error)
        context.fireErrorCaught(error)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .switching = stage, event as? ChannelEvent == .inputClosed { return context.close(promise: nil) }
        requests.pipeline.syncOperations.fireUserInboundEventTriggered(event)
        context.fireUserInboundEventTriggered(event)
    }

    // MARK: Out

    /// More is read when whoever serves the requests wants more.
    func read(context: ChannelHandlerContext) {
        if case .switching = stage { context.read() } else { requests.pipeline.syncOperations.read() }
    }

    func readMore() { context?.read() }

    /// A part of an answer.
    func send(_ data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard let context else {
            promise?.fail(ChannelError.ioOnClosedChannel)
            return
        }
        context.write(data, promise: promise)
        guard case .end = unwrapOutboundIn(data) else { return }
        unanswered -= 1
        openIfDue(context)
    }

    func flush() { context?.flush() }

    func close(mode: CloseMode, promise: EventLoopPromise<Void>?) {
        guard let context else {
            promise?.fail(ChannelError.alreadyClosed)
            return
        }
        context.close(mode: mode, promise: promise)
    }

    // MARK: Switching

    private func openIfDue(_ context: ChannelHandlerContext) {
        guard unanswered == 0, case .opening(let head, isWhole: true) = stage, let socket else { return }
        stage = .switching([])
        Self.answer(to: head, context.channel).assumeIsolated().whenComplete { result in
            guard case .success(let headers) = result else { return context.close(promise: nil) }
            let answer = HTTPResponseHead(version: .http1_1, status: .switchingProtocols, headers: headers)
            context.write(self.wrapOutboundOut(.head(answer)), promise: nil)
            context.writeAndFlush(self.wrapOutboundOut(.end(nil)), promise: nil)
            self.removeHandlers(context).assumeIsolated().whenComplete { result in
                guard case .success = result else { return context.close(promise: nil) }
                self.install(socket, head, context)
            }
        }
    }

    /// What the server says to a client's opening handshake (RFC 6455, section 4.2.2).
    private static func answer(
        to head: HTTPRequestHead, _ channel: any Channel
    ) -> EventLoopFuture<HTTPHeaders> {
        // `isAccepted` has decided, and `install` does the rest.
        NIOWebSocketServerUpgrader(
            shouldUpgrade: { channel, _ in channel.eventLoop.makeSucceededFuture([:]) },
            upgradePipelineHandler: { channel, _ in channel.eventLoop.makeSucceededVoidFuture() }
        ).buildUpgradeResponse(
            channel: channel, upgradeRequest: head,
            initialResponseHeaders: ["connection": "upgrade", "upgrade": "websocket"])
    }

    /// The decoder goes last and leaves what it has not read.
    private func removeHandlers(_ context: ChannelHandlerContext) -> EventLoopFuture<Void> {
        let pipeline = context.pipeline.syncOperations
        return EventLoopFuture.andAllSucceed(
            [
                pipeline.removeHandler(handlers.requests), pipeline.removeHandler(handlers.encoder),
                pipeline.removeHandler(handlers.bytes), pipeline.removeHandler(handlers.decoder),
            ], on: context.eventLoop)
    }

    private func install(_ socket: SocketEndpoint, _ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        var head = head
        // Only a proxy knows better than the connection whether the client speaks TLS.
        if !proxies.trusts(context.remoteAddress?.ipAddress ?? "") { head.headers.remove(name: "x-forwarded-proto") }
        socket.install(context.channel, head).assumeIsolated().whenComplete { result in
            guard case .success = result, case .switching(let bytes) = self.stage else {
                return context.close(promise: nil)
            }
            self.requests.end()
            for buffer in bytes { context.fireChannelRead(NIOAny(buffer)) }
            context.fireChannelReadComplete()
            // Whoever served the requests may have held back a wish for more.
            context.read()
            context.pipeline.syncOperations.removeHandler(self, promise: nil)
        }
    }

    // MARK: Rules

    private func isAccepted(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) -> Bool {
        guard let socket, Self.path(head) == socket.path, Self.isComplete(head) else {
            return false
        }
        // The system is asked for it.
        let peer = context.remoteAddress?.ipAddress ?? ""
        let client = proxies.client(peer: peer, forwardedFor: head.headers["x-forwarded-for"])
        return socket.refusal(head) == nil && !rules.isBlocked(client)
    }

    /// Without what stands after it, be it only a slash.
    private static func path(_ head: HTTPRequestHead) -> Substring {
        let path = head.uri.prefix(upTo: head.uri.utf8.firstIndex(of: UInt8(ascii: "?")) ?? head.uri.endIndex)
        return path.utf8.count > 1 && path.utf8.last == UInt8(ascii: "/") ? path.dropLast() : path
    }

    /// What a client's opening handshake must have (RFC 6455, section 4.2.1).
    static func isComplete(_ head: HTTPRequestHead) -> Bool {
        let has = { (name: String, value: String) in
            head.headers[canonicalForm: name].contains { $0.lowercased() == value }
        }
        return head.method == .GET && head.version == .http1_1 && head.isKeepAlive && has("upgrade", "websocket")
            && has("connection", "upgrade") && head.headers["sec-websocket-version"] == ["13"]
            && head.headers["sec-websocket-key"].count == 1 && !head.headers.contains(name: "transfer-encoding")
            && head.headers["content-length"].allSatisfy { $0 == "0" }
    }

    /// Whether the parser, once it has read this request, takes what follows for another protocol and reads no more.
    static func stopsDecoder(_ head: HTTPRequestHead) -> Bool {
        head.headers.contains(name: "upgrade")
            && head.headers[canonicalForm: "connection"].contains { $0.lowercased() == "upgrade" }
    }

    /// Puts a fresh decoder behind the one that has stopped, which leaves it what it has not read.
    private func replaceDecoder(_ context: ChannelHandlerContext) {
        let stopped = handlers.decoder
        handlers.decoder = makeDecoder()
        let pipeline = context.pipeline.syncOperations
        do {
            try pipeline.addHandler(handlers.decoder, position: .after(stopped))
        } catch {
            return context.close(promise: nil)
        }
        pipeline.removeHandler(stopped).assumeIsolated().whenSuccess {
            // What it left came outside of any read.
            self.requests.pipeline.syncOperations.fireChannelReadComplete()
        }
    }
}
