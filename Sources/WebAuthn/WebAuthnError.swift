/// Why what an authenticator or a browser sent is not accepted.
public enum WebAuthnError: Error, Sendable, Equatable {
    // CBOR
    case truncatedCBOR
    case trailingBytesInCBOR
    case tooLargeCBOR
    case tooDeepCBOR
    /// Tags, floating-point numbers, indefinite lengths, and integers beyond 64 bits with a sign.
    case unsupportedCBOR
    /// A number or a length that is written longer than it needs to be.
    case wastefulCBOR
    case duplicateKeyInCBOR
    /// A map's key that is neither an integer nor text.
    case unsupportedKeyInCBOR
    case brokenTextInCBOR

    // The structures
    case malformedClientData
    case malformedAuthenticatorData
    case malformedAttestationObject
    case malformedPublicKey
    case unsupportedAlgorithm
    case missingCredential
    case unexpectedCredential
    case credentialIDTooLong
    case backedUpWithoutEligibility

    // The ceremony
    case wrongCeremony
    case wrongChallenge
    case wrongOrigin
    case crossOrigin
    case unexpectedTokenBinding
    case wrongRelyingParty
    case userNotPresent
    case userNotVerified
    case wrongSignature
    /// There may be a copy of the authenticator (WebAuthn level 2, section 6.1.1).
    case signCountNotIncreased
}
