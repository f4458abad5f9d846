import Crypto
import Foundation

/// A site that lets people in with passkeys: the server's side of both ceremonies.
///
/// Two pure functions, which follow sections 7.1 and 7.2 of WebAuthn level 2. Challenges that work once, credentials
/// and their owners are for the caller to keep.
public struct RelyingParty: Sendable {
    /// What stands in the options for `navigator.credentials.create`, in the order of preference.
    public static let algorithms: [COSEAlgorithm] = [.eddsa, .es256]

    /// A domain that credentials are made for: `chat.example.org`.
    public let id: String
    public let name: String
    /// Where ceremonies may take place: `https://chat.example.org`.
    public let origins: Set<String>

    public init(id: String, name: String, origins: Set<String>) {
        self.id = id
        self.name = name
        self.origins = origins
    }

    /// A credential as it is to be stored.
    public struct RegisteredCredential: Sendable {
        public let id: [UInt8]
        /// A COSE key, for `COSEKey(decoding:)`.
        public let publicKey: [UInt8]
        public let algorithm: COSEAlgorithm
        public let signCount: UInt32
        /// The authenticator's model, unproven; all zero when it does not tell.
        public let aaguid: [UInt8]
        public let isBackupEligible: Bool
        public let isBackedUp: Bool
    }

    /// What a login changes of the stored credential.
    public struct VerifiedAssertion: Sendable {
        public let signCount: UInt32
        public let isBackedUp: Bool
    }

    /// Registering a credential (section 7.1).
    ///
    /// That nobody has the credential yet (step 22) is for the caller to see to.
    /// - Parameter challenge: as it was issued, in base64url without padding.
    /// - Throws: the errors of the ceremony, `.missingCredential`, `.backedUpWithoutEligibility`.
    public func verify(
        _ response: AttestationResponse, challenge: String
    ) throws(WebAuthnError) -> RegisteredCredential {
        let data = response.authenticatorData
        try check(response.clientData, .registration, challenge: challenge)
        try check(data)
        // Step 16, that the algorithm is one of those offered, has been seen to when the key was read.
        guard let credential = data.credential else { throw .missingCredential }
        return RegisteredCredential(
            id: credential.id, publicKey: credential.publicKey, algorithm: credential.key.algorithm,
            signCount: data.signCount, aaguid: credential.aaguid,
            isBackupEligible: data.flags.contains(.backupEligible), isBackedUp: data.flags.contains(.backedUp))
    }

    /// Logging in with a credential (section 7.2).
    ///
    /// Which credential it is and whose (steps 5 to 7) is for the caller to find out.
    /// - Parameters:
    ///   - challenge: as it was issued, in base64url without padding.
    ///   - publicKey: as it was stored at the registration.
    ///   - signCount: as it was stored at the last login.
    /// - Throws: the errors of the ceremony; `.unexpectedCredential`, `.backedUpWithoutEligibility`; for a stored key
    ///   that can't be read also the errors of CBOR, `.malformedPublicKey` and `.unsupportedAlgorithm`.
    public func verify(
        _ response: AssertionResponse, challenge: String, publicKey: [UInt8], signCount: UInt32
    ) throws(WebAuthnError) -> VerifiedAssertion {
        let data = response.authenticatorData
        try check(response.clientData, .authentication, challenge: challenge)
        try check(data)
        guard data.credential == nil else { throw .unexpectedCredential }
        guard try COSEKey(decoding: publicKey).isValid(response.signature, over: response.signedBytes) else {
            throw .wrongSignature
        }
        // Authenticators that do not count, as those that synchronise, always say 0 (step 21).
        guard data.signCount > signCount || (data.signCount == 0 && signCount == 0) else {
            throw .signCountNotIncreased
        }
        return VerifiedAssertion(signCount: data.signCount, isBackedUp: data.flags.contains(.backedUp))
    }

    // MARK: What both ceremonies have

    /// Steps 7 to 10 of section 7.1 are steps 11 to 14 of section 7.2.
    private func check(
        _ clientData: CollectedClientData, _ ceremony: CollectedClientData.Ceremony, challenge: String
    ) throws(WebAuthnError) {
        guard clientData.type == ceremony.rawValue else { throw .wrongCeremony }
        guard clientData.challenge == challenge else { throw .wrongChallenge }
        guard origins.contains(clientData.origin) else { throw .wrongOrigin }
        // Nothing here is made to be used within another site's frame (level 3, section 13.4.9).
        guard !clientData.isCrossOrigin else { throw .crossOrigin }
        // The server does not do Token Binding, so a connection that has it is one to somebody in between.
        guard !clientData.isBoundToToken else { throw .unexpectedTokenBinding }
    }

    /// Steps 13 to 15 of section 7.1 are steps 15 to 17 of section 7.2.
    private func check(_ data: AuthenticatorData) throws(WebAuthnError) {
        guard data.relyingPartyIDHash.elementsEqual(SHA256.hash(data: Array(id.utf8))) else {
            throw .wrongRelyingParty
        }
        guard data.flags.contains(.userPresent) else { throw .userNotPresent }
        guard data.flags.contains(.userVerified) else { throw .userNotVerified }
        // Level 2 has these two bits reserved; level 3 forbids one without the other (section 6.1.3).
        guard data.flags.contains(.backupEligible) || !data.flags.contains(.backedUp) else {
            throw .backedUpWithoutEligibility
        }
    }
}
