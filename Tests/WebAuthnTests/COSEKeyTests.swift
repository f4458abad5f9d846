import Crypto
import Foundation
import Testing

@testable import WebAuthn

@Suite("COSE keys")
struct COSEKeyTests {
    static let point = Array(P256.Signing.PrivateKey().publicKey.rawRepresentation)
    static let x = CBORWriter.bytes(Array(point[..<32]))
    static let y = CBORWriter.bytes(Array(point[32...]))
    static let one = CBORWriter.bytes(Array(repeating: 0, count: 31) + [1])
    static let prime = CBORWriter.bytes(
        [0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 1] + Array(repeating: 0, count: 12) + Array(repeating: 0xFF, count: 12))

    /// A key of numbers and of ready-made values.
    static func key(_ type: Int, _ algorithm: Int, _ curve: Int, _ rest: [(Int, [UInt8])]) -> [UInt8] {
        CBORWriter.key(
            [(1, CBORWriter.integer(type)), (3, CBORWriter.integer(algorithm)), (-1, CBORWriter.integer(curve))] + rest)
    }

    @Test("keys of both kinds are read")
    func read() throws {
        #expect(try COSEKey(decoding: Self.key(2, -7, 1, [(-2, Self.x), (-3, Self.y)])).algorithm == .es256)
        let ed25519 = CBORWriter.bytes(Array(Curve25519.Signing.PrivateKey().publicKey.rawRepresentation))
        #expect(try COSEKey(decoding: Self.key(1, -8, 6, [(-2, ed25519)])).algorithm == .eddsa)
    }

    static let refused: [(what: String, bytes: [UInt8], error: WebAuthnError)] = [
        ("a point off the curve", key(2, -7, 1, [(-2, x), (-3, one)]), .malformedPublicKey),
        ("a coordinate as large as the field", key(2, -7, 1, [(-2, prime), (-3, y)]), .malformedPublicKey),
        ("the point 0, 0", key(2, -7, 1, [(-2, zero), (-3, zero)]), .malformedPublicKey),
        ("a compressed point", key(2, -7, 1, [(-2, x), (-3, [0xF5])]), .malformedPublicKey),
        ("no y", key(2, -7, 1, [(-2, x)]), .malformedPublicKey),
        ("a short x", key(2, -7, 1, [(-2, CBORWriter.bytes([1])), (-3, y)]), .malformedPublicKey),
        (
            "a long x", key(2, -7, 1, [(-2, CBORWriter.bytes(Array(repeating: 1, count: 33))), (-3, y)]),
            .malformedPublicKey
        ),
        ("another curve", key(2, -7, 2, [(-2, x), (-3, y)]), .malformedPublicKey),
        ("another type", key(3, -7, 1, [(-2, x), (-3, y)]), .malformedPublicKey),
        ("a further parameter", key(2, -7, 1, [(-2, x), (-3, y), (-4, one)]), .malformedPublicKey),
        ("Ed25519 on P-256", key(1, -8, 1, [(-2, x)]), .malformedPublicKey),
        ("Ed25519 with y", key(1, -8, 6, [(-2, x), (-3, y)]), .malformedPublicKey),
        ("Ed25519 with the wrong length", key(1, -8, 6, [(-2, CBORWriter.bytes([1]))]), .malformedPublicKey),
        ("RS256", key(3, -257, 1, [(-2, x), (-3, y)]), .unsupportedAlgorithm),
        ("ES384", key(2, -35, 2, [(-2, x), (-3, y)]), .unsupportedAlgorithm),
        ("no algorithm", CBORWriter.key([(1, CBORWriter.integer(2))]), .malformedPublicKey),
        ("an algorithm that is a text", CBORWriter.key([(3, CBORWriter.text("ES256"))]), .malformedPublicKey),
        ("no map", [0x80], .malformedPublicKey),
    ]

    private static let zero = CBORWriter.bytes(Array(repeating: 0, count: 32))

    @Test("a key that is not as the standard has it is refused", arguments: refused)
    func refuse(what: String, bytes: [UInt8], error: WebAuthnError) {
        #expect(throws: error) { try COSEKey(decoding: bytes) }
    }
}
