import Kernel
import NIOCore
import NIOEmbedded
import NIOHTTP1
import Testing

@testable import WebAPI

/// How long a connection may take, without a network and without waiting.
@Suite struct ConnectionGuardTests {
    private static let limits = ConnectionProgress.Limits(
        request: .seconds(30), leastBodyRate_bytesPerSecond: 1000, idle: .seconds(75), write: .seconds(20))

    private let channel = EmbeddedChannel()

    init() throws {
        let state = ConnectionState(ConnectionProgress(limits: Self.limits, now: channel.eventLoop.now))
        try channel.pipeline.syncOperations.addHandlers([
            ByteWatch(state), HTTPResponseEncoder(),
            ByteToMessageHandler(HTTPRequestDecoder(leftOverBytesStrategy: .forwardBytes)),
            ConnectionGuard(state, RateLimiter(), isEncrypted: false),
        ])
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
    }

    private func says(_ text: String) throws { try channel.writeInbound(ByteBuffer(string: text)) }

    private func passes(_ time: TimeAmount) { channel.embeddedEventLoop.advanceTime(by: time) }

    /// What was answered since the last time.
    private func answer() throws -> String {
        var text = ""
        while let bytes = try channel.readOutbound(as: ByteBuffer.self) { text += String(buffer: bytes) }
        return text
    }

    private func answers() throws {
        let head = HTTPResponseHead(version: .http1_1, status: .ok, headers: ["content-length": "0"])
        try channel.writeOutbound(HTTPServerResponsePart.head(head))
        try channel.writeOutbound(HTTPServerResponsePart.end(nil))
    }

    @Test("a head that trickles in is not waited for")
    func head() throws {
        for letter in "GET /abcdefghijklmnopqrstuvwx" {
            try says(String(letter))
            passes(.seconds(1))
        }
        #expect(try answer() == "")
        #expect(channel.isActive)
        passes(.seconds(1))
        #expect(try answer().hasPrefix("HTTP/1.1 408 "))
        #expect(!channel.isActive)
    }

    @Test("a body that comes fast enough may take long, one that stalls may not")
    func body() throws {
        try says("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 1000000\r\n\r\n")
        for _ in 0..<60 {
            try says(String(repeating: "x", count: 1000))
            passes(.seconds(1))
        }
        #expect(try answer() == "")
        passes(.seconds(30))
        #expect(try answer().hasPrefix("HTTP/1.1 408 "))
    }

    @Test("a connection that asks nothing is closed without a word, counted from its last answer")
    func idle() throws {
        passes(.seconds(74))
        try says("GET / HTTP/1.1\r\nhost: a\r\n\r\n")
        try answers()
        #expect(try answer().hasPrefix("HTTP/1.1 200 "))
        passes(.seconds(74))
        #expect(channel.isActive)
        passes(.seconds(1))
        #expect(try answer() == "")
        #expect(!channel.isActive)
    }

    @Test("a handler may take its time")
    func handler() throws {
        try says("GET / HTTP/1.1\r\nhost: a\r\n\r\n")
        passes(.hours(1))
        try answers()
        #expect(try answer().hasPrefix("HTTP/1.1 200 "))
    }

    @Test("a client that reads nothing is given up")
    func unwritable() throws {
        try says("GET / HTTP/1.1\r\nhost: a\r\n\r\n")
        channel.isWritable = false
        channel.pipeline.fireChannelWritabilityChanged()
        passes(.seconds(19))
        #expect(channel.isActive)
        passes(.seconds(30))
        #expect(!channel.isActive)
    }
}
