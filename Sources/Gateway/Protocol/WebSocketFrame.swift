import NIOCore

/// The framing of RFC 6455, section 5.2, from the server's side: unmasked, never fragmented.
enum WebSocketFrame {
    enum Opcode: UInt8, Sendable {
        case continuation = 0x0
        case text = 0x1
        case binary = 0x2
        case close = 0x8
        case ping = 0x9
        case pong = 0xA

        var isControl: Bool { rawValue & 0x8 != 0 }
    }

    static let maximumHeader_bytes = 10
    static let maximumControlPayload_bytes = 125

    static func writeHeader(_ opcode: Opcode, count: Int, to buffer: inout ByteBuffer) {
        buffer.writeInteger(0x80 | opcode.rawValue)
        switch count {
        case ..<126: buffer.writeInteger(UInt8(count))
        case ...0xFFFF:
            buffer.writeInteger(UInt8(126))
            buffer.writeInteger(UInt16(count))
        default:
            buffer.writeInteger(UInt8(127))
            buffer.writeInteger(UInt64(count))
        }
    }

    static func frame(_ opcode: Opcode, _ payload: some Collection<UInt8>) -> ByteBuffer {
        var buffer = ByteBufferAllocator().buffer(capacity: payload.count + maximumHeader_bytes)
        writeHeader(opcode, count: payload.count, to: &buffer)
        buffer.writeBytes(payload)
        return buffer
    }

    static func close(_ reason: CloseReason) -> ByteBuffer {
        var text = reason.text
        while text.utf8.count > CloseReason.maximumText_bytes { text.removeLast() }
        return close(code: reason.code.rawValue, text: text)
    }

    /// The answer to a client's close frame.
    static func close(code: UInt16?, text: String = "") -> ByteBuffer {
        guard let code else { return frame(.close, []) }
        return frame(.close, [UInt8(code >> 8), UInt8(code & 0xFF)] + Array(text.utf8))
    }
}
