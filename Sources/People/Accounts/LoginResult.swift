import Kernel

/// The answer to a login: the new session, or what else has to be proved.
enum LoginResult: Sendable {
    case success(token: String, SelfUser)
    case twoFactorRequired(challenge: String)
    /// The account is there, but the instance wants its address verified before the first login.
    case emailVerificationRequired(SelfUser)

    /// How long a challenge can be answered, in seconds.
    static let challengeLifetime_s = 300

    private var status: String {
        switch self {
        case .success: "success"
        case .twoFactorRequired: "two_factor_required"
        case .emailVerificationRequired: "email_verification_required"
        }
    }

    private var token: String? { if case .success(let token, _) = self { token } else { nil } }

    private var user: SelfUser? {
        switch self {
        case .success(_, let user), .emailVerificationRequired(let user): user
        case .twoFactorRequired: nil
        }
    }

    private var challenge: String? { if case .twoFactorRequired(let challenge) = self { challenge } else { nil } }
}

extension LoginResult: JSONObjectEncodable {
    static let shape = JSONShape<LoginResult>(
        "LoginResult",
        .field("status", \.status),
        .field("token", \.token),
        .field("user", \.user),
        .field("challenge_token", \.challenge),
        .field("methods") { $0.challenge.map { _ in ["totp", "backup_code"] } },
        .field("expires_in") { $0.challenge.map { _ in challengeLifetime_s } })
}
