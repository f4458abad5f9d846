import Foundation
import NIOCore

import Glibc

/// Takes a `multipart/form-data` body apart as it comes (RFC 7578; RFC 2046, section 5.1). Pure: bytes in, events out. It holds
/// back no more than a boundary's length, or one part's headers.
struct MultipartParser {
    enum Event: Equatable {
        case part(MultipartHeader)
        case bytes(ByteBuffer)
        case partEnd
        case end
    }

    struct Malformed: Error {
        let reason: String
    }

    static let maximumHeaders_bytes = 8 * 1024
    static let maximumParts = 32

    private enum State {
        /// Before the first boundary.
        case preamble
        case afterBoundary
        case headers
        /// At the line break that ended the headers, which may also be the one before a boundary: an empty part.
        case bodyStart
        case body
        /// After the last boundary; what follows is nobody's.
        case epilogue
    }

    private let delimiter: [UInt8]
    private var state = State.preamble
    private var parts = 0
    /// How much of a part's headers was looked through for their end. They may come byte by byte.
    private var searched_bytes = 0
    /// The first boundary needs no line break before it, so there is one to begin with.
    private var buffer = ByteBuffer(string: "\r\n")

    init(boundary: String) { delimiter = Array("\r\n--\(boundary)".utf8) }

    /// - Throws: `Malformed`.
    mutating func feed(_ bytes: ByteBuffer) throws(Malformed) -> [Event] {
        if case .epilogue = state { return [] }
        buffer.writeImmutableBuffer(bytes)
        var events: [Event] = []
        while try step(&events) {}
        buffer.discardReadBytes()
        return events
    }

    /// - Throws: `Malformed` when the last boundary has not come.
    func finish() throws(Malformed) {
        guard case .epilogue = state else { throw Malformed(reason: "ends before its last boundary") }
    }

    /// - Returns: whether there may be more to do.
    private mutating func step(_ events: inout [Event]) throws(Malformed) -> Bool {
        switch state {
        case .preamble:
            guard let position = position(of: delimiter) else {
                dropAllButDelimiter()
                return false
            }
            buffer.moveReaderIndex(forwardBy: position + delimiter.count)
            state = .afterBoundary
        case .afterBoundary: return try afterBoundary(&events)
        case .headers: return try headers(&events)
        case .bodyStart:
            // There is always so much to come: the part has to end with a boundary.
            guard let start = buffer.getBytes(at: buffer.readerIndex, length: delimiter.count) else { return false }
            if start != delimiter { buffer.moveReaderIndex(forwardBy: 2) }
            state = .body
        case .body:
            guard let position = position(of: delimiter) else {
                let certain = buffer.readableBytes - (delimiter.count - 1)
                if certain > 0, let slice = buffer.readSlice(length: certain) { events.append(.bytes(slice)) }
                return false
            }
            if position > 0, let slice = buffer.readSlice(length: position) { events.append(.bytes(slice)) }
            buffer.moveReaderIndex(forwardBy: delimiter.count)
            events.append(.partEnd)
            state = .afterBoundary
        case .epilogue: return false
        }
        return true
    }

    private mutating func dropAllButDelimiter() {
        let spare = buffer.readableBytes - (delimiter.count - 1)
        if spare > 0 { buffer.moveReaderIndex(forwardBy: spare) }
    }

    /// `--` ends the body, a line break begins a part.
    private mutating func afterBoundary(_ events: inout [Event]) throws(Malformed) -> Bool {
        guard let two = buffer.getBytes(at: buffer.readerIndex, length: 2) else { return false }
        buffer.moveReaderIndex(forwardBy: 2)
        if two == Array("--".utf8) {
            state = .epilogue
            events.append(.end)
            return false
        }
        guard two == [0x0D, 0x0A] else { throw Malformed(reason: "has a boundary that does not end its line") }
        parts += 1
        guard parts <= Self.maximumParts else { throw Malformed(reason: "has more than \(Self.maximumParts) parts") }
        state = .headers
        return true
    }

    private mutating func headers(_ events: inout [Event]) throws(Malformed) -> Bool {
        // A part may have no headers at all, but then it has no name either. Three bytes of their end may be known.
        guard let length = position(of: [0x0D, 0x0A, 0x0D, 0x0A], from: max(0, searched_bytes - 3)) else {
            searched_bytes = buffer.readableBytes
            guard buffer.readableBytes <= Self.maximumHeaders_bytes + 3 else {
                throw Malformed(reason: "has a part with too long headers")
            }
            return false
        }
        searched_bytes = 0
        guard length <= Self.maximumHeaders_bytes, let text = buffer.readString(length: length) else {
            throw Malformed(reason: "has a part with too long headers")
        }
        buffer.moveReaderIndex(forwardBy: 2)
        guard let header = MultipartHeader(text) else { throw Malformed(reason: "has a part without a name") }
        events.append(.part(header))
        state = .bodyStart
        return true
    }

