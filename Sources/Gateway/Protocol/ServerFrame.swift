import Events
import Kernel
import NIOCore

/// Frames that the server sends, as JSON text and as WebSocket bytes.
enum ServerFrame {
    /// Writes a frame's JSON: `{"op":…,"d":…}`.
    static func json(_ opcode: Opcode, _ data: (inout JSONWriter) -> Void) -> [UInt8] {
        var json = JSONWriter()
        json.beginObject()
        json.member("op", opcode.rawValue)
        json.key("d")
        data(&json)
        json.endObject()
        return json.bytes
    }

    static let heartbeatAck = json(.heartbeatAck) { $0.null() }
    static let reconnect = json(.reconnect) { $0.null() }
    static let invalidSession = json(.invalidSession) { $0.bool(false) }

    static func hello(heartbeatInterval: Duration) -> [UInt8] {
        json(.hello) { json in
            json.beginObject()
            json.member("heartbeat_interval", heartbeatInterval.wholeMilliseconds)
            json.endObject()
        }
    }

    static func versionCheck(client: String?, _ policy: ClientVersionPolicy) -> [UInt8] {
        json(.versionCheck) { json in
            json.beginObject()
            json.member("client_version", client)
            json.member("min_version", policy.minimum.description)
            json.member("server_version", policy.server.description)
            json.member("update_url", policy.updateURL)
            json.endObject()
        }
    }

    /// The members of READY that `ready` writes itself.
    static let readyMembers: [JSONSchema.Property] = [
        .init("v", .integer(), isRequired: true), .init("session_id", .string(), isRequired: true),
        .init("resume_gateway_url", .string(), isRequired: true),
        .init("shard", .array(of: .integer(), count: 2...2), isRequired: false),
    ]

    static func ready(
        _ snapshot: GatewaySnapshot, sessionID: String, resumeURL: String, shard: SessionShard?
    ) -> [UInt8] {
        var json = JSONWriter(reservingCapacity: 256 + snapshot.members.reduce(0) { $0 + $1.value.count + 32 })
        json.beginObject()
        json.member("v", ConnectionRequest.apiVersion)
        json.member("session_id", sessionID)
        json.member("resume_gateway_url", resumeURL)
        if let shard { json.member("shard", [Int(shard.index), Int(shard.count)]) }
        for (name, value) in snapshot.members {
            json.key(name)
            json.raw(value)
        }
        json.endObject()
        return json.bytes
    }
}

/// A DISPATCH, or what else is told like one, as the bytes of a complete WebSocket text frame: made once, written to everyone.
struct EventFrame: Sendable {
    let bytes: ByteBuffer
    /// Where the JSON begins, after the WebSocket header.
    private let payloadOffset: Int
    /// Where the JSON goes on after the digits of `s`.
    private let restOffset: Int

    private let opcode: Opcode

    private static let dispatch = #"{"op":0,"s":"#

    init(_ name: EventName, position: Int64, data: [UInt8]) {
        let beginning = #","t":"\#(name.rawValue)","d":"#
        // READY may have megabytes, which are copied once.
        let count = beginning.utf8.count + data.count + 1
        self.init(.telling(name), position: position, restCount: count) { bytes in
            bytes.writeString(beginning)
            bytes.writeBytes(data)
            bytes.writeInteger(UInt8(ascii: "}"))
        }
    }

    /// - Parameter restCount: how many bytes come after the digits of `s`.
    private init(
        _ opcode: Opcode, position: Int64, restCount: Int, _ writeRest: (inout ByteBuffer) -> Void
    ) {
        self.opcode = opcode
        let digits = String(position)
        let opening = opcode == .dispatch ? Self.dispatch : #"{"op":\#(opcode.rawValue),"s":"#
        let count = opening.utf8.count + digits.utf8.count + restCount
        var bytes = ByteBufferAllocator().buffer(capacity: count + WebSocketFrame.maximumHeader_bytes)
        WebSocketFrame.writeHeader(.text, count: count, to: &bytes)
        self.payloadOffset = bytes.writerIndex
        bytes.writeString(opening)
        bytes.writeString(digits)
        self.restOffset = bytes.writerIndex
        writeRest(&bytes)
        self.bytes = bytes
    }

    /// The JSON alone, for connections that compress it.
    var payload: ByteBuffer { slice(from: payloadOffset) }

    /// The same event with another `s`.
    func moved(to position: Int64) -> EventFrame {
        let rest = slice(from: restOffset)
        return EventFrame(opcode, position: position, restCount: rest.readableBytes) { $0.writeImmutableBuffer(rest) }
    }

    private func slice(from offset: Int) -> ByteBuffer {
        var slice = bytes
        slice.moveReaderIndex(to: offset)
        return slice
    }
}
