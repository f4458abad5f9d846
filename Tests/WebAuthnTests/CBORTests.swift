import Testing

@testable import WebAuthn

@Suite("CBOR")
struct CBORTests {
    /// From RFC 8949, appendix A, and a few around the bounds.
    static let values: [(bytes: [UInt8], value: CBOR)] = [
        ([0x00], .integer(0)), ([0x17], .integer(23)), ([0x18, 0x18], .integer(24)), ([0x18, 0xFF], .integer(255)),
        ([0x19, 0x01, 0x00], .integer(256)), ([0x19, 0x03, 0xE8], .integer(1000)),
        ([0x1A, 0x00, 0x01, 0x00, 0x00], .integer(65_536)), ([0x1A, 0x00, 0x0F, 0x42, 0x40], .integer(1_000_000)),
        ([0x1B, 0, 0, 0, 1, 0, 0, 0, 0], .integer(1 << 32)),
        ([0x1B, 0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF], .integer(.max)),
        ([0x20], .integer(-1)), ([0x29], .integer(-10)), ([0x38, 0x63], .integer(-100)),
        ([0x3B, 0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF], .integer(.min)),
        ([0x40], .bytes([])), ([0x44, 1, 2, 3, 4], .bytes([1, 2, 3, 4])),
        ([0x60], .text("")), ([0x64, 0x49, 0x45, 0x54, 0x46], .text("IETF")), ([0x62, 0xC3, 0xBC], .text("ü")),
        ([0x80], .array([])), ([0x83, 1, 2, 3], .array([.integer(1), .integer(2), .integer(3)])),
        ([0xA0], .map([:])), ([0xA2, 1, 2, 3, 4], .map([.integer(1): .integer(2), .integer(3): .integer(4)])),
        ([0xA1, 0x61, 0x61, 0x20], .map([.text("a"): .integer(-1)])),
        ([0xF4], .bool(false)), ([0xF5], .bool(true)), ([0xF6], .null),
        ([0x81, 0x81, 0x81, 0x80], .array([.array([.array([.array([])])])])),
    ]

    @Test("values are read", arguments: values)
    func read(bytes: [UInt8], value: CBOR) throws {
        #expect(try CBOR(decoding: bytes) == value)
    }

    @Test("no value can be cut short or have something after it", arguments: values)
    func exactLength(bytes: [UInt8], value: CBOR) throws {
        for length in 0..<bytes.count {
            #expect(throws: WebAuthnError.truncatedCBOR) { try CBOR(decoding: Array(bytes.prefix(length))) }
        }
        #expect(throws: WebAuthnError.trailingBytesInCBOR) { try CBOR(decoding: bytes + [0]) }
    }

    static let refused: [(bytes: [UInt8], error: WebAuthnError)] = [
        // Longer than needed.
        ([0x18, 0x17], .wastefulCBOR), ([0x19, 0x00, 0xFF], .wastefulCBOR), ([0x1A, 0, 0, 0xFF, 0xFF], .wastefulCBOR),
        ([0x1B, 0, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF], .wastefulCBOR), ([0x38, 0x00], .wastefulCBOR),
        ([0x58, 0x01, 0x00], .wastefulCBOR), ([0x98, 0x01, 0x00], .wastefulCBOR),
        // Beyond 64 bits with a sign.
        ([0x1B, 0x80, 0, 0, 0, 0, 0, 0, 0], .unsupportedCBOR), ([0x3B, 0x80, 0, 0, 0, 0, 0, 0, 0], .unsupportedCBOR),
        // Indefinite lengths, reserved details, tags, floating-point numbers, undefined, other simple values, break.
        ([0x5F, 0x40, 0xFF], .unsupportedCBOR), ([0x7F, 0xFF], .unsupportedCBOR), ([0x9F, 0xFF], .unsupportedCBOR),
        ([0xBF, 0xFF], .unsupportedCBOR), ([0x1C], .unsupportedCBOR), ([0x1F], .unsupportedCBOR),
        ([0xC0, 0x60], .unsupportedCBOR), ([0xF9, 0x00, 0x00], .unsupportedCBOR), ([0xF7], .unsupportedCBOR),
        ([0xF8, 0xFF], .unsupportedCBOR), ([0xFF], .unsupportedCBOR),
        // Lengths of what is not there.
        ([0x5A, 0xFF, 0xFF, 0xFF, 0xFF], .truncatedCBOR), ([0x9A, 0xFF, 0xFF, 0xFF, 0xFF, 0], .truncatedCBOR),
        ([0x7B, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF], .truncatedCBOR),
        ([0xBB, 0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0, 0], .truncatedCBOR),
        // Maps.
        ([0xA2, 1, 2, 1, 3], .duplicateKeyInCBOR), ([0xA2, 0x61, 0x61, 2, 0x61, 0x61, 2], .duplicateKeyInCBOR),
        ([0xA1, 0x40, 0], .unsupportedKeyInCBOR), ([0xA1, 0x80, 0], .unsupportedKeyInCBOR),
        ([0xA1, 0xF5, 0], .unsupportedKeyInCBOR),
        // Texts.
        ([0x61, 0xFF], .brokenTextInCBOR), ([0x62, 0xC3, 0x28], .brokenTextInCBOR),
        // Depth.
        ([0x81, 0x81, 0x81, 0x81, 0x80], .tooDeepCBOR), ([0xA1, 1, 0x81, 0xA1, 1, 0x81, 0xA0], .tooDeepCBOR),
        (Array(repeating: 0x81, count: 60_000), .tooDeepCBOR), (Array(repeating: 0, count: 65_537), .tooLargeCBOR),
    ]

    @Test("what is not strict is refused", arguments: refused)
    func refuse(bytes: [UInt8], error: WebAuthnError) {
        #expect(throws: error) { try CBOR(decoding: bytes) }
    }
}
