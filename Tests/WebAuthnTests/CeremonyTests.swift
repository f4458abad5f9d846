import Crypto
import Foundation
import Kernel
import Testing

@testable import WebAuthn

/// One thing that is wrong, and what it is refused with.
struct Fault: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let error: WebAuthnError
    let change: @Sendable (inout SoftwareAuthenticator) -> Void

    init(
        _ description: String, _ error: WebAuthnError,
        _ change: @escaping @Sendable (inout SoftwareAuthenticator) -> Void
    ) {
        testDescription = description
        self.error = error
        self.change = change
    }

    /// Those that both ceremonies refuse.
    static let common: [Fault] = [
        Fault("another challenge", .wrongChallenge) { $0.clientData["challenge"] = .string("AAAA") },
        Fault("a challenge with padding", .wrongChallenge) {
            $0.clientData["challenge"] = .string(SoftwareAuthenticator.challenge + "=")
        },
        Fault("another origin", .wrongOrigin) { $0.clientData["origin"] = .string("https://evil.example.org") },
        Fault("an origin without TLS", .wrongOrigin) { $0.clientData["origin"] = .string("http://chat.example.org") },
        Fault("an origin's subdomain", .wrongOrigin) {
            $0.clientData["origin"] = .string("https://a.chat.example.org")
        },
        Fault("an origin's other port", .wrongOrigin) {
            $0.clientData["origin"] = .string("https://chat.example.org:444")
        },
        Fault("an origin with a path", .wrongOrigin) { $0.clientData["origin"] = .string("https://chat.example.org/") },
        Fault("another site's frame", .crossOrigin) { $0.clientData["crossOrigin"] = .bool(true) },
        Fault("Token Binding", .unexpectedTokenBinding) {
            $0.clientData["tokenBinding"] = .object(["status": .string("present"), "id": .string("AAAA")])
        },
        Fault("another site", .wrongRelyingParty) { $0.relyingPartyID = "evil.example.org" },
        Fault("a parent domain", .wrongRelyingParty) { $0.relyingPartyID = "example.org" },
        Fault("nobody there", .userNotPresent) { $0.flags = 0b0000_0100 },
        Fault("a user who was not verified", .userNotVerified) { $0.flags = 0b0000_0001 },
        Fault("a copy of what can't be copied", .backedUpWithoutEligibility) { $0.flags = 0b0001_0101 },
        Fault("no type", .malformedClientData) { $0.clientData["type"] = nil },
        Fault("no challenge", .malformedClientData) { $0.clientData["challenge"] = nil },
        Fault("no origin", .malformedClientData) { $0.clientData["origin"] = nil },
        Fault("an origin that is a number", .malformedClientData) { $0.clientData["origin"] = .integer(1) },
        Fault("a flag that is a text", .malformedClientData) { $0.clientData["crossOrigin"] = .string("false") },
        Fault("a binding without its status", .malformedClientData) { $0.clientData["tokenBinding"] = .object([:]) },
        Fault("a byte too many", .malformedAuthenticatorData) { $0.extensions = [0] },
        Fault("extensions that are missing", .truncatedCBOR) { $0.flags |= 0b1000_0000 },
        Fault("extensions that are no map", .malformedAuthenticatorData) {
            $0.flags |= 0b1000_0000
            $0.extensions = [0x80]
        },
        Fault("a byte after the extensions", .malformedAuthenticatorData) {
            $0.flags |= 0b1000_0000
            $0.extensions = [0xA0, 0]
        },
    ]

    static let registration =
        common + [
            Fault("a login's type", .wrongCeremony) { $0.clientData["type"] = .string("webauthn.get") },
            Fault("a credential id of 1024 bytes", .credentialIDTooLong) {
                $0.credentialID = Array(repeating: 7, count: 1024)
            },
            Fault("a credential id of no bytes", .malformedAuthenticatorData) { $0.credentialID = [] },
        ]

    static let authentication =
        common + [
            Fault("a registration's type", .wrongCeremony) { $0.clientData["type"] = .string("webauthn.create") },
            Fault("a credential where none belongs", .unexpectedCredential) {
                $0.flags |= 0b0100_0000
                $0.extensions = $0.attestedCredential
            },
        ]
}

@Suite("Registration of a passkey")
struct RegistrationTests {
    static let authenticator = SoftwareAuthenticator("webauthn.create")

    @Test("a credential with ES256 is registered")
    func es256() throws {
        var authenticator = Self.authenticator
        authenticator.signCount = 7
        let credential = try authenticator.registers()
        #expect(credential.id == authenticator.credentialID)
        #expect(credential.publicKey == authenticator.key.cose)
        #expect(credential.algorithm == .es256)
        #expect(credential.signCount == 7)
        #expect(credential.aaguid == Array(repeating: 0xA5, count: 16))
        #expect(!credential.isBackupEligible && !credential.isBackedUp)
    }

