/// A value of CBOR (RFC 8949), of the kinds that authenticators write.
public enum CBOR: Sendable, Hashable {
    case integer(Int64)
    case bytes([UInt8])
    case text(String)
    case array([CBOR])
    /// The keys are integers and texts.
    case map([CBOR: CBOR])
    case bool(Bool)
    case null

    var integer: Int64? { if case .integer(let value) = self { value } else { nil } }
    var bytes: [UInt8]? { if case .bytes(let value) = self { value } else { nil } }
    var text: String? { if case .text(let value) = self { value } else { nil } }
    var map: [CBOR: CBOR]? { if case .map(let value) = self { value } else { nil } }

    /// Reads bytes that are one value and nothing else.
    /// - Throws: the errors of CBOR.
    public init(decoding bytes: [UInt8]) throws(WebAuthnError) {
        let (value, length) = try Self.first(in: bytes[...])
        guard length == bytes.count else { throw .trailingBytesInCBOR }
        self = value
    }

    /// Reads the value that bytes begin with, and tells how many of them it takes.
    static func first(in bytes: ArraySlice<UInt8>) throws(WebAuthnError) -> (value: CBOR, length: Int) {
        guard bytes.count <= CBORDecoder.maximum_bytes else { throw .tooLargeCBOR }
        var decoder = CBORDecoder(rest: bytes)
        let value = try decoder.value(depth: 0)
        return (value, bytes.count - decoder.rest.count)
    }
}

/// A strict reader of CBOR, made for bytes from strangers.
///
/// It takes what the canonical form of CTAP2 has (CTAP 2.1, section 8), and of that no floating-point numbers, which
/// nothing here uses. The order of a map's keys is free: a decoder need not insist on it (WebAuthn level 2, section 2),
/// and once duplicates are refused nothing depends on it.
struct CBORDecoder {
    /// Larger than any attestation with its certificates.
    static let maximum_bytes = 64 * 1024
    /// How many arrays and maps may stand within each other (CTAP 2.1, section 8).
    static let maximumDepth = 4

    private(set) var rest: ArraySlice<UInt8>

    init(rest: ArraySlice<UInt8>) { self.rest = rest }

    /// - Parameter depth: how many arrays and maps the value stands in.
    mutating func value(depth: Int) throws(WebAuthnError) -> CBOR {
        guard let head = rest.popFirst() else { throw .truncatedCBOR }
        let (major, detail) = (head >> 5, head & 0x1F)
        switch major {
        case 0: return .integer(try integer(detail))
        // -1 - n is the complement of n, and can't overflow.
        case 1: return .integer(~(try integer(detail)))
        case 2: return .bytes(Array(try take(try length(detail))))
        case 3: return .text(try text(detail))
        case 4: return try array(detail, depth: depth)
        case 5: return try map(detail, depth: depth)
        case 7: return try simple(detail)
        default: throw .unsupportedCBOR
        }
    }

    private func simple(_ detail: UInt8) throws(WebAuthnError) -> CBOR {
        switch detail {
        case 20: .bool(false)
        case 21: .bool(true)
        case 22: .null
        default: throw .unsupportedCBOR
        }
    }

    private mutating func text(_ detail: UInt8) throws(WebAuthnError) -> String {
        guard let text = String(validating: try take(try length(detail)), as: UTF8.self) else {
            throw .brokenTextInCBOR
        }
        return text
    }

    private mutating func array(_ detail: UInt8, depth: Int) throws(WebAuthnError) -> CBOR {
        guard depth < Self.maximumDepth else { throw .tooDeepCBOR }
        var elements: [CBOR] = []
        for _ in 0..<(try length(detail)) { elements.append(try value(depth: depth + 1)) }
        return .array(elements)
    }

    private mutating func map(_ detail: UInt8, depth: Int) throws(WebAuthnError) -> CBOR {
        guard depth < Self.maximumDepth else { throw .tooDeepCBOR }
        var members: [CBOR: CBOR] = [:]
        for _ in 0..<(try length(detail)) {
            let key = try value(depth: depth + 1)
            guard key.integer != nil || key.text != nil else { throw .unsupportedKeyInCBOR }
            guard members.updateValue(try value(depth: depth + 1), forKey: key) == nil else {
                throw .duplicateKeyInCBOR
            }
        }
        return .map(members)
    }

    // MARK: Numbers and lengths

    /// A count of bytes, or of elements, of which each takes a byte at least: so what can't be there is refused before
    /// anything is read or reserved.
    private mutating func length(_ detail: UInt8) throws(WebAuthnError) -> Int {
        let length = try argument(detail)
        guard length <= UInt64(rest.count) else { throw .truncatedCBOR }
        return Int(length)
    }

    private mutating func integer(_ detail: UInt8) throws(WebAuthnError) -> Int64 {
        guard let value = Int64(exactly: try argument(detail)) else { throw .unsupportedCBOR }
        return value
    }

    /// The number that belongs to a head (RFC 8949, section 3), in its shortest form only.
    private mutating func argument(_ detail: UInt8) throws(WebAuthnError) -> UInt64 {
        switch detail {
        case 0..<24: return UInt64(detail)
        case 24: return try number(of: 1, atLeast: 24)
        case 25: return try number(of: 2, atLeast: 1 << 8)
        case 26: return try number(of: 4, atLeast: 1 << 16)
        case 27: return try number(of: 8, atLeast: 1 << 32)
        default: throw .unsupportedCBOR
        }
    }

    private mutating func number(of count: Int, atLeast minimum: UInt64) throws(WebAuthnError) -> UInt64 {
        let number = try take(count).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        guard number >= minimum else { throw .wastefulCBOR }
        return number
    }

    private mutating func take(_ count: Int) throws(WebAuthnError) -> ArraySlice<UInt8> {
        guard count <= rest.count else { throw .truncatedCBOR }
        defer { rest = rest.dropFirst(count) }
        return rest.prefix(count)
    }
}
