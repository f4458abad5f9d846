import Crypto
import Foundation
import Kernel

@testable import WebAuthn

/// What is written here is written apart from the reader, so that the two can disagree.
enum CBORWriter {
    static func head(_ major: UInt8, _ number: Int) -> [UInt8] {
        switch number {
        case ..<24: [major << 5 | UInt8(number)]
        case ..<256: [major << 5 | 24, UInt8(number)]
        default: [major << 5 | 25, UInt8(number >> 8), UInt8(number & 0xFF)]
        }
    }

    static func integer(_ value: Int) -> [UInt8] { value < 0 ? head(1, -1 - value) : head(0, value) }
    static func bytes(_ value: [UInt8]) -> [UInt8] { head(2, value.count) + value }
    static func text(_ value: String) -> [UInt8] { head(3, value.utf8.count) + Array(value.utf8) }
    static func map(_ members: [(key: [UInt8], value: [UInt8])]) -> [UInt8] {
        head(5, members.count) + members.flatMap { $0.key + $0.value }
    }

    /// A COSE key with the given parameters.
    static func key(_ parameters: [(Int, [UInt8])]) -> [UInt8] {
        map(parameters.map { (integer($0.0), $0.1) })
    }
}

/// An authenticator with one credential, every word of which a test can change.
struct SoftwareAuthenticator {
    enum Key {
        case es256(P256.Signing.PrivateKey)
        case eddsa(Curve25519.Signing.PrivateKey)

        /// The public key as COSE has it.
        var cose: [UInt8] {
            switch self {
            case .es256(let key):
                let point = Array(key.publicKey.rawRepresentation)
                return CBORWriter.key([
                    (1, CBORWriter.integer(2)), (3, CBORWriter.integer(-7)), (-1, CBORWriter.integer(1)),
                    (-2, CBORWriter.bytes(Array(point[..<32]))), (-3, CBORWriter.bytes(Array(point[32...]))),
                ])
            case .eddsa(let key):
                return CBORWriter.key([
                    (1, CBORWriter.integer(1)), (3, CBORWriter.integer(-8)), (-1, CBORWriter.integer(6)),
                    (-2, CBORWriter.bytes(Array(key.publicKey.rawRepresentation))),
                ])
            }
        }

        func signature(over message: [UInt8]) throws -> [UInt8] {
            switch self {
            case .es256(let key): Array(try key.signature(for: message).derRepresentation)
            case .eddsa(let key): Array(try key.signature(for: message))
            }
        }
    }

    static let party = RelyingParty(
        id: "chat.example.org", name: "Chat", origins: ["https://chat.example.org", "https://chat.example.org:8443"])
    static let challenge = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"

    var key = Key.es256(P256.Signing.PrivateKey())
    var credentialID = Array(UInt8(0)..<16)
    var relyingPartyID = "chat.example.org"
    /// Present and verified.
    var flags: UInt8 = 0b0000_0101
    var signCount: UInt32 = 0
    var extensions: [UInt8] = []
    var clientData: [String: JSON]

    init(_ type: String) {
        clientData = [
            "type": .string(type), "challenge": .string(Self.challenge), "origin": .string("https://chat.example.org"),
            "crossOrigin": .bool(false),
        ]
    }

    var clientDataJSON: [UInt8] { JSON.object(clientData).jsonBytes }

    func authenticatorData(flags: UInt8, credential: [UInt8] = []) -> [UInt8] {
        Array(SHA256.hash(data: Array(relyingPartyID.utf8))) + [flags]
            + withUnsafeBytes(of: signCount.bigEndian) { Array($0) } + credential + extensions
    }

    var attestedCredential: [UInt8] {
        Array(repeating: 0xA5, count: 16) + [UInt8(credentialID.count >> 8), UInt8(credentialID.count & 0xFF)]
            + credentialID + key.cose
    }

    /// The flags with the one of a new credential.
    var registrationData: [UInt8] {
        authenticatorData(flags: flags | 0b0100_0000, credential: attestedCredential)
    }

    func attestationObject(
        _ data: [UInt8]? = nil, format: [UInt8] = CBORWriter.text("none"), statement: [UInt8] = CBORWriter.map([])
    ) -> [UInt8] {
        CBORWriter.map([
            (CBORWriter.text("fmt"), format), (CBORWriter.text("attStmt"), statement),
            (CBORWriter.text("authData"), CBORWriter.bytes(data ?? registrationData)),
        ])
    }

    /// What the server makes of a registration.
    func registers(with object: [UInt8]? = nil) throws(WebAuthnError) -> RelyingParty.RegisteredCredential {
        let response = try AttestationResponse(
            clientDataJSON: clientDataJSON, attestationObject: object ?? attestationObject())
        return try Self.party.verify(response, challenge: Self.challenge)
    }

    /// What the server makes of a login.
    func logsIn(
        storedKey: [UInt8]? = nil, storedCount: UInt32 = 0, tampering: (inout [UInt8]) -> Void = { _ in }
    ) throws -> RelyingParty.VerifiedAssertion {
        let data = authenticatorData(flags: flags)
        var signature = try key.signature(over: data + SHA256.hash(data: clientDataJSON))
        tampering(&signature)
        let response = try AssertionResponse(
            clientDataJSON: clientDataJSON, authenticatorData: data, signature: signature)
        return try Self.party.verify(
            response, challenge: Self.challenge, publicKey: storedKey ?? key.cose, signCount: storedCount)
    }
}
