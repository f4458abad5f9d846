import Kernel

package enum SecurityEntryKind: IdentifierKind {
    package static var invalidIdentifier: APIError { .invalidID("entry") }
}

package typealias SecurityEntryID = Identifier<SecurityEntryKind>

/// What happens to an account that its owner should know of (contract: REST, Security log).
package enum SecurityAction: String, CaseIterable, Sendable {
    case register
    case login
    case loginFailed = "login_failed"
    case lockout
    case logout
    case sessionRevoke = "session_revoke"
    case passwordChange = "password_change"
    case passwordReset = "password_reset"
    case emailChange = "email_change"
    case twoFactorEnable = "two_factor_enable"
    case twoFactorDisable = "two_factor_disable"
    case backupCodeUse = "backup_code_use"
    case passkeyAdd = "passkey_add"
    case passkeyRemove = "passkey_remove"
    case oauthLink = "oauth_link"
    case appAuthorize = "app_authorize"
    case appRevoke = "app_revoke"
    case botToken = "bot_token"
    case dataExport = "data_export"
    case deletionSchedule = "deletion_schedule"
    case deletionCancel = "deletion_cancel"
    case adminAction = "admin_action"

    /// How much it matters, in itself: a login from a new place matters more than others.
    var severity: SecuritySeverity {
        switch self {
        case .lockout: .critical
        case .passwordChange, .passwordReset, .emailChange, .twoFactorEnable, .twoFactorDisable, .backupCodeUse,
            .passkeyAdd, .passkeyRemove, .appAuthorize:
            .warning
        case .register, .login, .loginFailed, .logout, .sessionRevoke, .oauthLink, .appRevoke, .botToken, .dataExport,
            .deletionSchedule, .deletionCancel, .adminAction:
            .info
        }
    }

    /// Whether what happens again from the same address within an hour is counted in one entry.
    var isCounted: Bool { self == .loginFailed || self == .lockout }

    /// Whether a mail about it is sent by whoever does it.
    var hasLetterOfItsOwn: Bool {
        switch self {
        case .passwordChange, .passwordReset, .emailChange, .passkeyAdd, .passkeyRemove: true
        default: false
        }
    }
}

package enum SecuritySeverity: String, CaseIterable, Sendable {
    case info
    /// From here on one's devices hear of it at once.
    case warning
    case critical
}

/// A line of somebody's security log.
package struct SecurityEntry: Sendable {
    package let id: SecurityEntryID
    package let user: UserID
    package let action: SecurityAction
    let severity: SecuritySeverity
    /// Nil after ninety days, and for what nobody did from an address.
    let address: String?
    let userAgent: String?
    let session: SessionID?
    /// How often it happened within the hour.
    var count = 1
    package let details: [String: JSON]
    package let createdAt: Timestamp
}

extension SecurityEntry: JSONObjectEncodable {
    package static let shape = JSONShape<SecurityEntry>(
        "SecurityEntry",
        .field("id", \.id),
        .field("action", \.action.rawValue),
        .field("severity", \.severity.rawValue),
        .field("ip_address", \.address),
        .field("user_agent", \.userAgent),
        .field("session_id", \.session),
        .field("count", \.count),
        .field("details") { JSON.object($0.details) },
        .field("created_at", \.createdAt))
}

/// SECURITY_ALERT: something happened that one should know of at once.
struct SecurityAlert: JSONObjectEncodable {
    let entry: SecurityEntry

    static let shape = JSONShape<SecurityAlert>(
        "SecurityAlert",
        .field("id", \.entry.id),
        .field("action", \.entry.action.rawValue),
        .field("severity", \.entry.severity.rawValue),
        .field("ip_address", \.entry.address),
        .field("user_agent", \.entry.userAgent),
        .field("created_at", \.entry.createdAt))
}
