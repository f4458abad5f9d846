import Client
import Crypto
import Foundation
import Kernel
import NIOHTTP1

@testable import People

/// A passkey without an authenticator around it, enough to be registered (WebAuthn, section 6.5.1).
struct SoftPasskey {
    let id: [UInt8] = (0..<32).map { _ in .random(in: .min ... .max) }
    let key = P256.Signing.PrivateKey()

    /// The answer of `navigator.credentials.create()` on a page of `http://localhost`.
    func registration(for challenge: String) -> JSON {
        let client = JSON.object([
            "type": "webauthn.create", "challenge": .string(challenge), "origin": "http://localhost",
        ])
        let credentialID = JSON.string(Base64URL.encode(id))
        return [
            "id": credentialID, "rawId": credentialID, "type": "public-key",
            "response": [
                "clientDataJSON": .string(Base64URL.encode(client.jsonBytes)),
                "attestationObject": .string(Base64URL.encode(attestation)),
            ],
        ]
    }

    /// The answer of `navigator.credentials.get()` on that page: the user was verified.
    func assertion(for challenge: String, by user: String) throws -> JSON {
        let client = JSON.object([
            "type": "webauthn.get", "challenge": .string(challenge), "origin": "http://localhost",
        ]).jsonBytes
        let data = Array(SHA256.hash(data: Data("localhost".utf8))) + [0x05, 0, 0, 0, 0]
        let signature = try key.signature(for: Data(data + Array(SHA256.hash(data: Data(client)))))
        let handle = PasskeyCreationOptions.handle(of: UserID(rawValue: Int64(user) ?? 0))
        let credentialID = JSON.string(Base64URL.encode(id))
        return [
            "id": credentialID, "rawId": credentialID, "type": "public-key",
            "response": [
                "clientDataJSON": .string(Base64URL.encode(client)),
                "authenticatorData": .string(Base64URL.encode(data)),
                "signature": .string(Base64URL.encode(Array(signature.derRepresentation))),
                "userHandle": .string(Base64URL.encode(handle)),
            ],
        ]
    }

    /// `{"fmt": "none", "attStmt": {}, "authData": …}` in CBOR.
    private var attestation: [UInt8] {
        let data = authenticatorData
        return [0xA3, 0x63] + Array("fmt".utf8) + [0x64] + Array("none".utf8) + [0x67] + Array("attStmt".utf8) + [
            0xA0, 0x68,
        ]
            + Array("authData".utf8) + [0x58, UInt8(data.count)] + data
    }

    /// With user presence, user verification and the new key.
    private var authenticatorData: [UInt8] {
        Array(SHA256.hash(data: Data("localhost".utf8))) + [0x45, 0, 0, 0, 0] + [UInt8](repeating: 0, count: 16)
            + [0, UInt8(id.count)] + id + publicKey
    }

    /// ES256 (RFC 9053, section 2.1), as a COSE key.
    private var publicKey: [UInt8] {
        let point = Array(key.publicKey.rawRepresentation)
        return [0xA5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20] + point[..<32] + [0x22, 0x58, 0x20]
            + point[32...]
    }
}

extension Person {
    /// Registers a passkey and returns the answer.
    func registers(_ passkey: SoftPasskey) async throws -> HTTPReply {
        let options = try await does(
            .POST, "/auth/passkeys/options/register", ["password": .string(Self.password)])
        return try await send(
            .POST, "/auth/passkeys/register",
            ["credential": passkey.registration(for: try options.text("challenge"))])
    }
}
