import Kernel
import NIOConcurrencyHelpers
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOWebSocket

/// Why Janus has not done something.
public enum JanusError: Error, Equatable, CustomStringConvertible {
    /// It said no.
    case refused(code: Int64, reason: String)
    case timedOut
    /// It has ended, or is about to.
    case closed

    public var description: String {
        switch self {
        case .refused(let code, let reason): "\(reason) (\(code))"
        case .timedOut: "no answer"
        case .closed: "the connection has ended"
        }
    }
}

/// Where something is said to, or comes from: a session of Janus, and in it one connection to a room.
struct JanusHandle: Hashable, Sendable {
    let session: Int64
    let number: Int64
}

/// A connection to Janus, over a WebSocket on a Unix socket (Janus, RESTful, WebSockets, RabbitMQ … API).
final class JanusConnection: Sendable {
    /// What it takes for one request. Answers come within milliseconds, or not at all.
    private static let patience = TimeAmount.seconds(5)
    /// An answer with the descriptions of a hundred streams is a tenth of this.
    private static let longestMessage_bytes = 4 << 20
    /// Messages that have come and that nobody has looked at yet.
    static let mostUnheard = 65_536

    private enum Awaited {
        case acknowledgement
        case answer
    }

    private struct State {
        var next = 1
        var waiting: [String: (promise: EventLoopPromise<JSON>, awaited: Awaited)] = [:]
        var isClosed = false
    }

    private let channel: any Channel
    private let secret: (name: String, value: String)
    private let state: NIOLockedValueBox<State>
    /// What comes without being asked for, in its order.
    let events: AsyncStream<JSON>
    private let ending: AsyncStream<JSON>.Continuation

    private init(_ channel: any Channel, _ secret: (name: String, value: String)) {
        self.channel = channel
        self.secret = secret
        state = NIOLockedValueBox(State())
        (events, ending) = AsyncStream.makeStream(
            of: JSON.self, bufferingPolicy: .bufferingOldest(Self.mostUnheard))
    }

