import Client
import Crypto
import Foundation
import Kernel
import TestPrograms
import Testing

/// What the web client seals, held against a participant of another make: of swift-crypto, by what docs/voice.md says.
@Suite("A participant of another make in an encrypted call")
struct VoiceParticipantTests {
    /// Somebody in a room, with the device `desk`.
    private struct Participant {
        static let suite = HPKE.Ciphersuite(kem: .Curve25519_HKDF_SHA256, kdf: .HKDF_SHA256, aead: .AES_GCM_128)

        let user: String
        let key = Curve25519.KeyAgreement.PrivateKey()

        var publicKey: String { key.publicKey.rawRepresentation.base64EncodedString() }
        var entry: JSON {
            ["user_id": .string(user), "device_id": "desk", "public_key": .string(publicKey)]
        }
        var text: String { "[\"\(user)\",\"desk\",\"\(publicKey)\"]" }
    }

    /// What a sealed secret is bound to.
    private static func info(_ sender: Participant, of roster: [Participant], epoch: Int) -> Data {
        let list = roster.map(\.text).sorted().joined(separator: ",")
        let hash = SHA256.hash(data: Data("Aviary roster 1 [\(list)]".utf8))
            .map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        return Data("Aviary voice key 1 [\"9\",\(epoch),\"\(hash)\",\"\(sender.user)\",\"desk\"]".utf8)
    }

    private static func seal(_ secret: Data, by sender: Participant, for other: Participant, _ info: Data) throws
        -> Data
    {
        var hpke = try HPKE.Sender(
            recipientKey: other.key.publicKey, ciphersuite: Participant.suite, info: info, authenticatedBy: sender.key)
        return try hpke.encapsulatedKey + hpke.seal(secret)
    }

    private static func open(_ sealed: Data, by sender: Participant, for other: Participant, _ info: Data) throws
        -> Data
    {
        var hpke = try HPKE.Recipient(
            privateKey: other.key, ciphersuite: Participant.suite, info: info, encapsulatedKey: sealed.prefix(32),
            authenticatedBy: sender.key.publicKey)
        return try hpke.open(sealed.dropFirst(32))
    }

    /// The cipher of a frame: its key, its nonce, and what is bound to it.
    private static func cipher(
        _ secret: Data, stream: UInt8, counter: UInt8, epoch: UInt8, head: Data
    ) throws -> (key: SymmetricKey, nonce: AES.GCM.Nonce, end: Data, bound: Data) {
        func derived(_ use: String, _ count: Int) -> SymmetricKey {
            HKDF<SHA256>.expand(
                pseudoRandomKey: SymmetricKey(data: secret), info: Data("Aviary \(use) 1 mic \(stream)".utf8),
                outputByteCount: count)
        }
        var nonce = derived("salt", 12).withUnsafeBytes { Data($0) }
        nonce[11] ^= counter
        // Epoch, counter, stream; the first kind with one clear byte; the version.
        let end = Data([0, 0, 0, epoch, 0, 0, 0, counter, 0, stream, 0x01, 0xa1])
        return (derived("key", 16), try AES.GCM.Nonce(data: nonce), end, head + end)
    }

    @Test("takes the web client's keys and frames, and is understood by it")
    func interoperation() async throws {
        let (own, web) = (Participant(user: "11"), Participant(user: "2"))
        let roster = [own, web]
        let secret = SymmetricKey(size: .bits256).withUnsafeBytes { Data($0) }
        let key = try Self.seal(secret, by: own, for: web, Self.info(own, of: roster, epoch: 3))
        let (head, rest) = (Data([0x78]), Data("what I say".utf8))
        let sending = try Self.cipher(secret, stream: 4, counter: 6, epoch: 3, head: head)
        let sealed = try AES.GCM.seal(rest, using: sending.key, nonce: sending.nonce, authenticating: sending.bound)
        let says = Data([0x78]) + Data("what you say".utf8)
        let url = { (data: Data) in
            data.base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
        }
        let input: JSON = [
            "keys": [
                "d": .string(url(web.key.rawRepresentation)), "x": .string(url(web.key.publicKey.rawRepresentation)),
            ],
            "place": ["channelID": "9", "userID": .string(web.user), "deviceID": "desk"],
            "event": ["epoch": 3, "e2ee": true, "roster": .array(roster.map(\.entry))],
            "key": [
                "epoch": 3, "from_user_id": .string(own.user), "from_device_id": "desk",
                "sealed": .string(key.base64EncodedString()),
            ],
            "frame": .string((head + sealed.ciphertext + sealed.tag + sending.end).base64EncodedString()),
            "says": .string(says.base64EncodedString()),
        ]
        let output = try await ScriptProgram.runJavaScript("voice_keys.mjs", [input.text])
        #expect(output.status == 0, "\(output.errors)")
        let answer = try #require(JSON(text: output.text))
        #expect(answer["heard"] == .string((head + rest).base64EncodedString()))
        #expect(answer["words"]?.count == 8)

        let handed = try #require(answer["keys"]?[0]?["sealed"]?.string.flatMap { Data(base64Encoded: $0) })
        #expect(answer["keys"]?.count == 1 && answer["keys"]?[0]?["user_id"] == .string(own.user))
        let theirs = try Self.open(handed, by: web, for: own, Self.info(web, of: roster, epoch: 3))
        let frame = try #require(answer["frame"]?.string.flatMap { Data(base64Encoded: $0) })
        let hearing = try Self.cipher(theirs, stream: 5, counter: 0, epoch: 3, head: frame.prefix(1))
        #expect(frame.suffix(12) == hearing.end)
        let body = frame.dropFirst().dropLast(12)
        let box = try AES.GCM.SealedBox(
            nonce: hearing.nonce, ciphertext: body.dropLast(16), tag: body.suffix(16))
        let heard = try AES.GCM.open(box, using: hearing.key, authenticating: hearing.bound)
        #expect(frame.prefix(1) + heard == says)
        #expect(throws: (any Error).self, "sealed for somebody else") {
            try Self.open(handed, by: web, for: Participant(user: own.user), Self.info(web, of: roster, epoch: 3))
        }
    }
}
