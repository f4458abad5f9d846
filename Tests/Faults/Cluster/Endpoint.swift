import Client
import Kernel
import NIOCore
import NIOHTTP1
import NIOPosix

/// Where a client may turn to.
struct Endpoint: Sendable {
    enum Place: Hashable, Sendable, CustomStringConvertible {
        /// From 1.
        case node(Int)
        case balancer

        var description: String {
            switch self {
            case .node(let number): "node \(number)"
            case .balancer: "the balancer"
            }
        }
    }

    let place: Place
    let host: String
    let port: Int

    /// So long a client waits for an answer: longer than a node waits for its database.
    static let patience = TimeAmount.seconds(8)

    func connect() async throws -> HTTPConnection {
        try await within(.seconds(3)) { try await HTTPConnection.connect(host: host, port: port) }
    }

    func openGateway() async throws -> GatewaySocket {
        try await within(.seconds(3)) { try await GatewaySocket.connect(host: host, port: port) }
    }

    /// One request on a connection of its own; nil when there was no answer.
    func send(_ method: HTTPMethod, _ path: String, _ body: JSON? = nil, as token: String = "") async -> HTTPReply? {
        guard let connection = try? await connect() else { return nil }
        let reply = try? await connection.send(method, path, body, as: token)
        await connection.close()
        return reply
    }

    var isReady: Bool {
        get async { await send(.GET, "/ready")?.status == 200 }
    }
}

extension HTTPConnection {
    func send(_ method: HTTPMethod, _ path: String, _ body: JSON? = nil, as token: String) async throws -> HTTPReply {
        try await send(
            method, "/api/v1" + path, headers: token.isEmpty ? [:] : ["authorization": "Bearer \(token)"],
            body: body?.jsonBytes, timeout: Endpoint.patience)
    }
}

/// Gives up on what can't be cancelled, such as a handshake with a process that is frozen; whatever comes of it later is let go.
func within<Result: Sendable>(
    _ limit: TimeAmount, _ body: @escaping @Sendable () async throws -> Result
) async throws -> Result {
    let eventLoop = MultiThreadedEventLoopGroup.singleton.next()
    let promise = eventLoop.makePromise(of: Result.self)
    let timer = eventLoop.scheduleTask(in: limit) { promise.fail(ClientError.timedOut) }
    promise.completeWithTask(body)
    defer { timer.cancel() }
    return try await promise.futureResult.get()
}
