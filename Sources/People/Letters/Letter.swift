import Kernel

enum LetterKind: IdentifierKind {
    static var invalidIdentifier: APIError { .invalidID("letter") }
}

typealias LetterID = Identifier<LetterKind>

/// An e-mail that is still to be written and sent. Only what its text needs is kept, and no secret: the token of a link is made
/// when the letter is written.
struct Letter: Sendable {
    enum Kind: String, CaseIterable, Sendable {
        case resetLink = "reset_link"
        case verificationLink = "verification_link"
        case passwordChanged = "password_changed"
        case passwordReset = "password_reset"
        case passkeyAdded = "passkey_added"
        case passkeyRemoved = "passkey_removed"
        case securityAlert = "security_alert"
        case addressChanged = "address_changed"
    }

    let id: LetterID
    let kind: Kind
    /// Nil until it is known whose the address is.
    let user: UserID?
    /// Where it goes: to the account's address when it was asked for, whatever becomes of that meanwhile.
    let address: String
    let details: [String: JSON]
    let createdAt: Timestamp
    let dueAt: Timestamp
    /// So often somebody has taken it.
    var attempts = 0
}

extension Letter.Kind {
    /// For how long it is worth sending.
    var lifetime: Duration {
        switch self {
        // Whoever waits for a link has asked for another one by then.
        case .resetLink: Recovery.resetLifetime
        case .verificationLink: Recovery.verificationLifetime
        // What somebody else may have done to the account its owner should know, however late.
        case .passwordChanged, .passwordReset, .passkeyAdded, .passkeyRemoved, .securityAlert, .addressChanged:
            .seconds(3 * 86_400)
        }
    }

    /// What the link in it is for; nil where there is none.
    var purpose: OneTimeTokens.Purpose? {
        switch self {
        case .resetLink: .passwordReset
        case .verificationLink: .emailVerification
        case .passwordChanged, .passwordReset, .passkeyAdded, .passkeyRemoved, .securityAlert, .addressChanged: nil
        }
    }
}
