import Kernel

enum PasskeyKind: IdentifierKind {
    static var invalidIdentifier: APIError { .invalidInput("passkey_id", "must be an id, as a decimal string") }
}

typealias PasskeyID = Identifier<PasskeyKind>

/// A credential with which somebody logs in instead of with a password.
struct Passkey: Sendable {
    let id: PasskeyID
    let user: UserID
    /// The authenticator's own name for it.
    let credentialID: [UInt8]
    /// In the form of COSE.
    let publicKey: [UInt8]
    /// At the last login; authenticators that do not count say 0.
    let signCount: UInt32
    /// How a browser can reach the authenticator, in the browser's own words: `internal`, `usb`.
    let transports: [String]
    /// Whether it lives on in a copy when the device is lost.
    let isBackedUp: Bool
    let name: String
    let createdAt: Timestamp
    let lastUsedAt: Timestamp?
}

extension Passkey: JSONObjectEncodable {
    static let shape = JSONShape<Passkey>(
        "Passkey",
        .field("id", \.id),
        .field("name", \.name),
        .field("created_at", \.createdAt),
        .field("last_used_at", \.lastUsedAt),
        .field("backed_up", \.isBackedUp))
}