    /// - Parameters:
    ///   - secret: what each request is signed with, and under which name.
    ///   - dialect: `janus-protocol` or `janus-admin-protocol`.
    static func open(
        _ socket: String, dialect: String, secret: (name: String, value: String), on group: any EventLoopGroup
    ) async throws -> JanusConnection {
        let upgrade = try await ClientBootstrap(group: group)
            .connectTimeout(patience)
            .connect(unixDomainSocketPath: socket) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureUpgradableHTTPClientPipeline(
                        configuration: configuration(dialect, secret))
                }
            }
        guard let connection = try await upgrade.get() else { throw JanusError.closed }
        return connection
    }

    private static func configuration(
        _ dialect: String, _ secret: (name: String, value: String)
    ) -> NIOUpgradableHTTPClientPipelineConfiguration<JanusConnection?> {
        let upgrader = NIOTypedWebSocketClientUpgrader<JanusConnection?>(maxFrameSize: longestMessage_bytes) {
            channel, _ in
            channel.eventLoop.makeCompletedFuture {
                let connection = JanusConnection(channel, secret)
                // Answers come in fragments of less than three thousand bytes.
                try channel.pipeline.syncOperations.addHandlers(
                    NIOWebSocketFrameAggregator(
                        minNonFinalFragmentSize: 0, maxAccumulatedFrameCount: 4096,
                        maxAccumulatedFrameSize: longestMessage_bytes),
                    Receiver(connection))
                return connection
            }
        }
        let headers: HTTPHeaders = ["host": "janus", "content-length": "0", "sec-websocket-protocol": dialect]
        return NIOUpgradableHTTPClientPipelineConfiguration(
            upgradeConfiguration: NIOTypedHTTPClientUpgradeConfiguration(
                upgradeRequestHead: HTTPRequestHead(version: .http1_1, method: .GET, uri: "/", headers: headers),
                upgraders: [upgrader],
                notUpgradingCompletionHandler: { channel in channel.eventLoop.makeSucceededFuture(nil) }))
    }

    func close() { channel.close(promise: nil) }

    // MARK: Requests

    /// - Throws: `JanusError`.
    func request(_ verb: String, of session: Int64? = nil, _ fields: [String: JSON] = [:]) async throws -> JSON {
        var fields = fields
        if let session { fields["session_id"] = .integer(session) }
        return try await send(verb, fields, awaiting: .answer)
    }

    /// Says something to a room, and waits for what it answers.
    /// - Parameter description: what goes with it, as WebRTC has it.
    /// - Returns: the room's words, and its description.
    /// - Throws: `JanusError`.
    func tell(
        _ handle: JanusHandle, _ body: [String: JSON], description: JSON? = nil
    ) async throws -> (data: JSON, description: String?) {
        var fields: [String: JSON] = [
            "session_id": .integer(handle.session), "handle_id": .integer(handle.number), "body": .object(body),
        ]
        fields["jsep"] = description
        let answer = try await send("message", fields, awaiting: .answer)
        let data = answer["plugindata"]?["data"] ?? .null
        if let code = data["error_code"]?.integer {
            throw JanusError.refused(code: code, reason: data["error"]?.string ?? "")
        }
        return (data, answer["jsep"]?["sdp"]?.string)
    }

    func trickle(_ candidate: JSON, to handle: JanusHandle) async throws {
        _ = try await send(
            "trickle",
            ["session_id": .integer(handle.session), "handle_id": .integer(handle.number), "candidate": candidate],
            awaiting: .acknowledgement)
    }

    private func send(_ verb: String, _ fields: [String: JSON], awaiting awaited: Awaited) async throws -> JSON {
        let promise = channel.eventLoop.makePromise(of: JSON.self)
        let transaction = state.withLockedValue { state -> String? in
            guard !state.isClosed else { return nil }
            let transaction = String(state.next)
            state.next += 1
            state.waiting[transaction] = (promise, awaited)
            return transaction
        }
        guard let transaction else {
            promise.fail(JanusError.closed)
            throw JanusError.closed
        }
        var fields = fields
        fields["janus"] = .string(verb)
        fields["transaction"] = .string(transaction)
        fields[secret.name] = .string(secret.value)
        let timer = channel.eventLoop.scheduleTask(in: Self.patience) { self.fail(transaction, .timedOut) }
        defer { timer.cancel() }
        let frame = WebSocketFrame(
            fin: true, opcode: .text, maskKey: .random(), data: ByteBuffer(bytes: JSON.object(fields).jsonBytes))
        channel.writeAndFlush(frame, promise: nil)
        let answer = try await promise.futureResult.get()
        if let error = answer["error"] {
            throw JanusError.refused(code: error["code"]?.integer ?? 0, reason: error["reason"]?.string ?? "")
        }
        return answer
    }

    private func fail(_ transaction: String, _ error: JanusError) {
        state.withLockedValue { $0.waiting.removeValue(forKey: transaction)?.promise }?.fail(error)
    }

    // MARK: Receiving

    fileprivate func received(_ text: ByteBuffer) {
        guard let message = try? JSONParser.parse(Array(text.readableBytesView)) else { return }
        let isAcknowledgement = message["janus"]?.string == "ack"
        let promise = state.withLockedValue { state -> EventLoopPromise<JSON>? in
            guard let transaction = message["transaction"]?.string, let waiting = state.waiting[transaction],
                waiting.awaited == .acknowledgement || !isAcknowledgement
            else { return nil }
            state.waiting[transaction] = nil
            return waiting.promise
        }
        if let promise { return promise.succeed(message) }
        if !isAcknowledgement { ending.yield(message) }
    }

    fileprivate func ended() {
        let waiting = state.withLockedValue { state in
            defer { state.waiting = [:] }
            state.isClosed = true
            return state.waiting.values.map(\.promise)
        }
        for promise in waiting { promise.fail(JanusError.closed) }
        ending.finish()
    }
}

private final class Receiver: ChannelInboundHandler {
    typealias InboundIn = WebSocketFrame
    typealias OutboundOut = WebSocketFrame

    private let connection: JanusConnection

    init(_ connection: JanusConnection) { self.connection = connection }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let frame = unwrapInboundIn(data)
        switch frame.opcode {
        case .text: connection.received(frame.unmaskedData)
        case .ping:
            let pong = WebSocketFrame(fin: true, opcode: .pong, maskKey: .random(), data: frame.unmaskedData)
            context.writeAndFlush(wrapOutboundOut(pong), promise: nil)
        case .connectionClose: context.close(promise: nil)
        default: break
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        connection.ended()
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
