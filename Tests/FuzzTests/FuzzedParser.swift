import Kernel
import NIOCore

@testable import Content
@testable import Gateway
@testable import Media
@testable import WebAPI

/// What reads bytes from strangers. The fuzzer looks for bytes that break it, and the tests read again what it found.
enum FuzzedParser: String, CaseIterable, Sendable {
    case json
    case frames
    case multipart
    case markup
    case sound

    /// What was read breaks a rule that holds for all bytes.
    struct BrokenRule: Error, CustomStringConvertible {
        let description: String
    }

    /// Reads the bytes as a server would, and holds what comes of them against what must be true of it.
    func read(_ bytes: [UInt8]) throws(BrokenRule) {
        switch self {
        case .json: try Self.readJSON(bytes)
        case .frames: try Self.readFrames(bytes)
        case .multipart: try Self.readForm(bytes)
        case .markup: try Self.readMessage(String(decoding: bytes, as: UTF8.self))
        case .sound: try Self.readSound(bytes)
        }
    }

    private static func require(_ isTrue: Bool, _ rule: String) throws(BrokenRule) {
        if !isTrue { throw BrokenRule(description: rule) }
    }

    // MARK: Sounds

    private static func readSound(_ bytes: [UInt8]) throws(BrokenRule) {
        guard let sound = OggOpus(bytes) else { return }
        try require(sound.duration_ms > 0 && (1...256).contains(sound.waveform.count), "there is something to hear")
        try require(OggOpus(sound.bytes) == sound, "what is written is read as the same")
    }

    // MARK: JSON

    private static func readJSON(_ bytes: [UInt8]) throws(BrokenRule) {
        _ = try? ClientMessage.decode(bytes)
        guard let value = try? JSONParser.parse(bytes) else { return }
        try require(String(validating: bytes, as: UTF8.self) != nil, "what is taken is UTF-8")
        try require((try? JSONParser.parse(value.jsonBytes)) == value, "what is written is read as the same")
    }

    // MARK: WebSocket frames

    /// The first byte says in what pieces the others come.
    private static func readFrames(_ bytes: [UInt8]) throws(BrokenRule) {
        let maximum_bytes = 1024
        let stream = bytes.dropFirst()
        var (whole, pieced) = (FrameReading(maximum_bytes), FrameReading(maximum_bytes))
        whole.take(Array(stream))
        for piece in pieces(of: stream, length: bytes.first) {
            pieced.take(piece)
            // Of a control frame, too, nothing is held that is longer than it may be.
            try require(
                pieced.parser.heldBytes <= maximum_bytes + WebSocketFrame.maximumControlPayload_bytes + 14,
                "no more is held than a message")
        }
        try require(whole.items == pieced.items, "the pieces that bytes come in do not matter")
        try require(whole.failure == pieced.failure, "the pieces that wrong bytes come in do not matter")
        for case .text(let text) in whole.items { _ = try? ClientMessage.decode(text) }
    }

    private struct FrameReading {
        var parser: WebSocketFrameParser
        var items: [WebSocketFrameParser.Item] = []
        var failure: CloseReason?

        init(_ maximum_bytes: Int) { parser = WebSocketFrameParser(maximumMessage_bytes: maximum_bytes) }

        /// Nothing is read after what is wrong.
        mutating func take(_ bytes: [UInt8]) {
            guard failure == nil else { return }
            var found: [WebSocketFrameParser.Item] = []
            let failure = bytes.withUnsafeBytes { bytes -> CloseReason? in
                do throws(CloseReason) {
                    try parser.parse(bytes) { item in
                        found.append(item)
                        return true
                    }
                    return nil
                } catch {
                    return error
                }
            }
            items += found
            self.failure = failure
        }
    }

    // MARK: Forms

    /// The first byte says in what pieces the others come; the boundary is `b`.
    private static func readForm(_ bytes: [UInt8]) throws(BrokenRule) {
        let body = bytes.dropFirst()
        let whole = form([Array(body)])
        try require(
            whole == form(pieces(of: body, length: bytes.first)), "the pieces that a form comes in do not matter")
        _ = HeaderParameters.parse(String(decoding: body, as: UTF8.self))
    }

    /// The events of a form, those of its bytes as one; nil for what is none.
    private static func form(_ pieces: [[UInt8]]) -> [MultipartParser.Event]? {
        var parser = MultipartParser(boundary: "b")
        var events: [MultipartParser.Event] = []
        do throws(MultipartParser.Malformed) {
            for piece in pieces {
                for event in try parser.feed(ByteBuffer(bytes: piece)) {
                    if case .bytes(let more) = event, case .bytes(var before) = events.last {
                        before.writeImmutableBuffer(more)
                        events[events.count - 1] = .bytes(before)
                    } else {
                        events.append(event)
                    }
                }
            }
            try parser.finish()
            return events
        } catch {
            return nil
        }
    }

    // MARK: Messages

    /// What is looked for in a text by a shorter way is what a reading of all of it finds.
    private static func readMessage(_ text: String) throws(BrokenRule) {
        var nodes = MessageMarkup.parse(text)
        var names = MentionedNames()
        var leadsSomewhere = false
        while let node = nodes.popLast() {
            switch node {
            case .user(let id): names.users.insert(id)
            case .role(let id): names.roles.insert(id)
            case .everyone: names.everyone = true
            case .link: leadsSomewhere = true
            default: break
            }
            nodes += node.children
        }
        try require(MessageMarkup.mentions(in: text) == names, "whom a text speaks to is found by the short way, too")
        try require(MessageMarkup.links(in: text).isEmpty != leadsSomewhere, "links are found by the short way, too")
    }

    private static func pieces(of bytes: ArraySlice<UInt8>, length: UInt8?) -> [[UInt8]] {
        let length = max(1, Int(length ?? 1))
        return stride(from: bytes.startIndex, to: bytes.endIndex, by: length).map { start in
            Array(bytes[start..<min(start + length, bytes.endIndex)])
        }
    }
}
