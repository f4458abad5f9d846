/// Why a text is not JSON that the server takes.
public struct JSONSyntaxError: Error, Equatable {
    public let reason: String
    /// In bytes from the start of the text.
    public let offset: Int
}

/// A strict reader of RFC 8259, made for text from strangers.
///
/// Beyond the grammar it refuses what readers are known to disagree about: duplicate keys, broken UTF-8, lone
/// surrogates, integers that do not fit 64 bits, numbers that overflow, and nesting deeper than `maximumDepth`.
public struct JSONParser {
    public static let maximumDepth = 64

    private let text: UnsafeBufferPointer<UInt8>
    private var offset = 0

    public static func parse(_ bytes: some Sequence<UInt8>) throws(JSONSyntaxError) -> JSON {
        if let result = bytes.withContiguousStorageIfAvailable({ buffer in parse(buffer: buffer) }) {
            return try result.get()
        }
        return try Array(bytes).withUnsafeBufferPointer { parse(buffer: $0) }.get()
    }

    private static func parse(buffer: UnsafeBufferPointer<UInt8>) -> Result<JSON, JSONSyntaxError> {
        Result { () throws(JSONSyntaxError) in
            var parser = JSONParser(text: buffer)
            parser.skipWhitespace()
            let value = try parser.value(depth: 0)
            parser.skipWhitespace()
            guard parser.offset == buffer.count else { throw parser.error("text after the value") }
            return value
        }
    }

    private init(text: UnsafeBufferPointer<UInt8>) { self.text = text }

    private func error(_ reason: String) -> JSONSyntaxError { JSONSyntaxError(reason: reason, offset: offset) }

    private var current: UInt8? { offset < text.count ? text[offset] : nil }

    private mutating func skipWhitespace() {
        while let byte = current, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { offset += 1 }
    }

    private mutating func value(depth: Int) throws(JSONSyntaxError) -> JSON {
        guard depth < Self.maximumDepth else { throw error("nested too deeply") }
        switch current {
        case UInt8(ascii: "{"): return try object(depth: depth)
        case UInt8(ascii: "["): return try array(depth: depth)
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try literal("true", .bool(true))
        case UInt8(ascii: "f"): return try literal("false", .bool(false))
        case UInt8(ascii: "n"): return try literal("null", .null)
        case .some(UInt8(ascii: "-")), .some(UInt8(ascii: "0")...UInt8(ascii: "9")): return try number()
        case nil: throw error("the text ends early")
        default: throw error("unexpected character")
        }
    }

    private mutating func literal(_ word: StaticString, _ value: JSON) throws(JSONSyntaxError) -> JSON {
        for index in 0..<word.utf8CodeUnitCount {
            guard current == word.utf8Start[index] else { throw error("unexpected character") }
            offset += 1
        }
        return value
    }

    private mutating func object(depth: Int) throws(JSONSyntaxError) -> JSON {
        var members: [String: JSON] = [:]
        offset += 1
        skipWhitespace()
        if current == UInt8(ascii: "}") {
            offset += 1
            return .object(members)
        }
        while true {
            skipWhitespace()
            guard current == UInt8(ascii: "\"") else { throw error("expected a key") }
            let key = try string()
            skipWhitespace()
            guard current == UInt8(ascii: ":") else { throw error("expected a colon") }
            offset += 1
            skipWhitespace()
            guard members.updateValue(try value(depth: depth + 1), forKey: key) == nil else {
                throw error("duplicate key")
            }
            skipWhitespace()
            if current == UInt8(ascii: "}") { break }
            guard current == UInt8(ascii: ",") else { throw error("expected a comma or the end of the object") }
            offset += 1
        }
        offset += 1
        return .object(members)
    }

    private mutating func array(depth: Int) throws(JSONSyntaxError) -> JSON {
        var elements: [JSON] = []
        offset += 1
        skipWhitespace()
        if current == UInt8(ascii: "]") {
            offset += 1
            return .array(elements)
        }
        while true {
            skipWhitespace()
            elements.append(try value(depth: depth + 1))
            skipWhitespace()
            if current == UInt8(ascii: "]") { break }
            guard current == UInt8(ascii: ",") else { throw error("expected a comma or the end of the array") }
            offset += 1
        }
        offset += 1
        return .array(elements)
    }