    /// Every pattern here begins with a carriage return, and `memchr` is the quickest way from one to the next.
    private func position(of pattern: [UInt8], from first: Int = 0) -> Int? {
        buffer.withUnsafeReadableBytes { bytes in
            guard let start = bytes.baseAddress else { return nil }
            var offset = first
            while offset + pattern.count <= bytes.count,
                let found = memchr(start + offset, 0x0D, bytes.count - pattern.count - offset + 1)
            {
                offset = start.distance(to: UnsafeRawPointer(found))
                if memcmp(found, pattern, pattern.count) == 0 { return offset }
                offset += 1
            }
            return nil
        }
    }
}

/// What a part says of itself.
struct MultipartHeader: Equatable {
    let name: String
    /// Nil for a part that is a field of a form.
    let filename: String?

    /// - Parameter text: the lines of the part's headers. Nil is returned when there is no name.
    init?(_ text: String) {
        let lines = text.replacing("\r\n", with: "\n").split(separator: "\n")
        guard
            let disposition = lines.first(where: { $0.lowercased().hasPrefix("content-disposition:") })
        else { return nil }
        let parameters = HeaderParameters.parse(disposition.drop { $0 != ":" }.dropFirst())
        guard parameters.value == "form-data", let name = parameters.members["name"] else { return nil }
        self.name = name
        // RFC 7578 knows no `filename*`, but clients that send one mean it.
        filename = parameters.members["filename*"].flatMap(HeaderParameters.extended) ?? parameters.members["filename"]
    }
}

/// `value; name=text; name="quoted text"`, as in Content-Type and Content-Disposition.
enum HeaderParameters {
    /// By scalars: a quotation mark may be a part of a character.
    static func parse(_ header: some StringProtocol) -> (value: String, members: [String: String]) {
        var rest = Substring(header).unicodeScalars
        let value = rest.prefix { $0 != ";" }
        rest = rest.dropFirst(value.count)
        var members: [String: String] = [:]
        while rest.first == ";" {
            rest = rest.dropFirst().drop(while: \.properties.isWhitespace)
            let name = rest.prefix { $0 != "=" && $0 != ";" }
            rest = rest.dropFirst(name.count)
            guard rest.first == "=" else { continue }
            rest = rest.dropFirst()
            let text = rest.first == "\"" ? quoted(&rest) : plain(&rest)
            let key = word(name)
            if members[key] == nil { members[key] = text }
            rest = rest.drop { $0 != ";" }
        }
        return (word(value), members)
    }

    private static func word(_ scalars: Substring.UnicodeScalarView) -> String {
        String(scalars).lowercased().filter { !$0.isWhitespace }
    }

    private static func plain(_ rest: inout Substring.UnicodeScalarView) -> String {
        let text = rest.prefix { $0 != ";" }
        rest = rest.dropFirst(text.count)
        return String(text).trimmingSuffix(while: \.isWhitespace)
    }

    /// Browsers write `%22` for a quotation mark (WHATWG HTML, multipart/form-data encoding), others `\"`.
    private static func quoted(_ rest: inout Substring.UnicodeScalarView) -> String {
        rest = rest.dropFirst()
        var text = String.UnicodeScalarView()
        while let scalar = rest.popFirst(), scalar != "\"" {
            if scalar == "\\", let next = rest.first, next == "\"" || next == "\\" {
                text.append(next)
                rest = rest.dropFirst()
            } else {
                text.append(scalar)
            }
        }
        return String(text).replacing("%22", with: "\"").replacing("%0D", with: "\r").replacing("%0A", with: "\n")
    }

    /// `UTF-8''na%C3%AFve.txt` (RFC 8187). Nil for other character sets.
    static func extended(_ text: String) -> String? {
        let parts = text.split(separator: "'", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0].lowercased() == "utf-8" else { return nil }
        return parts[2].removingPercentEncoding
    }
}

extension String {
    fileprivate func trimmingSuffix(while isSpare: (Character) -> Bool) -> String {
        var text = self[...]
        while let last = text.last, isSpare(last) { text = text.dropLast() }
        return String(text)
    }
}
