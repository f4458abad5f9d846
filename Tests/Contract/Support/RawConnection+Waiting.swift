import Client
import NIOCore
import TestPrograms

extension RawConnection {
    /// Waits until a text has come so often.
    func waits(for text: String, times: Int = 1) async throws {
        try await eventually { self.text.components(after: text).count >= times }
    }

    /// Sends a text message on a connection that has become a WebSocket (RFC 6455, section 5.2), with a mask of zeros.
    func sendsFrame(_ text: String) async throws { try await write(Self.frame(text)) }

    static func frame(_ text: String) -> [UInt8] {
        let payload = Array(text.utf8)
        // The shortest form of a length is the only one that is allowed.
        let length: [UInt8] =
            payload.count < 126
            ? [0x80 | UInt8(payload.count)] : [0x80 | 126, UInt8(payload.count >> 8), UInt8(payload.count & 0xFF)]
        return [0x81] + length + [0, 0, 0, 0] + payload
    }
}
