/// Every error that a client can meet: the rows of the error page, and those that the rest of the contract adds.
///
/// The raw value is the exact message.
public enum ErrorKind: String, CaseIterable, Sendable {
    // Authentication (401)
    case authenticationRequired = "Authentication required"
    case invalidToken = "Invalid token"
    case tokenExpired = "Token expired"
    case invalidCredentials = "Invalid credentials"
    case invalidCode = "Invalid code"
    case expiredToken = "Expired token"
    case invalidPasswordOrCode = "Invalid password or code"

    // Permission (403)
    case accessDenied = "Access denied"
    case permissionDenied = "Permission denied"
    case accountLocked = "Account locked"
    case adminAccessRequired = "Admin access required"
    case cannotMessageUser = "Cannot message this user"
    case bannedFromServer = "Banned from this server"
    case emailNotVerified = "Email not verified"
    case registrationClosed = "Registration is closed"

    // Validation (400)
    case invalidInput = "Invalid input"
    case invalidUserID = "Invalid user ID"
    case invalidChannelID = "Invalid channel ID"
    case invalidServerID = "Invalid server ID"
    case invalidMessageID = "Invalid message ID"
    case invalidSessionID = "Invalid session ID"
    case invalidRoleID = "Invalid role ID"
    case invalidWebhookID = "Invalid webhook ID"
    case weakPassword = "Weak password"
    case emptyMessage = "Message must have content, attachments, or embeds"
    case fileTooLarge = "File too large"
    case invalidFileType = "Invalid file type"
    case twoFactorNotEnabled = "2FA is not enabled"
    case twoFactorNotStarted = "2FA setup not started"
    case sixDigitCodeRequired = "Valid 6-digit code required"
    case ownerCannotLeave = "The owner cannot leave the server"
    case invalidVersionFormat = "Invalid version format"

    // Resource (404)
    case resourceNotFound = "Resource not found"
    case userNotFound = "User not found"
    case serverNotFound = "Server not found"
    case channelNotFound = "Channel not found"
    case messageNotFound = "Message not found"
    case webhookNotFound = "Webhook not found"
    case sessionNotFound = "Session not found"
    case friendRequestNotFound = "Friend request not found"
    case relationshipNotFound = "Relationship not found"
    case settingNotFound = "Setting not found"
    case inviteNotFound = "Invite not found"
    case memberNotFound = "Member not found"
    case roleNotFound = "Role not found"
    case banNotFound = "Ban not found"
    case emojiNotFound = "Emoji not found"
    case applicationNotFound = "Application not found"
    case pollNotFound = "Poll not found"
    case notificationNotFound = "Notification not found"
    case reportNotFound = "Report not found"
    case jobNotFound = "Job not found"
    case attachmentNotFound = "Attachment not found"
    case uploadNotFound = "Upload not found"

    // The request itself (405, 408, 413, 416, 431)
    case methodNotAllowed = "Method not allowed"
    case requestTimeout = "Request timeout"
    case requestTooLarge = "Request too large"
    case rangeNotSatisfiable = "Range not satisfiable"
    case headersTooLarge = "Request headers too large"

    // Conflict (409)
    case alreadyExists = "Already exists"
    case usernameTaken = "Username already taken"
    case emailTaken = "Email already taken"
    case alreadyMember = "Already a member"
    case twoFactorAlreadyEnabled = "2FA is already enabled"

    // Version (426)
    case versionOutdated = "Client version is no longer supported"

    // Rate limits (429)
    case rateLimited = "Rate limited"

    // Server (500, 503)
    case internalServerError = "Internal server error"
    case moduleNotAvailable = "Module not available"
    case serviceUnavailable = "Service unavailable"

    public var message: String { rawValue }

    public var status: Int {
        switch self {
        case .authenticationRequired, .invalidToken, .tokenExpired, .invalidCredentials, .invalidCode, .expiredToken,
            .invalidPasswordOrCode:
            401
        case .accessDenied, .permissionDenied, .accountLocked, .adminAccessRequired, .cannotMessageUser,
            .bannedFromServer, .emailNotVerified, .registrationClosed:
            403
        case .invalidInput, .invalidUserID, .invalidChannelID, .invalidServerID, .invalidMessageID, .invalidSessionID,
            .invalidRoleID, .invalidWebhookID, .weakPassword, .emptyMessage, .fileTooLarge, .invalidFileType,
            .twoFactorNotEnabled, .twoFactorNotStarted, .sixDigitCodeRequired, .ownerCannotLeave,
            .invalidVersionFormat:
            400
        case .resourceNotFound, .userNotFound, .serverNotFound, .channelNotFound, .messageNotFound, .webhookNotFound,
            .sessionNotFound, .friendRequestNotFound, .relationshipNotFound, .settingNotFound, .inviteNotFound,
            .memberNotFound, .roleNotFound, .banNotFound, .emojiNotFound, .applicationNotFound, .pollNotFound,
            .notificationNotFound, .reportNotFound, .jobNotFound, .attachmentNotFound, .uploadNotFound:
            404
        case .methodNotAllowed: 405
        case .requestTimeout: 408
        case .requestTooLarge: 413
        case .rangeNotSatisfiable: 416
        case .headersTooLarge: 431
        case .alreadyExists, .usernameTaken, .emailTaken, .alreadyMember, .twoFactorAlreadyEnabled: 409
        case .versionOutdated: 426
        case .rateLimited: 429
        case .internalServerError: 500
        case .moduleNotAvailable, .serviceUnavailable: 503
        }
    }

    /// The word that stands for the status in `code`; most errors use the status itself.
    public var customCode: String? {
        switch self {
        case .versionOutdated: "VERSION_OUTDATED"
        case .invalidVersionFormat: "INVALID_VERSION_FORMAT"
        default: nil
        }
    }
}