    // MARK: Numbers

    private mutating func number() throws(JSONSyntaxError) -> JSON {
        let start = offset
        var isInteger = true
        if current == UInt8(ascii: "-") { offset += 1 }
        if current == UInt8(ascii: "0") {
            offset += 1
        } else {
            try digits()
        }
        if current == UInt8(ascii: ".") {
            isInteger = false
            offset += 1
            try digits()
        }
        if current == UInt8(ascii: "e") || current == UInt8(ascii: "E") {
            isInteger = false
            offset += 1
            if current == UInt8(ascii: "+") || current == UInt8(ascii: "-") { offset += 1 }
            try digits()
        }
        let digits = String(decoding: text[start..<offset], as: UTF8.self)
        if isInteger {
            guard let value = Int64(digits) else { throw error("the number does not fit in 64 bits") }
            return .integer(value)
        }
        guard let value = Double(digits), value.isFinite else { throw error("the number is out of range") }
        return .number(value)
    }

    private mutating func digits() throws(JSONSyntaxError) {
        let start = offset
        while let byte = current, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { offset += 1 }
        guard offset > start else { throw error("expected a digit") }
    }

    // MARK: Strings

    private mutating func string() throws(JSONSyntaxError) -> String {
        offset += 1
        let start = offset
        while let byte = current, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\"), byte >= 0x20 { offset += 1 }
        if current == UInt8(ascii: "\"") {
            // Most strings have no escape and are taken in one go.
            let value = try utf8(UnsafeBufferPointer(rebasing: text[start..<offset]))
            offset += 1
            return value
        }
        var bytes = Array(text[start..<offset])
        while let byte = current {
            switch byte {
            case UInt8(ascii: "\""):
                offset += 1
                return try utf8(bytes)
            case UInt8(ascii: "\\"): try escape(into: &bytes)
            case 0x20...: bytes.append(byte); offset += 1
            default: throw error("a control character in a string")
            }
        }
        throw error("the text ends early")
    }

    private func utf8(_ bytes: some Sequence<UInt8>) throws(JSONSyntaxError) -> String {
        guard let value = String(validating: bytes, as: UTF8.self) else {
            throw error("broken UTF-8")
        }
        return value
    }

    private mutating func escape(into bytes: inout [UInt8]) throws(JSONSyntaxError) {
        offset += 1
        guard let letter = current else { throw error("the text ends early") }
        offset += 1
        switch letter {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): bytes.append(letter)
        case UInt8(ascii: "b"): bytes.append(0x08)
        case UInt8(ascii: "f"): bytes.append(0x0C)
        case UInt8(ascii: "n"): bytes.append(0x0A)
        case UInt8(ascii: "r"): bytes.append(0x0D)
        case UInt8(ascii: "t"): bytes.append(0x09)
        case UInt8(ascii: "u"): bytes.append(contentsOf: String(try unicodeEscape()).utf8)
        default: throw error("unknown escape")
        }
    }

    /// The scalar of a `\uXXXX`, or of the two that make a surrogate pair.
    private mutating func unicodeEscape() throws(JSONSyntaxError) -> Character {
        let first = try hexadecimal()
        if let scalar = Unicode.Scalar(first) { return Character(scalar) }
        guard (0xD800..<0xDC00).contains(first), current == UInt8(ascii: "\\") else { throw error("a lone surrogate") }
        offset += 1
        guard current == UInt8(ascii: "u") else { throw error("a lone surrogate") }
        offset += 1
        let second = try hexadecimal()
        guard (0xDC00..<0xE000).contains(second),
            let scalar = Unicode.Scalar(0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00))
        else { throw error("a lone surrogate") }
        return Character(scalar)
    }

    private mutating func hexadecimal() throws(JSONSyntaxError) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = current, let digit = Character(Unicode.Scalar(byte)).hexDigitValue, byte < 0x80 else {
                throw error("expected four hexadecimal digits")
            }
            value = value << 4 | UInt32(digit)
            offset += 1
        }
        return value
    }
}
