import NIOCore

/// Takes a client's byte stream apart into messages and control frames (RFC 6455, sections 5 and 7).
///
/// It holds bytes only between the parts of a frame or of a fragmented message, and never more than one message's worth.
struct WebSocketFrameParser {
    enum Item: Equatable {
        case text([UInt8])
        case binary
        /// A part of a message that is not complete yet.
        case fragment
        case ping([UInt8])
        case pong
        case close(UInt16?)
    }

    private struct Header {
        let isFinal: Bool
        let opcode: WebSocketFrame.Opcode
        let length: Int
        let mask: UInt32
    }

    private enum Assembly {
        case nothing
        case text
        /// Binary messages are refused whole, so their bytes aren't kept.
        case binary
    }

    private let maximumMessage_bytes: Int
    /// The beginning of a frame.
    private var rest: [UInt8] = []
    /// How long `rest` must be before another look at it is worth while.
    private var needed_bytes = 0
    private var assembly = Assembly.nothing
    private var assembled: [UInt8] = []
    private var assembled_bytes = 0

    init(maximumMessage_bytes: Int) { self.maximumMessage_bytes = maximumMessage_bytes }

    /// What is held while waiting for more.
    var heldBytes: Int { rest.count + assembled.count }

    /// Goes through what has arrived, item by item, until `body` returns false.
    /// - Throws: 1002 or 1009; the stream can't be followed after that.
    mutating func parse(_ bytes: UnsafeRawBufferPointer, _ body: (Item) -> Bool) throws(CloseReason) {
        guard !rest.isEmpty else {
            let used = try items(in: bytes, body)
            if used < bytes.count { rest = Array(bytes[used...]) }
            return
        }
        rest.append(contentsOf: bytes)
        guard rest.count >= needed_bytes else { return }
        let joined = rest
        rest = []
        let (used, failure) = joined.withUnsafeBytes { joined -> (Int, CloseReason?) in
            do throws(CloseReason) {
                return (try items(in: joined, body), nil)
            } catch {
                return (joined.count, error)
            }
        }
        if let failure { throw failure }
        rest = used == 0 ? joined : Array(joined[used...])
    }

    /// - Returns: how many bytes make up whole frames.
    private mutating func items(
        in bytes: UnsafeRawBufferPointer, _ body: (Item) -> Bool
    ) throws(CloseReason) -> Int {
        var offset = 0
        needed_bytes = 0
        while let (header, size) = try header(UnsafeRawBufferPointer(rebasing: bytes[offset...])) {
            let end = offset + size + header.length
            guard end <= bytes.count else {
                needed_bytes = end - offset
                break
            }
            let payload = Self.unmasked(UnsafeRawBufferPointer(rebasing: bytes[offset + size..<end]), header.mask)
            offset = end
            // Whatever follows is of no interest, and is not to be kept either.
            guard body(try item(header, payload)) else { return bytes.count }
        }
        return offset
    }

    /// Nil until all of the header is there. What is wrong with a frame is found before its payload is waited for.
    private func header(_ bytes: UnsafeRawBufferPointer) throws(CloseReason) -> (Header, size: Int)? {
        guard bytes.count >= 2 else { return nil }
        guard bytes[0] & 0x70 == 0 else { throw Self.violation("reserved bits are set") }
        guard let opcode = WebSocketFrame.Opcode(rawValue: bytes[0] & 0x0F) else {
            throw Self.violation("unknown frame type")
        }
        let isFinal = bytes[0] & 0x80 != 0
        guard bytes[1] & 0x80 != 0 else { throw Self.violation("frames from clients must be masked") }
        let short = Int(bytes[1] & 0x7F)
        if opcode.isControl {
            guard isFinal else { throw Self.violation("a fragmented control frame") }
            guard short <= WebSocketFrame.maximumControlPayload_bytes else {
                throw Self.violation("a control frame is too long")
            }
        }
        let extra = short == 126 ? 2 : short == 127 ? 8 : 0
        guard bytes.count >= 2 + extra else { return nil }
        var length = extra == 0 ? UInt64(short) : 0
        for index in 0..<extra { length = length << 8 | UInt64(bytes[2 + index]) }
        guard extra == 0 || length >= (extra == 2 ? 126 : 0x1_0000) else {
            throw Self.violation("the length is not in its shortest form")
        }
        try checkSequence(opcode)
        let room = opcode.isControl ? UInt64.max : UInt64(max(0, maximumMessage_bytes - assembled_bytes))
        guard length <= room else {
            throw CloseReason(.messageTooBig, "a message is at most \(maximumMessage_bytes) bytes long")
        }
        let size = 2 + extra + 4
        guard bytes.count >= size else { return nil }
        let mask = bytes.loadUnaligned(fromByteOffset: 2 + extra, as: UInt32.self)
        return (Header(isFinal: isFinal, opcode: opcode, length: Int(length), mask: mask), size)
    }

    private func checkSequence(_ opcode: WebSocketFrame.Opcode) throws(CloseReason) {
        switch (opcode, assembly) {
        case (.continuation, .nothing): throw Self.violation("a continuation of nothing")
        case (.text, .text), (.text, .binary), (.binary, .text), (.binary, .binary):
            throw Self.violation("a message within a message")
        default: return
        }
    }

    private mutating func item(_ header: Header, _ payload: [UInt8]) throws(CloseReason) -> Item {
        switch header.opcode {
        case .ping: return .ping(payload)
        case .pong: return .pong
        case .close: return .close(try Self.closeCode(payload))
        case .text:
            if header.isFinal { return .text(payload) }
            extend(.text, payload)
            return .fragment
        case .binary:
            if header.isFinal { return .binary }
            extend(.binary, payload)
            return .fragment
        case .continuation:
            extend(assembly, payload)
            return header.isFinal ? finish() : .fragment
        }
    }

    private mutating func extend(_ kind: Assembly, _ payload: [UInt8]) {
        assembly = kind
        assembled_bytes += payload.count
        if kind == .text { assembled.append(contentsOf: payload) }
    }

    private mutating func finish() -> Item {
        defer {
            assembly = .nothing
            assembled = []
            assembled_bytes = 0
        }
        return assembly == .text ? .text(assembled) : .binary
    }

    private static func unmasked(_ bytes: UnsafeRawBufferPointer, _ mask: UInt32) -> [UInt8] {
        withUnsafeBytes(of: mask) { mask in
            [UInt8](unsafeUninitializedCapacity: bytes.count) { payload, count in
                for index in 0..<bytes.count { payload[index] = bytes[index] ^ mask[index & 3] }
                count = bytes.count
            }
        }
    }

    private static func closeCode(_ payload: [UInt8]) throws(CloseReason) -> UInt16? {
        guard !payload.isEmpty else { return nil }
        guard payload.count >= 2 else { throw violation("half a close code") }
        let code = UInt16(payload[0]) << 8 | UInt16(payload[1])
        switch code {
        case 1000...1003, 1007...1014, 3000...4999: break
        default: throw violation("close code \(code) is not to be sent")
        }
        guard String(validating: payload[2...], as: UTF8.self) != nil else {
            throw violation("the close reason is not UTF-8")
        }
        return code
    }

    private static func violation(_ text: String) -> CloseReason { CloseReason(.protocolError, text) }
}
