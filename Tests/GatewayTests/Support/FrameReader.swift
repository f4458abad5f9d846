import Kernel
import NIOCore

/// Takes a server's frames apart (RFC 6455, section 5.2).
struct FrameReader {
    var bytes = ByteBuffer()
    private var inflate: InflateStream?

    /// The next frame; nil when it is not there as a whole.
    mutating func next() -> Received? {
        var rest = bytes
        guard let first = rest.readInteger(as: UInt8.self), let second = rest.readInteger(as: UInt8.self) else {
            return nil
        }
        precondition(first & 0xF0 == 0x80 && second & 0x80 == 0, "servers send whole frames without a mask")
        var length = Int(second)
        if length == 126 {
            guard let long = rest.readInteger(as: UInt16.self) else { return nil }
            length = Int(long)
        } else if length == 127 {
            guard let long = rest.readInteger(as: UInt64.self) else { return nil }
            length = Int(long)
        }
        guard let payload = rest.readBytes(length: length) else { return nil }
        bytes = rest
        bytes.discardReadBytes()
        return item(first & 0x0F, payload)
    }

    private mutating func item(_ opcode: UInt8, _ payload: [UInt8]) -> Received {
        switch opcode {
        case 0x1: return .text((try? JSONParser.parse(payload)) ?? .null)
        case 0x2:
            let inflate = inflate ?? InflateStream()
            self.inflate = inflate
            guard let text = inflate.message(payload), let json = try? JSONParser.parse(text) else {
                return .binary(payload)
            }
            return .text(json)
        case 0xA: return .pong(payload)
        default:
            let code = payload.count >= 2 ? Int(payload[0]) << 8 | Int(payload[1]) : nil
            return .close(code, String(decoding: payload.dropFirst(2), as: UTF8.self))
        }
    }
}
