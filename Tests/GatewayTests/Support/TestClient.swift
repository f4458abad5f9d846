import CZlib
import Kernel
import NIOConcurrencyHelpers
import NIOCore
import NIOPosix

/// What a server sent.
enum Received: Sendable, Equatable {
    case text(JSON)
    case binary([UInt8])
    case pong([UInt8])
    case close(Int?, String)
    /// The TCP connection is at its end.
    case end
}

struct TestFailure: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

/// A gateway client with no manners of its own: it sends what it is told to, and hands over what it gets.
final class TestClient: Sendable {
    private let channel: any Channel
    private let mailbox: NIOLoopBound<Mailbox>

    private init(_ channel: any Channel, _ mailbox: NIOLoopBound<Mailbox>) {
        self.channel = channel
        self.mailbox = mailbox
    }

    static func connect(port: Int, query: String = "", headers: [String: String] = [:]) async throws -> TestClient {
        let group = MultiThreadedEventLoopGroup.singleton
        let (channel, mailbox) = try await ClientBootstrap(group: group)
            .channelOption(.socketOption(.so_rcvbuf), value: 64 * 1024)
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    let mailbox = Mailbox(channel.eventLoop)
                    try channel.pipeline.syncOperations.addHandler(mailbox)
                    return (channel, NIOLoopBound(mailbox, eventLoop: channel.eventLoop))
                }
            }
        let client = TestClient(channel, mailbox)
        var lines = [
            "GET /gateway\(query.isEmpty ? "" : "?" + query) HTTP/1.1", "Host: localhost:\(port)", "Upgrade: websocket",
            "Connection: Upgrade", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version: 13",
        ]
        lines += headers.map { "\($0.key): \($0.value)" }
        try await client.send(bytes: Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8))
        return client
    }

    // MARK: Sending

    func send(bytes: [UInt8]) async throws {
        do {
            try await channel.writeAndFlush(ByteBuffer(bytes: bytes))
        } catch {
            throw TestFailure("can't send \(String(decoding: bytes.prefix(200), as: UTF8.self)): \(error)")
        }
    }

    func send(_ text: String) async throws { try await send(bytes: Self.frame(0x1, Array(text.utf8))) }

    /// A masked frame.
    static func frame(_ opcode: UInt8, _ payload: [UInt8], isFinal: Bool = true) -> [UInt8] {
        var bytes: [UInt8] = [(isFinal ? 0x80 : 0) | opcode]
        switch payload.count {
        case ..<126: bytes.append(0x80 | UInt8(payload.count))
        case ...0xFFFF: bytes += [0x80 | 126, UInt8(payload.count >> 8), UInt8(payload.count & 0xFF)]
        default: bytes += [0x80 | 127] + (0..<8).map { UInt8(truncatingIfNeeded: payload.count >> (56 - 8 * $0)) }
        }
        let mask: [UInt8] = [0x12, 0x34, 0x56, 0x78]
        return bytes + mask + payload.enumerated().map { $1 ^ mask[$0 & 3] }
    }

    func close() async throws { try await channel.close() }

    func setReading(_ isReading: Bool) async throws { try await channel.setOption(.autoRead, value: isReading).get() }

    // MARK: Receiving

    func next(within limit: TimeAmount = .seconds(60)) async throws -> Received {
        let mailbox = mailbox
        return try await channel.eventLoop.flatSubmit { mailbox.value.next(within: limit) }.get()
    }

    func nextFrame(within limit: TimeAmount = .seconds(60)) async throws -> JSON {
        let received = try await next(within: limit)
        guard case .text(let json) = received else { throw TestFailure("expected a text frame, got \(received)") }
        return json
    }

    /// The next frame of an opcode, past all others.
    func frame(_ opcode: Int64, within limit: TimeAmount = .seconds(60)) async throws -> JSON {
        while true {
            let json = try await nextFrame(within: limit)
            if json["op"]?.integer == opcode { return json }
        }
    }

    /// The next event of a kind, past all other frames.
    func event(_ kind: String, within limit: TimeAmount = .seconds(60)) async throws -> JSON {
        while true {
            let json = try await nextFrame(within: limit)
            if json["t"]?.string == kind { return json }
        }
    }

    /// The code and reason of the close frame, past all other frames.
    func closeFrame(within limit: TimeAmount = .seconds(60)) async throws -> (code: Int?, reason: String) {
        while true {
            switch try await next(within: limit) {
            case .close(let code, let reason): return (code, reason)
            case .end: throw TestFailure("the connection ended without a close frame")
            default: continue
            }
        }
    }

    func end(within limit: TimeAmount = .seconds(60)) async throws {
        while try await next(within: limit) != .end {}
    }

    // MARK: Habits

    func identify(_ token: String, _ more: String = "") async throws {
        try await send(#"{"op":2,"d":{"token":"\#(token)"\#(more)}}"#)
    }

    /// HELLO, IDENTIFY, READY.
    @discardableResult
    func enter(_ token: String, _ more: String = "") async throws -> JSON {
        _ = try await frame(10)
        try await identify(token, more)
        return try await event("READY")
    }

    func resume(_ token: String, session: String, after sequence: Int64) async throws {
        try await send(#"{"op":6,"d":{"token":"\#(token)","session_id":"\#(session)","seq":\#(sequence)}}"#)
    }
}

/// Takes the server's frames apart and keeps them until they are asked for.
final class Mailbox: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let eventLoop: any EventLoop
    private var reader = FrameReader()
    private var isUpgraded = false
    private var items = CircularBuffer<Received>()
    private var waiting: EventLoopPromise<Received>?

    init(_ eventLoop: any EventLoop) { self.eventLoop = eventLoop }

    func next(within limit: TimeAmount) -> EventLoopFuture<Received> {
        if let item = items.popFirst() { return eventLoop.makeSucceededFuture(item) }
        let promise = eventLoop.makePromise(of: Received.self)
        waiting = promise
        let timeout = eventLoop.assumeIsolated().scheduleTask(in: limit) {
            self.waiting = nil
            promise.fail(TestFailure("nothing came within \(limit)"))
        }
        promise.futureResult.whenComplete { _ in timeout.cancel() }
        return promise.futureResult
    }

    private func deliver(_ item: Received) {
        if let waiting {
            self.waiting = nil
            waiting.succeed(item)
        } else {
            items.append(item)
        }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var data = unwrapInboundIn(data)
        reader.bytes.writeBuffer(&data)
        if !isUpgraded {
            let head = reader.bytes.readableBytesView
            guard let end = head.indices.first(where: { head[$0...].starts(with: Array("\r\n\r\n".utf8)) }) else {
                return
            }
            let status = String(decoding: head.prefix(12), as: UTF8.self)
            reader.bytes.moveReaderIndex(to: end + 4)
            guard status == "HTTP/1.1 101" else {
                deliver(.close(Int(status.suffix(3)), "no upgrade"))
                return
            }
            isUpgraded = true
        }
        while let item = reader.next() {
            if case .close = item { answerClose(context) }
            deliver(item)
        }
    }

    /// What every WebSocket library does.
    private func answerClose(_ context: ChannelHandlerContext) {
        context.writeAndFlush(NIOAny(ByteBuffer(bytes: TestClient.frame(0x8, []))), promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) { deliver(.end) }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}

/// The reading side of `?compress=zlib-stream`.
final class InflateStream {
    private let stream: UnsafeMutablePointer<z_stream>

    init() {
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        inflateInit_(stream, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    }

    deinit {
        inflateEnd(stream)
        stream.deallocate()
    }

    /// Nil when the bytes are not the next message of the stream.
    func message(_ bytes: [UInt8]) -> [UInt8]? {
        guard bytes.suffix(4) == [0, 0, 0xFF, 0xFF] else { return nil }
        var message: [UInt8] = []
        var input = bytes
        let count = input.count
        let result: Int32 = input.withUnsafeMutableBufferPointer { input in
            stream.pointee.next_in = input.baseAddress
            stream.pointee.avail_in = UInt32(count)
            var result = Z_OK
            repeat {
                var room = [UInt8](repeating: 0, count: 16 * 1024)
                let written = room.withUnsafeMutableBufferPointer { room in
                    stream.pointee.next_out = room.baseAddress
                    stream.pointee.avail_out = UInt32(room.count)
                    result = inflate(stream, Z_SYNC_FLUSH)
                    return room.count - Int(stream.pointee.avail_out)
                }
                message += room[..<written]
            } while result == Z_OK && stream.pointee.avail_out == 0
            return result
        }
        return result == Z_OK || result == Z_BUF_ERROR ? message : nil
    }
}