    @Test("a credential with EdDSA is registered")
    func eddsa() throws {
        var authenticator = Self.authenticator
        authenticator.key = .eddsa(Curve25519.Signing.PrivateKey())
        let credential = try authenticator.registers()
        #expect(credential.publicKey == authenticator.key.cose)
        #expect(credential.algorithm == .eddsa)
    }

    @Test("the flags of a synchronised credential are told")
    func backup() throws {
        var authenticator = Self.authenticator
        authenticator.flags = 0b0000_1101
        #expect(try authenticator.registers().isBackupEligible)
        #expect(try !authenticator.registers().isBackedUp)
        authenticator.flags = 0b0001_1101
        #expect(try authenticator.registers().isBackedUp)
    }

    @Test("what else browsers say does no harm")
    func furtherWords() throws {
        var authenticator = Self.authenticator
        authenticator.clientData["crossOrigin"] = nil
        authenticator.clientData["tokenBinding"] = .object(["status": .string("supported")])
        authenticator.clientData["other_keys_can_be_added_here"] = .string(
            "do not compare clientDataJSON against a template")
        authenticator.clientData["origin"] = .string("https://chat.example.org:8443")
        authenticator.flags |= 0b1000_0000
        authenticator.extensions = CBORWriter.map([(CBORWriter.text("credProtect"), CBORWriter.integer(2))])
        authenticator.credentialID = Array(repeating: 7, count: 1023)
        #expect(try authenticator.registers().id == authenticator.credentialID)
    }

    @Test("any form of attestation will do, and none is believed")
    func attestation() throws {
        let statement = CBORWriter.map([
            (CBORWriter.text("alg"), CBORWriter.integer(-7)), (CBORWriter.text("sig"), CBORWriter.bytes([1, 2, 3])),
        ])
        let object = Self.authenticator.attestationObject(format: CBORWriter.text("packed"), statement: statement)
        #expect(try Self.authenticator.registers(with: object).id == Self.authenticator.credentialID)
    }

    @Test("what breaks a rule is refused", arguments: Fault.registration)
    func refuse(fault: Fault) {
        var authenticator = Self.authenticator
        fault.change(&authenticator)
        #expect(throws: fault.error) { try authenticator.registers() }
    }

    @Test("an attestation object that was cut anywhere is refused")
    func truncatedObject() {
        let object = Self.authenticator.attestationObject()
        for length in 0..<object.count {
            #expect(throws: WebAuthnError.truncatedCBOR) {
                try Self.authenticator.registers(with: Array(object.prefix(length)))
            }
        }
    }

    @Test("authenticator data that were cut anywhere are refused")
    func truncatedData() {
        let data = Self.authenticator.registrationData
        for length in 0..<data.count {
            let object = Self.authenticator.attestationObject(Array(data.prefix(length)))
            let isInKey = length >= data.count - Self.authenticator.key.cose.count
            #expect(throws: isInKey ? WebAuthnError.truncatedCBOR : .malformedAuthenticatorData, "\(length) bytes") {
                try Self.authenticator.registers(with: object)
            }
        }
    }

    @Test("no bit of an attestation object can be changed without a refusal or another result")
    func flippedBits() throws {
        let object = Self.authenticator.attestationObject()
        let original = try Self.authenticator.registers()
        for bit in 0..<object.count * 8 {
            var changed = object
            changed[bit / 8] ^= 1 << (bit % 8)
            guard let credential = try? Self.authenticator.registers(with: changed) else { continue }
            let isSame =
                credential.id == original.id && credential.publicKey == original.publicKey
                && credential.aaguid == original.aaguid && credential.signCount == original.signCount
                && credential.isBackupEligible == original.isBackupEligible
            // Bits 1 and 5 of the flags are reserved and say nothing; the format is one that has no meaning either.
            let isMeaningless = isReservedFlag(bit, in: object) || isInFormat(bit, in: object)
            #expect(!isSame || isMeaningless, "bit \(bit)")
        }
    }

    private func isReservedFlag(_ bit: Int, in object: [UInt8]) -> Bool {
        let flags = object.count - Self.authenticator.registrationData.count + 32
        return bit / 8 == flags && [1, 5].contains(bit % 8)
    }

    private func isInFormat(_ bit: Int, in object: [UInt8]) -> Bool { (6..<10).contains(bit / 8) }

    static let malformedObjects: [(what: String, object: [UInt8])] = [
        ("no map", [0x80]), ("an empty map", [0xA0]),
        ("a format that is a number", authenticator.attestationObject(format: [1])),
        ("a statement that is an array", authenticator.attestationObject(statement: [0x80])),
        (
            "a statement of none that says something",
            authenticator.attestationObject(statement: CBORWriter.map([(CBORWriter.text("a"), [1])]))
        ),
        (
            "data that are a text",
            CBORWriter.map([
                (CBORWriter.text("fmt"), CBORWriter.text("none")), (CBORWriter.text("attStmt"), [0xA0]),
                (CBORWriter.text("authData"), CBORWriter.text("data")),
            ])
        ),
    ]

    @Test("an attestation object of another form is refused", arguments: malformedObjects)
    func malformed(what: String, object: [UInt8]) {
        #expect(throws: WebAuthnError.malformedAttestationObject) {
            try Self.authenticator.registers(with: object)
        }
    }

    @Test("a response without a credential is refused")
    func noCredential() {
        let data = Self.authenticator.authenticatorData(flags: Self.authenticator.flags)
        #expect(throws: WebAuthnError.missingCredential) {
            try Self.authenticator.registers(with: Self.authenticator.attestationObject(data))
        }
    }

    static let clientData = ["", "null", "[]", "{", "{}", #"{"type":"a","type":"b"}"#, "\u{FEFF}{}"]

    @Test("client data that are no object of JSON are refused", arguments: clientData)
    func malformedClientData(text: String) {
        #expect(throws: WebAuthnError.malformedClientData) {
            try AttestationResponse(
                clientDataJSON: Array(text.utf8), attestationObject: Self.authenticator.attestationObject())
        }
    }
}

