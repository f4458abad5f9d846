import Kernel
import NIOConcurrencyHelpers
import NIOCore
import NIOHTTP1
import NIOPosix

/// An answer of the server.
public struct HTTPReply: Sendable {
    public let status: Int
    public let headers: HTTPHeaders
    public let body: [UInt8]

    /// The body as JSON; null when it is none.
    public var json: JSON { (try? JSONParser.parse(body)) ?? .null }

    public var text: String { String(decoding: body, as: UTF8.self) }
}

public enum ClientError: Error, Sendable {
    /// The server closed the connection before it had answered.
    case connectionClosed
    /// Nothing more comes through a WebSocket, and what the server has said of that, if anything.
    case socketClosed(GatewaySocket.Close?)
    case timedOut
    /// The server did not agree to a WebSocket.
    case notUpgraded(status: Int)
}

/// One HTTP/1.1 connection that is kept alive. Requests may be sent while others are under way; answers come in their order.
public final class HTTPConnection: Sendable {
    private let channel: any Channel

    private init(_ channel: any Channel) { self.channel = channel }

    public static func connect(
        host: String = "127.0.0.1", port: Int, on group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton
    ) async throws -> HTTPConnection {
        let channel = try await ClientBootstrap(group: group)
            .channelOption(.socketOption(.tcp_nodelay), value: 1)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHTTPClientHandlers()
                    try channel.pipeline.syncOperations.addHandler(ReplyCollector())
                }
            }
            .connect(host: host, port: port).get()
        return HTTPConnection(channel)
    }

    /// - Throws: `ClientError`.
    public func send(
        _ method: HTTPMethod, _ path: String, headers: HTTPHeaders = [:], body: [UInt8]? = nil,
        timeout: TimeAmount = .seconds(60)
    ) async throws -> HTTPReply {
        let promise = channel.eventLoop.makePromise(of: HTTPReply.self)
        let channel = channel
        channel.eventLoop.execute {
            let timer = channel.eventLoop.scheduleTask(in: timeout) { promise.fail(ClientError.timedOut) }
            promise.futureResult.whenComplete { _ in timer.cancel() }
            let request = PendingRequest(method, path, headers, body, promise)
            channel.writeAndFlush(request).whenFailure { promise.fail($0) }
        }
        return try await promise.futureResult.get()
    }

    public func close() async { try? await channel.close() }
}

private struct PendingRequest: Sendable {
    let head: HTTPRequestHead
    let body: [UInt8]
    let promise: EventLoopPromise<HTTPReply>

    init(
        _ method: HTTPMethod, _ path: String, _ headers: HTTPHeaders, _ body: [UInt8]?,
        _ promise: EventLoopPromise<HTTPReply>
    ) {
        var headers = headers
        headers.replaceOrAdd(name: "host", value: "localhost")
        if let body { headers.replaceOrAdd(name: "content-length", value: String(body.count)) }
        self.head = HTTPRequestHead(version: .http1_1, method: method, uri: path, headers: headers)
        self.body = body ?? []
        self.promise = promise
    }
}

private final class ReplyCollector: ChannelDuplexHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundIn = PendingRequest
    typealias OutboundOut = HTTPClientRequestPart

    private var waiting = CircularBuffer<EventLoopPromise<HTTPReply>>()
    private var head: HTTPResponseHead?
    private var body: [UInt8] = []

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        let request = unwrapOutboundIn(data)
        waiting.append(request.promise)
        context.write(wrapOutboundOut(.head(request.head)), promise: nil)
        if !request.body.isEmpty {
            context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: request.body)))), promise: nil)
        }
        context.write(wrapOutboundOut(.end(nil)), promise: promise)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            self.head = head
            body.removeAll(keepingCapacity: true)
        case .body(let buffer): body.append(contentsOf: buffer.readableBytesView)
        case .end:
            guard let head, let promise = waiting.popFirst() else { return }
            promise.succeed(HTTPReply(status: Int(head.status.code), headers: head.headers, body: body))
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        while let promise = waiting.popFirst() { promise.fail(ClientError.connectionClosed) }
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}

/// A bare TCP connection, for requests that are none.
public final class RawConnection: Sendable {
    private let channel: any Channel
    private let received: NIOLockedValueBox<[UInt8]>
    private let closed: EventLoopFuture<Void>

    private init(_ channel: any Channel, _ received: NIOLockedValueBox<[UInt8]>) {
        self.channel = channel
        self.received = received
        self.closed = channel.closeFuture
    }

    /// - Parameter address: of this machine, to come from; nil takes the usual one.
    public static func connect(
        host: String = "127.0.0.1", port: Int, from address: String? = nil
    ) async throws -> RawConnection {
        let received = NIOLockedValueBox<[UInt8]>([])
        var bootstrap = ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
        if let address { bootstrap = bootstrap.bind(to: try SocketAddress(ipAddress: address, port: 0)) }
        let channel =
            try await bootstrap
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(ByteCollector(received))
                }
            }
            .connect(host: host, port: port).get()
        return RawConnection(channel, received)
    }

    public func write(_ text: String) async throws { try await write(Array(text.utf8)) }

    public func write(_ bytes: [UInt8]) async throws { try await channel.writeAndFlush(ByteBuffer(bytes: bytes)) }

    /// Writes byte after byte, with a pause before each, whatever becomes of them.
    public func trickle(_ text: String, pausing pause: TimeAmount) {
        let channel = channel
        for (index, byte) in text.utf8.enumerated() {
            channel.eventLoop.scheduleTask(in: pause * (index + 1)) {
                channel.writeAndFlush(ByteBuffer(bytes: [byte]), promise: nil)
            }
        }
    }

    /// What has come so far.
    public var text: String { String(decoding: received.withLockedValue { $0 }, as: UTF8.self) }

    /// Waits until the server closes the connection, and returns all that came.
    /// - Throws: `ClientError.timedOut`.
    public func untilClosed(timeout: TimeAmount = .seconds(60)) async throws -> String {
        let promise = channel.eventLoop.makePromise(of: Void.self)
        let timer = channel.eventLoop.scheduleTask(in: timeout) { promise.fail(ClientError.timedOut) }
        closed.whenComplete { _ in
            timer.cancel()
            promise.succeed()
        }
        try await promise.futureResult.get()
        return text
    }

    public func close() async { try? await channel.close() }

    /// Says that nothing more will be sent, and goes on listening.
    public func closeOutput() async throws { try await channel.close(mode: .output) }
}

private final class ByteCollector: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let received: NIOLockedValueBox<[UInt8]>

    init(_ received: NIOLockedValueBox<[UInt8]>) { self.received = received }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let buffer = unwrapInboundIn(data)
        received.withLockedValue { $0.append(contentsOf: buffer.readableBytesView) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
