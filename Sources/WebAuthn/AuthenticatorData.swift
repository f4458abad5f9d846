/// What the authenticator says about a ceremony (WebAuthn level 2, section 6.1).
struct AuthenticatorData: Sendable {
    struct Flags: OptionSet, Sendable {
        let rawValue: UInt8

        static let userPresent = Flags(rawValue: 1 << 0)
        static let userVerified = Flags(rawValue: 1 << 2)
        /// Whether the credential may be copied to other devices (WebAuthn level 3, section 6.1.3), as is the next one.
        static let backupEligible = Flags(rawValue: 1 << 3)
        static let backedUp = Flags(rawValue: 1 << 4)
        static let hasCredential = Flags(rawValue: 1 << 6)
        static let hasExtensions = Flags(rawValue: 1 << 7)
    }

    /// A credential that was just made (section 6.5.1).
    struct AttestedCredential: Sendable {
        /// The authenticator's model; all zero when it does not tell.
        let aaguid: [UInt8]
        let id: [UInt8]
        /// As it was sent.
        let publicKey: [UInt8]
        let key: COSEKey
    }

    /// Section 7.1 of level 3; level 2 leaves the bound to the authenticators.
    static let maximumCredentialID_bytes = 1023

    let relyingPartyIDHash: [UInt8]
    let flags: Flags
    let signCount: UInt32
    let credential: AttestedCredential?

    /// - Throws: the errors of CBOR, `.malformedAuthenticatorData`, `.credentialIDTooLong`, `.malformedPublicKey`,
    ///   `.unsupportedAlgorithm`.
    init(decoding bytes: [UInt8]) throws(WebAuthnError) {
        var reader = Reader(rest: bytes[...])
        relyingPartyIDHash = try reader.take(32)
        flags = Flags(rawValue: UInt8(truncatingIfNeeded: try reader.number(of: 1)))
        signCount = try reader.number(of: 4)
        credential = flags.contains(.hasCredential) ? try reader.credential() : nil
        if flags.contains(.hasExtensions) { try reader.skipExtensions() }
        guard reader.rest.isEmpty else { throw .malformedAuthenticatorData }
    }
}

/// Goes through authenticator data from the front.
private struct Reader {
    private(set) var rest: ArraySlice<UInt8>

    init(rest: ArraySlice<UInt8>) { self.rest = rest }

    mutating func take(_ count: Int) throws(WebAuthnError) -> [UInt8] {
        guard count <= rest.count else { throw .malformedAuthenticatorData }
        defer { rest = rest.dropFirst(count) }
        return Array(rest.prefix(count))
    }

    /// A big-endian number of at most four bytes.
    mutating func number(of count: Int) throws(WebAuthnError) -> UInt32 {
        try take(count).reduce(0) { $0 << 8 | UInt32($1) }
    }

    mutating func credential() throws(WebAuthnError) -> AuthenticatorData.AttestedCredential {
        let aaguid = try take(16)
        let length = Int(try number(of: 2))
        guard length <= AuthenticatorData.maximumCredentialID_bytes else { throw .credentialIDTooLong }
        guard length > 0 else { throw .malformedAuthenticatorData }
        let id = try take(length)
        let (key, keyLength) = try CBOR.first(in: rest)
        return AuthenticatorData.AttestedCredential(
            aaguid: aaguid, id: id, publicKey: try take(keyLength), key: try COSEKey(key))
    }

    /// Nothing here asks for extensions, so what they say is not looked at (section 7.1, step 17).
    mutating func skipExtensions() throws(WebAuthnError) {
        let (extensions, length) = try CBOR.first(in: rest)
        guard extensions.map != nil else { throw .malformedAuthenticatorData }
        _ = try take(length)
    }
}
