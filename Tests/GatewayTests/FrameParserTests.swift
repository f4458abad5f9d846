import Kernel
import Testing

@testable import Gateway

/// RFC 6455, sections 5 and 7, from the server's side.
@Suite struct FrameParserTests {
    typealias Item = WebSocketFrameParser.Item

    /// What comes of some bytes that arrive in pieces.
    private func items(_ bytes: [UInt8], pieces: Int = 1, limit: Int = 1024) throws(CloseReason) -> [Item] {
        var parser = WebSocketFrameParser(maximumMessage_bytes: limit)
        var items: [Item] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            let piece = rest.prefix(max(1, bytes.count / pieces))
            rest = rest.dropFirst(piece.count)
            let failure = Array(piece).withUnsafeBytes { piece -> CloseReason? in
                do throws(CloseReason) {
                    try parser.parse(piece) { item in
                        items.append(item)
                        return true
                    }
                    return nil
                } catch {
                    return error
                }
            }
            if let failure { throw failure }
        }
        return items
    }

    private func frame(_ opcode: UInt8, _ payload: [UInt8], isFinal: Bool = true) -> [UInt8] {
        TestClient.frame(opcode, payload, isFinal: isFinal)
    }

    static let lengths = [0, 1, 125, 126, 127, 1000, 65_535, 65_536, 100_000]

    @Test(arguments: lengths) func `text of any length arrives as it was sent`(_ length: Int) throws {
        let text = (0..<length).map { UInt8($0 & 0x7F) }
        #expect(try items(frame(0x1, text), limit: 100_000) == [.text(text)])
        #expect(try items(frame(0x1, text), pieces: 7, limit: 100_000) == [.text(text)])
    }

    @Test func `each kind of frame is told apart`() throws {
        let bytes =
            frame(0x1, [65]) + frame(0x2, [1, 2]) + frame(0x9, [3]) + frame(0xA, []) + frame(0x8, [0x0F, 0xA0, 66])
        for pieces in 1...bytes.count {
            #expect(
                try items(bytes, pieces: pieces) == [.text([65]), .binary, .ping([3]), .pong, .close(4000)])
        }
        #expect(try items(frame(0x8, [])) == [.close(nil)])
    }

    @Test func `fragments are joined, whatever comes between them`() throws {
        let text = frame(0x1, [65], isFinal: false) + frame(0x9, []) + frame(0x0, [], isFinal: false) + frame(0x0, [66])
        #expect(try items(text) == [.fragment, .ping([]), .fragment, .text([65, 66])])
        let binary = frame(0x2, [1], isFinal: false) + frame(0x0, [2]) + frame(0x1, [67])
        #expect(try items(binary) == [.fragment, .binary, .text([67])])
    }

    static let violations: [(String, [UInt8], CloseCode)] = [
        ("no mask", [0x81, 0x01, 0x41], .protocolError),
        ("a reserved bit", [0xC1, 0x80, 0, 0, 0, 0], .protocolError),
        ("an unknown type", [0x83, 0x80, 0, 0, 0, 0], .protocolError),
        ("an unknown control type", [0x8B, 0x80, 0, 0, 0, 0], .protocolError),
        ("a fragmented ping", [0x09, 0x80, 0, 0, 0, 0], .protocolError),
        ("a long ping", [0x89, 0xFE, 0, 126], .protocolError),
        ("a continuation of nothing", [0x80, 0x80, 0, 0, 0, 0], .protocolError),
        ("text within text", [0x01, 0x80, 0, 0, 0, 0, 0x81, 0x80, 0, 0, 0, 0], .protocolError),
        ("binary within text", [0x01, 0x80, 0, 0, 0, 0, 0x82, 0x80, 0, 0, 0, 0], .protocolError),
        ("16 bits for a short length", [0x81, 0xFE, 0, 125], .protocolError),
        ("64 bits for a short length", [0x81, 0xFF, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF], .protocolError),
        ("half a close code", [0x88, 0x81, 0, 0, 0, 0, 3], .protocolError),
        ("close code 1005", [0x88, 0x82, 0, 0, 0, 0, 0x03, 0xED], .protocolError),
        ("close code 2000", [0x88, 0x82, 0, 0, 0, 0, 0x07, 0xD0], .protocolError),
        ("a close reason that is no UTF-8", [0x88, 0x83, 0, 0, 0, 0, 0x03, 0xE8, 0xFF], .protocolError),
        ("a message that is too long", [0x81, 0xFE, 0x04, 0x01], .messageTooBig),
        ("a length beyond all measure", [0x81, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF], .messageTooBig),
    ]

    @Test(arguments: violations) func `what is against the rules is refused`(
        _ name: String, _ bytes: [UInt8], _ code: CloseCode
    ) {
        for pieces in [1, bytes.count] {
            do throws(CloseReason) {
                _ = try items(bytes, pieces: pieces)
                Issue.record("\(name) was taken")
            } catch {
                #expect(error.code == code)
            }
        }
    }

    @Test func `fragments together are no longer than a message may be`() throws {
        let begun = frame(0x1, Array(repeating: 65, count: 1000), isFinal: false)
        #expect(
            try items(begun + frame(0x0, Array(repeating: 65, count: 24))).last
                == .text(Array(repeating: 65, count: 1024)))
        #expect(throws: CloseReason.self) { try items(begun + frame(0x0, Array(repeating: 65, count: 25))) }
    }

    @Test func `nothing is held between whole frames`() throws {
        var parser = WebSocketFrameParser(maximumMessage_bytes: 1024)
        let bytes = frame(0x1, Array(repeating: 65, count: 500)) + frame(0x1, [66]).dropLast()
        try bytes.withUnsafeBytes { try parser.parse($0) { _ in true } }
        #expect(parser.heldBytes == 6)
        try frame(0x1, [66]).suffix(1).withUnsafeBytes { try parser.parse($0) { _ in true } }
        #expect(parser.heldBytes == 0)
    }

    /// Frames by chance, some of them damaged, in pieces by chance: how the bytes are cut must not matter, what is held stays
    /// bounded, and nothing crashes.
    @Test func `however the bytes are cut, the same comes out`() throws {
        let seed = UInt64.random(in: .min ... .max)
        print("seed of the frame parser test: \(seed)")
        var random = RandomnessGenerator(source: SeededRandomness(seed: seed))
        let clock = ContinuousClock()
        let end = clock.now + .seconds(1)
        var rounds = 0
        while clock.now < end {
            rounds += 1
            var bytes: [UInt8] = []
            for _ in 0..<Int.random(in: 1...6, using: &random) {
                let opcode = [0x0, 0x1, 0x1, 0x1, 0x2, 0x8, 0x9, 0xA].randomElement(using: &random) ?? 0x1
                let payload = (0..<Int.random(in: 0...140, using: &random)).map { _ in
                    UInt8.random(in: .min ... .max, using: &random)
                }
                bytes += frame(UInt8(opcode), payload, isFinal: Int.random(in: 0...3, using: &random) > 0)
            }
            if Bool.random(using: &random) {
                bytes[Int.random(in: bytes.indices, using: &random)] ^=
                    UInt8(1) << Int.random(in: 0...7, using: &random)
            }
            let whole = outcome(bytes, limit: 256) { bytes.count }
            let cut = outcome(bytes, limit: 256) { Int.random(in: 1...40, using: &random) }
            try #require(whole.items == cut.items && whole.failure == cut.failure, "seed \(seed), round \(rounds)")
        }
    }

    private func outcome(
        _ bytes: [UInt8], limit: Int, piece: () -> Int
    ) -> (items: [Item], failure: CloseReason?) {
        var parser = WebSocketFrameParser(maximumMessage_bytes: limit)
        var items: [Item] = []
        var offset = 0
        while offset < bytes.count {
            let end = min(bytes.count, offset + piece())
            let failure = bytes[offset..<end].withUnsafeBytes { piece -> CloseReason? in
                do throws(CloseReason) {
                    try parser.parse(piece) { item in
                        items.append(item)
                        return true
                    }
                    return nil
                } catch {
                    return error
                }
            }
            if let failure { return (items, failure) }
            #expect(parser.heldBytes <= 2 * limit + 14)
            offset = end
        }
        return (items, nil)
    }
}
