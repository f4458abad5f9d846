import Kernel
import WebAuthn

/// A new credential, as browsers write it in JSON (RegistrationResponseJSON: WebAuthn level 3, section 5.1).
struct NewPasskeyCredential: Sendable {
    let id: [UInt8]
    let response: AttestationResponse
    let transports: [String]

    private static let responseInput = JSONInput(
        "PasskeyAttestation",
        .required("clientDataJSON", CredentialFields.base64URL(8192)),
        .required("attestationObject", CredentialFields.base64URL(65_536)),
        .optional("transports", .array(of: CredentialFields.transport, count: 0...10), default: []),
        make: { (clientData, object, transports) throws(APIError) in
            let response = try CredentialFields.parse { () throws(WebAuthnError) in
                try AttestationResponse(clientDataJSON: clientData, attestationObject: object)
            }
            return (response: response, transports: transports)
        })

    static let input = JSONInput(
        "PasskeyRegistrationResponse",
        .required("id", CredentialFields.credentialID),
        .required("rawId", CredentialFields.credentialID),
        .required("type", .oneOf(CredentialFields.Kind.self)),
        .required("response", .object(responseInput)),
        make: { (id, rawID, _, answer) throws(APIError) in
            guard id == rawID else { throw .invalidInput("rawId", "must be the same as id") }
            return NewPasskeyCredential(id: id, response: answer.response, transports: answer.transports)
        })
}

/// The proof of a credential (AuthenticationResponseJSON: WebAuthn level 3, section 5.1).
package struct PasskeyProof: Sendable {
    let id: [UInt8]
    let response: AssertionResponse
    /// Whom the authenticator has the credential for.
    let userHandle: [UInt8]

    private static let responseInput = JSONInput(
        "PasskeyAssertion",
        .required("clientDataJSON", CredentialFields.base64URL(8192)),
        .required("authenticatorData", CredentialFields.base64URL(16_384)),
        .required("signature", CredentialFields.base64URL(1024)),
        // Discoverable credentials always have one (WebAuthn level 2, section 7.2, step 6).
        .required("userHandle", CredentialFields.base64URL(88)),
        make: { (clientData, data, signature, userHandle) throws(APIError) in
            let response = try CredentialFields.parse { () throws(WebAuthnError) in
                try AssertionResponse(clientDataJSON: clientData, authenticatorData: data, signature: signature)
            }
            return (response: response, userHandle: userHandle)
        })

    static let input = JSONInput(
        "PasskeyAuthenticationResponse",
        .required("id", CredentialFields.credentialID),
        .required("rawId", CredentialFields.credentialID),
        .required("type", .oneOf(CredentialFields.Kind.self)),
        .required("response", .object(responseInput)),
        make: { (id, rawID, _, answer) throws(APIError) in
            guard id == rawID else { throw .invalidInput("rawId", "must be the same as id") }
            return PasskeyProof(id: id, response: answer.response, userHandle: answer.userHandle)
        })
}

/// What the fields of both have in common.
private enum CredentialFields {
    enum Kind: String, CaseIterable, Sendable {
        case publicKey = "public-key"
    }

    /// 1023 bytes at most (WebAuthn level 3, section 7.1).
    static let credentialID = base64URL(1364)

    static func base64URL(_ maximumLength: Int) -> JSONReader<[UInt8]> {
        JSONReader.string(1...maximumLength)
            .checked("must be base64url without padding") { Base64URL.decode($0) }
    }

    /// Browsers may come to know ways that this program does not.
    static let transport = JSONReader.string(1...32)
        .checked("may have letters a-z, digits and '-'") { (name: String) -> String? in
            name.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"):
                    true
                default: false
                }
            } ? name : nil
        }

    static func parse<Response>(_ body: () throws(WebAuthnError) -> Response) throws(APIError) -> Response {
        do {
            return try body()
        } catch {
            throw .invalidInput("response", "can't be read: \(error)")
        }
    }
}
