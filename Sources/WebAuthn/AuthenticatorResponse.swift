import Crypto

/// What a browser gives back at a registration (WebAuthn level 2, section 5.2.1).
public struct AttestationResponse: Sendable {
    public let clientData: CollectedClientData
    let authenticatorData: AuthenticatorData

    /// Reads the attestation object (section 6.5), of which only the authenticator data count.
    ///
    /// The statement has to be there, but is not verified: it would prove of what make an authenticator is, by a
    /// manufacturer's certificate. Every make is welcome here, and the browser is asked to withhold the proof, which is
    /// of use only to those who want to tell devices apart. So a credential is taken as one without attestation,
    /// whatever the statement says (section 7.1, step 21).
    /// - Throws: the errors of CBOR and of the structures.
    public init(clientDataJSON: [UInt8], attestationObject: [UInt8]) throws(WebAuthnError) {
        clientData = try CollectedClientData(decoding: clientDataJSON)
        let object = try CBOR(decoding: attestationObject).map
        guard let format = object?[.text("fmt")]?.text, let statement = object?[.text("attStmt")]?.map,
            let data = object?[.text("authData")]?.bytes, format != "none" || statement.isEmpty
        else { throw .malformedAttestationObject }
        authenticatorData = try AuthenticatorData(decoding: data)
    }
}

/// What a browser gives back at a login (WebAuthn level 2, section 5.2.2).
public struct AssertionResponse: Sendable {
    public let clientData: CollectedClientData
    let authenticatorData: AuthenticatorData
    let signature: [UInt8]
    /// The bytes that the signature is over (section 7.2, step 20).
    let signedBytes: [UInt8]

    /// - Throws: the errors of CBOR and of the structures.
    public init(
        clientDataJSON: [UInt8], authenticatorData: [UInt8], signature: [UInt8]
    ) throws(WebAuthnError) {
        self.clientData = try CollectedClientData(decoding: clientDataJSON)
        self.authenticatorData = try AuthenticatorData(decoding: authenticatorData)
        self.signature = signature
        self.signedBytes = authenticatorData + SHA256.hash(data: clientDataJSON)
    }
}
