import Kernel
import NIOConcurrencyHelpers
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOWebSocket

/// A WebSocket to the gateway.
public final class GatewaySocket: Sendable {
    public struct Close: Sendable, Equatable {
        public let code: Int
        public let reason: String
    }

    private let channel: any Channel
    private let inbox: Inbox

    private init(_ channel: any Channel, _ inbox: Inbox) {
        self.channel = channel
        self.inbox = inbox
    }

    /// - Parameter observer: is shown every message when it comes, whether anybody asks for it or not.
    /// - Throws: `ClientError.notUpgraded` when the server answers with something else than an upgrade.
    public static func connect(
        host: String = "127.0.0.1", port: Int, path: String = "/gateway", headers: HTTPHeaders = [:],
        on group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton,
        observer: @escaping @Sendable (JSON) -> Void = { _ in }
    ) async throws -> GatewaySocket {
        let inbox = Inbox(observer: observer)
        let upgrade = try await ClientBootstrap(group: group)
            .channelOption(.socketOption(.tcp_nodelay), value: 1)
            .connect(host: host, port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureUpgradableHTTPClientPipeline(
                        configuration: configuration(path, headers, inbox))
                }
            }
        guard let channel = try await upgrade.get() else { throw ClientError.notUpgraded(status: inbox.refusalStatus) }
        return GatewaySocket(channel, inbox)
    }

    private static func configuration(
        _ path: String, _ headers: HTTPHeaders, _ inbox: Inbox
    ) -> NIOUpgradableHTTPClientPipelineConfiguration<(any Channel)?> {
        var headers = headers
        headers.replaceOrAdd(name: "host", value: "localhost")
        headers.replaceOrAdd(name: "content-length", value: "0")
        let upgrader = NIOTypedWebSocketClientUpgrader<(any Channel)?>(maxFrameSize: 1 << 26) { channel, _ in
            channel.eventLoop.makeCompletedFuture {
                try channel.pipeline.syncOperations.addHandler(SocketCollector(inbox))
                return channel
            }
        }
        var configuration = NIOUpgradableHTTPClientPipelineConfiguration(
            upgradeConfiguration: NIOTypedHTTPClientUpgradeConfiguration(
                upgradeRequestHead: HTTPRequestHead(version: .http1_1, method: .GET, uri: path, headers: headers),
                upgraders: [upgrader],
                notUpgradingCompletionHandler: { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandler(RefusalCollector(inbox))
                    }.flatMap { inbox.refused(on: channel.eventLoop) }.map { nil }
                }))
        // HELLO may come in the same packet as the upgrade.
        configuration.leftOverBytesStrategy = .forwardBytes
        return configuration
    }

    // MARK: Sending

    public func send(_ json: JSON) async throws {
        try await send(text: String(decoding: json.jsonBytes, as: UTF8.self))
    }

    public func send(text: String) async throws { try await send(.text, Array(text.utf8)) }

    /// Any frame, also ones that the gateway does not take.
    public func send(_ opcode: WebSocketOpcode, _ payload: [UInt8], isLast: Bool = true) async throws {
        let frame = WebSocketFrame(
            fin: isLast, opcode: opcode, maskKey: .random(), data: ByteBuffer(bytes: payload))
        try await channel.writeAndFlush(frame)
    }

    /// Beats from here on for as long as somebody holds the socket.
    public func beat(every pause: TimeAmount) {
        channel.eventLoop.scheduleRepeatedTask(initialDelay: pause, delay: pause) { [weak self] beating in
            guard let channel = self?.channel, channel.isActive else { return beating.cancel() }
            let beat = ByteBuffer(string: #"{"op":1,"d":null}"#)
            channel.writeAndFlush(
                WebSocketFrame(fin: true, opcode: .text, maskKey: .random(), data: beat), promise: nil)
        }
    }

    // MARK: Receiving

    /// The next message, decoded.
    /// - Throws: `ClientError.timedOut`; `.socketClosed` when nothing more will come.
    public func next(timeout: TimeAmount = .seconds(60)) async throws -> JSON {
        // What has come already costs no timer, which of hundreds of thousands take most of the time.
        if let message = inbox.take() { return message }
        let promise = channel.eventLoop.makePromise(of: JSON.self)
        let timer = channel.eventLoop.scheduleTask(in: timeout) { self.inbox.giveUp(promise) }
        inbox.wait(promise)
        defer { timer.cancel() }
        return try await promise.futureResult.get()
    }

    /// How the server closed the socket, once it has.
    public func closed(timeout: TimeAmount = .seconds(60)) async throws -> Close {
        let promise = channel.eventLoop.makePromise(of: Void.self)
        let timer = channel.eventLoop.scheduleTask(in: timeout) { promise.fail(ClientError.timedOut) }
        channel.closeFuture.whenComplete { _ in
            timer.cancel()
            promise.succeed()
        }
        try await promise.futureResult.get()
        return inbox.close ?? Close(code: 1006, reason: "")
    }

    /// A client that does not read.
    public func stopReading() async throws { try await channel.setOption(.autoRead, value: false).get() }

    public func startReading() async throws { try await channel.setOption(.autoRead, value: true).get() }

    /// Drops the connection without a word.
    public func disconnect() async { try? await channel.close() }
}

