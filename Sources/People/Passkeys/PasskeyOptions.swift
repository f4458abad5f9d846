import Kernel
import WebAuthn

/// What `PublicKeyCredential.parseCreationOptionsFromJSON` takes (WebAuthn level 3, section 5.1).
struct PasskeyCreationOptions: Sendable {
    let party: RelyingParty
    let user: User
    let challenge: String
    /// The user's other passkeys: an authenticator that has one makes no second.
    let others: [Passkey]

    /// The user's id in eight bytes. It is no name and no address, and tells whoever finds the authenticator nothing
    /// about the person (WebAuthn level 2, section 14.6.1).
    static func handle(of user: UserID) -> [UInt8] {
        withUnsafeBytes(of: user.rawValue.bigEndian) { Array($0) }
    }
}

extension PasskeyCreationOptions: JSONObjectEncodable {
    static let shape = JSONShape<PasskeyCreationOptions>(
        "PasskeyCreationOptions",
        .field("rp") { RelyingPartyEntity(party: $0.party) },
        .field("user") { UserEntity(user: $0.user) },
        .field("challenge", \.challenge),
        .field("pubKeyCredParams") { _ in RelyingParty.algorithms.map(CredentialParameters.init) },
        .field("timeout") { _ in Passkeys.challengeLifetime_s * 1000 },
        .field("excludeCredentials") { $0.others.map(CredentialDescriptor.init) },
        .field("authenticatorSelection") { _ in AuthenticatorSelection() },
        .field("attestation") { _ in "none" })

    struct RelyingPartyEntity: JSONObjectEncodable {
        let party: RelyingParty

        static let shape = JSONShape<RelyingPartyEntity>(
            "PasskeyRelyingParty", .field("id", \.party.id), .field("name", \.party.name))
    }

    struct UserEntity: JSONObjectEncodable {
        let user: User

        static let shape = JSONShape<UserEntity>(
            "PasskeyUser",
            .field("id") { Base64URL.encode(handle(of: $0.user.id)) },
            .field("name", \.user.username),
            .field("displayName") { $0.user.displayName ?? $0.user.username })
    }

    struct CredentialParameters: JSONObjectEncodable {
        let algorithm: COSEAlgorithm

        static let shape = JSONShape<CredentialParameters>(
            "PasskeyParameters", .field("type") { _ in "public-key" }, .field("alg", \.algorithm.rawValue))
    }

    /// The authenticator keeps who it is for, so that nobody has to type a name, and asks for a finger or a PIN.
    struct AuthenticatorSelection: JSONObjectEncodable {
        static let shape = JSONShape<AuthenticatorSelection>(
            "PasskeyAuthenticatorSelection",
            .field("residentKey") { _ in "required" },
            .field("requireResidentKey") { _ in true },
            .field("userVerification") { _ in "required" })
    }
}

/// What `PublicKeyCredential.parseRequestOptionsFromJSON` takes (WebAuthn level 3, section 5.1).
struct PasskeyRequestOptions: Sendable {
    let party: RelyingParty
    let challenge: String
}

extension PasskeyRequestOptions: JSONObjectEncodable {
    static let shape = JSONShape<PasskeyRequestOptions>(
        "PasskeyRequestOptions",
        .field("challenge", \.challenge),
        .field("rpId", \.party.id),
        .field("timeout") { _ in Passkeys.challengeLifetime_s * 1000 },
        .field("userVerification") { _ in "required" },
        // The authenticator knows which passkeys it has; a list would tell strangers.
        .field("allowCredentials") { _ in [CredentialDescriptor]() })
}

/// A credential that there is.
struct CredentialDescriptor: JSONObjectEncodable {
    let passkey: Passkey

    static let shape = JSONShape<CredentialDescriptor>(
        "PasskeyDescriptor",
        .field("type") { _ in "public-key" },
        .field("id") { Base64URL.encode($0.passkey.credentialID) },
        .field("transports", \.passkey.transports))
}
