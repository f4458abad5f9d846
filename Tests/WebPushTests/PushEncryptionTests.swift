import Crypto
import Foundation
import Kernel
import TestPrograms
import Testing

@testable import WebPush

@Suite("Encryption of pushes")
struct PushEncryptionTests {
    private static func bytes(_ text: String) throws -> [UInt8] { try #require(Base64URL.decode(text)) }

    /// RFC 8291, section 5 and appendix A.
    @Test("the RFC's own message comes out as it stands there")
    func example() throws {
        let keys = try SubscriptionKeys(
            publicKey: Self.bytes(
                "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"),
            secret: Self.bytes("BTBZMqHH6r4Tts7J_aSIgg"))
        let own = try P256.KeyAgreement.PrivateKey(
            rawRepresentation: Self.bytes("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"))
        let message = try PushEncryption.encrypt(
            Array("When I grow up, I want to be a watermelon".utf8), for: keys, with: own,
            salt: Self.bytes("DGv6ra1nlYgDCS1FRnbzlw"))
        #expect(
            Base64URL.encode(message)
                == """
                DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95b\
                Qpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN
                """)
    }

    @Test("what is no point of the curve and what is no secret are refused")
    func refused() throws {
        let point = Array(P256.KeyAgreement.PrivateKey().publicKey.x963Representation)
        let secret = [UInt8](repeating: 1, count: 16)
        _ = try SubscriptionKeys(publicKey: point, secret: secret)
        var offCurve = point
        offCurve[64] ^= 1
        let compressed = Array(P256.KeyAgreement.PrivateKey().publicKey.compressedRepresentation)
        for key in [offCurve, compressed, Array(point.dropLast()), [], [UInt8](repeating: 0, count: 65)] {
            #expect(throws: PushError.malformedKey) { try SubscriptionKeys(publicKey: key, secret: secret) }
        }
        #expect(throws: PushError.malformedSecret) {
            try SubscriptionKeys(publicKey: point, secret: Array(secret.dropLast()))
        }
    }

    @Test("a message fills its record and no more, and no two are alike")
    func length() throws {
        let keys = try SubscriptionKeys(
            publicKey: Array(P256.KeyAgreement.PrivateKey().publicKey.x963Representation),
            secret: [UInt8](repeating: 1, count: 16))
        let longest = [UInt8](repeating: 7, count: PushEncryption.maximum_bytes)
        let message = try PushEncryption.encrypt(longest, for: keys)
        #expect(message.count == 86 + longest.count + 17 && message.count <= 4096)
        #expect(try PushEncryption.encrypt(longest, for: keys) != message)
        #expect(throws: PushError.tooLong) { try PushEncryption.encrypt(longest + [7], for: keys) }
    }
}

@Suite("VAPID")
struct VAPIDKeyTests {
    private static func parts(_ header: String) throws -> (token: [String], key: [UInt8]) {
        let match = try #require(header.wholeMatch(of: /vapid t=([\w-]+)\.([\w-]+)\.([\w-]+), k=([\w-]+)/))
        let key = try #require(Base64URL.decode(String(match.4)))
        return ([match.1, match.2, match.3].map(String.init), key)
    }

    private static func isSigned(_ token: [String], by key: [UInt8]) throws -> Bool {
        let signature = try P256.Signing.ECDSASignature(rawRepresentation: #require(Base64URL.decode(token[2])))
        return try P256.Signing.PublicKey(x963Representation: key)
            .isValidSignature(signature, for: Array("\(token[0]).\(token[1])".utf8))
    }

    /// RFC 8292, section 2.4: what reads our own tokens reads the RFC's.
    @Test("the RFC's own token is read as ours are")
    func example() throws {
        let (token, key) = try Self.parts(
            """
            vapid t=eyJ0eXAiOiJKV1QiLCJhbGciOiJFUzI1NiJ9.eyJhdWQiOiJodHRwczovL3B1c2guZXhhbXBsZS5uZXQiLCJleHAiOjE0NTM1MjM3NjgsInN1Yi\
            I6Im1haWx0bzpwdXNoQGV4YW1wbGUuY29tIn0.i3CYb7t4xfxCDquptFOepC9GAu_HLGkMlMuCGSK2rpiUfnK9ojFwDXb1JrErtmysazNjjvW2L9OkSSHzvo\
            D1oA, k=BA1Hxzyi1RUM1b5wjxsn7nGxAszw2u61m164i3MrAIxHF6YK5h4SDYic-dRuU_RCPCfA5aq9ojSwk5Y2EmClBPs
            """)
        #expect(try Self.isSigned(token, by: key))
    }

    @Test("a token names the push service, its end and whom to ask, and is signed by the key that browsers know")
    func token() throws {
        let bytes = VAPIDKey.makeBytes()
        let key = try VAPIDKey(bytes)
        #expect(try VAPIDKey(bytes).publicKey == key.publicKey)
        let header = try key.authorization(
            to: "https://push.example.net", contact: "mailto:a@example.org", at: Timestamp(seconds: 1000))
        let (token, point) = try Self.parts(header)
        #expect(Base64URL.encode(point) == key.publicKey)
        #expect(try Self.isSigned(token, by: point))
        let claims = try JSONParser.parse(#require(Base64URL.decode(token[1])))
        let wanted: JSON = .object([
            "aud": .string("https://push.example.net"), "exp": .integer(44_200),
            "sub": .string("mailto:a@example.org"),
        ])
        #expect(claims == wanted)
        let silent = try Self.parts(try key.authorization(to: "https://a", contact: nil, at: Timestamp(seconds: 0)))
        let without = try JSONParser.parse(#require(Base64URL.decode(silent.token[1])))
        #expect(without["sub"] == nil)
    }
}