@Suite("Login with a passkey")
struct AuthenticationTests {
    static let authenticator = SoftwareAuthenticator("webauthn.get")

    @Test("a signature with ES256 lets in")
    func es256() throws {
        #expect(try Self.authenticator.logsIn().signCount == 0)
    }

    @Test("a signature with EdDSA lets in")
    func eddsa() throws {
        var authenticator = Self.authenticator
        authenticator.key = .eddsa(Curve25519.Signing.PrivateKey())
        authenticator.flags = 0b0001_1101
        #expect(try authenticator.logsIn().isBackedUp)
    }

    @Test("what breaks a rule is refused", arguments: Fault.authentication)
    func refuse(fault: Fault) {
        var authenticator = Self.authenticator
        fault.change(&authenticator)
        #expect(throws: fault.error) { try authenticator.logsIn() }
    }

    @Test("no changed bit of a signature lets in")
    func tamperedSignature() throws {
        for key in [SoftwareAuthenticator.Key.es256(.init()), .eddsa(.init())] {
            var authenticator = Self.authenticator
            authenticator.key = key
            for bit in 0..<64 * 8 {
                #expect(throws: WebAuthnError.wrongSignature, "bit \(bit)") {
                    try authenticator.logsIn { $0[bit / 8] ^= 1 << (bit % 8) }
                }
            }
        }
    }

    @Test("a signature of another form is refused")
    func malformedSignature() {
        let zeros: [UInt8] = [0x30, 0x06, 0x02, 0x01, 0x00, 0x02, 0x01, 0x00]
        for signature in [[], [0], Array(repeating: UInt8(0), count: 64), zeros] {
            #expect(throws: WebAuthnError.wrongSignature) {
                try Self.authenticator.logsIn { $0 = signature }
            }
        }
    }

    @Test("the signature of another key is refused")
    func otherKey() {
        let other = SoftwareAuthenticator.Key.es256(P256.Signing.PrivateKey())
        #expect(throws: WebAuthnError.wrongSignature) { try Self.authenticator.logsIn(storedKey: other.cose) }
        let eddsa = SoftwareAuthenticator.Key.eddsa(Curve25519.Signing.PrivateKey())
        #expect(throws: WebAuthnError.wrongSignature) { try Self.authenticator.logsIn(storedKey: eddsa.cose) }
    }

    static let counts: [(stored: UInt32, new: UInt32, isAccepted: Bool)] = [
        (0, 0, true), (0, 1, true), (1, 2, true), (1, .max, true), (1, 1, false), (2, 1, false), (1, 0, false),
        (.max, 0, false), (.max, .max, false),
    ]

    @Test("the sign count must grow where there is one", arguments: counts)
    func signCount(stored: UInt32, new: UInt32, isAccepted: Bool) throws {
        var authenticator = Self.authenticator
        authenticator.signCount = new
        if isAccepted {
            #expect(try authenticator.logsIn(storedCount: stored).signCount == new)
        } else {
            #expect(throws: WebAuthnError.signCountNotIncreased) { try authenticator.logsIn(storedCount: stored) }
        }
    }

    @Test("authenticator data that were cut anywhere are refused")
    func truncatedData() {
        let data = Self.authenticator.authenticatorData(flags: Self.authenticator.flags)
        for length in 0..<data.count {
            #expect(throws: WebAuthnError.malformedAuthenticatorData) {
                try AssertionResponse(
                    clientDataJSON: Self.authenticator.clientDataJSON, authenticatorData: Array(data.prefix(length)),
                    signature: [])
            }
        }
    }
}