/// What has come and who waits for it.
private final class Inbox: Sendable {
    private struct State {
        // Of hundreds of thousands each is taken from the front.
        var messages = CircularBuffer<JSON>()
        var waiting: [EventLoopPromise<JSON>] = []
        var isClosed = false
        var close: GatewaySocket.Close?
        var refusalStatus = 0
        var refusal: EventLoopPromise<Void>?
    }

    private let state = NIOLockedValueBox(State())
    private let observer: @Sendable (JSON) -> Void

    init(observer: @escaping @Sendable (JSON) -> Void) { self.observer = observer }

    var close: GatewaySocket.Close? { state.withLockedValue { $0.close } }
    var refusalStatus: Int { state.withLockedValue { $0.refusalStatus } }

    func received(_ payload: [UInt8]) {
        let message = (try? JSONParser.parse(payload)) ?? .null
        observer(message)
        let delivery: (EventLoopPromise<JSON>, JSON)? = state.withLockedValue { state in
            guard !state.waiting.isEmpty else {
                state.messages.append(message)
                return nil
            }
            return (state.waiting.removeFirst(), message)
        }
        if let (promise, message) = delivery { promise.succeed(message) }
    }

    /// - Returns: nil when there is nothing to be had at once.
    func take() -> JSON? { state.withLockedValue { $0.messages.popFirst() } }

    func wait(_ promise: EventLoopPromise<JSON>) {
        let result: Result<JSON, any Error>? = state.withLockedValue { state in
            if !state.messages.isEmpty { return .success(state.messages.removeFirst()) }
            if state.isClosed { return .failure(ClientError.socketClosed(state.close)) }
            state.waiting.append(promise)
            return nil
        }
        if let result { promise.completeWith(result) }
    }

    func giveUp(_ promise: EventLoopPromise<JSON>) {
        let wasWaiting = state.withLockedValue { state in
            guard let index = state.waiting.firstIndex(of: promise) else { return false }
            state.waiting.remove(at: index)
            return true
        }
        if wasWaiting { promise.fail(ClientError.timedOut) }
    }

    func closing(_ close: GatewaySocket.Close) { state.withLockedValue { $0.close = $0.close ?? close } }

    func closed() {
        let (waiting, close) = state.withLockedValue { state in
            state.isClosed = true
            defer { state.waiting = [] }
            return (state.waiting, state.close)
        }
        for promise in waiting { promise.fail(ClientError.socketClosed(close)) }
    }

    func refused(on eventLoop: any EventLoop) -> EventLoopFuture<Void> {
        let promise = eventLoop.makePromise(of: Void.self)
        let isKnown = state.withLockedValue { state in
            state.refusal = promise
            return state.refusalStatus != 0
        }
        if isKnown { promise.succeed() }
        return promise.futureResult
    }

    func refused(status: Int) {
        let promise = state.withLockedValue { state in
            state.refusalStatus = status
            return state.refusal
        }
        promise?.succeed()
    }
}

private final class SocketCollector: ChannelInboundHandler {
    typealias InboundIn = WebSocketFrame
    typealias OutboundOut = WebSocketFrame

    private let inbox: Inbox
    private var fragments: [UInt8] = []
    private var isBinary = false
    /// Made with the first binary message: only compressed ones are.
    private lazy var inflater = InflateStream()

    init(_ inbox: Inbox) { self.inbox = inbox }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let frame = unwrapInboundIn(data)
        let payload = Array(frame.unmaskedData.readableBytesView)
        switch frame.opcode {
        case .text, .binary, .continuation:
            if frame.opcode != .continuation { isBinary = frame.opcode == .binary }
            fragments += payload
            guard frame.fin else { return }
            inbox.received(isBinary ? inflater.inflate(fragments) : fragments)
            fragments = []
        case .ping:
            let pong = WebSocketFrame(
                fin: true, opcode: .pong, maskKey: .random(), data: ByteBuffer(bytes: payload))
            context.writeAndFlush(wrapOutboundOut(pong), promise: nil)
        case .connectionClose:
            let code = payload.count >= 2 ? Int(payload[0]) << 8 | Int(payload[1]) : 1005
            inbox.closing(.init(code: code, reason: String(decoding: payload.dropFirst(2), as: UTF8.self)))
            let answer = WebSocketFrame(
                fin: true, opcode: .connectionClose, maskKey: .random(), data: ByteBuffer(bytes: payload.prefix(2)))
            context.writeAndFlush(wrapOutboundOut(answer), promise: nil)
        default: break
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        inbox.closed()
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}

private final class RefusalCollector: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart

    private let inbox: Inbox

    init(_ inbox: Inbox) { self.inbox = inbox }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if case .head(let head) = unwrapInboundIn(data) { inbox.refused(status: Int(head.status.code)) }
        if case .end = unwrapInboundIn(data) { context.close(promise: nil) }
    }

    func channelInactive(context: ChannelHandlerContext) { inbox.refused(status: 0) }
}
