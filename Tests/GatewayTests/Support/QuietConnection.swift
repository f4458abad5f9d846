import Gateway
import Kernel
import Logging
import NIOCore
import NIOEmbedded
import NIOHTTP1

/// A connection without a network, on an event loop whose time goes on only when the test says so.
final class QuietConnection {
    let channel: NIOAsyncTestingChannel
    private var reader = FrameReader()

    /// - Parameter handlers: stand between the gateway and the network.
    init(
        to gateway: GatewayServer, on loop: NIOAsyncTestingEventLoop,
        through handlers: [any ChannelHandler & Sendable] = []
    ) async throws {
        channel = NIOAsyncTestingChannel(loop: loop)
        _ = try await channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).get()
        try await channel.pipeline.addHandlers(handlers).get()
        let head = HTTPRequestHead(version: .http1_1, method: .GET, uri: "/gateway")
        try await gateway.install(on: channel, head: head).get()
    }

    func send(_ text: String) async throws {
        try await channel.writeInbound(ByteBuffer(bytes: TestClient.frame(0x1, Array(text.utf8))))
    }

    func next() async throws -> Received {
        while true {
            if let item = reader.next() { return item }
            var bytes = try await channel.waitForOutboundWrite(as: ByteBuffer.self)
            reader.bytes.writeBuffer(&bytes)
        }
    }

    /// The next frame of an opcode or event of a kind, past all others.
    func frame(_ isMeant: (JSON) -> Bool) async throws -> JSON {
        while true {
            let received = try await next()
            guard case .text(let json) = received else { throw TestFailure("expected a text frame, got \(received)") }
            if isMeant(json) { return json }
        }
    }

    /// HELLO, IDENTIFY, READY.
    func enter(_ token: String) async throws {
        _ = try await frame { $0["op"]?.integer == 10 }
        try await send(#"{"op":2,"d":{"token":"\#(token)"}}"#)
        _ = try await frame { $0["t"]?.string == "READY" }
    }

    func beats() async throws {
        try await send(#"{"op":1,"d":0}"#)
        _ = try await frame { $0["op"]?.integer == 11 }
    }
}

/// Runs `body` against a gateway whose time stands still.
func withQuietGateway(
    _ backend: any GatewayBackend, configure: (inout GatewayConfiguration) -> Void = { _ in },
    _ body: (GatewayServer, NIOAsyncTestingEventLoop) async throws -> Void
) async throws {
    let loop = NIOAsyncTestingEventLoop()
    var configuration = TestServer.configuration
    configure(&configuration)
    let gateway = GatewayServer(
        configuration, backend: backend, eventLoopGroup: loop, newestPosition: 0,
        logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    try await body(gateway, loop)
    await loop.shutdownGracefully()
}
