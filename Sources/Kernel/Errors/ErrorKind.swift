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
    case ageRequirementNotMet = "Age requirement not met"
    case channelIsFull = "Channel is full"

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
    case alreadyHandled = "Already handled"
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
            .bannedFromServer, .emailNotVerified, .registrationClosed, .ageRequirementNotMet,
            .channelIsFull:
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
        case .alreadyExists, .alreadyHandled, .usernameTaken, .emailTaken, .alreadyMember, .twoFactorAlreadyEnabled: 409
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

extension ErrorKind {
    /// How the error comes about and what a client should do, for the documentation.
    public var explanation: String {
        switch self {
        case .authenticationRequired: "No token was sent. Log in and send `Authorization: Bearer …`."
        case .invalidToken:
            "The token is malformed, unknown or was ended. Log in again and keep what the person was writing."
        case .tokenExpired: "The session has run out. Log in again and keep what the person was writing."
        case .invalidCredentials:
            "Name or password is wrong, or a passkey or provider does not confirm the login; unknown accounts are answered alike. Ask the person again."
        case .invalidCode:
            "The two-factor code is wrong or was used before. Ask for the next one; the fifth wrong one ends the challenge."
        case .expiredToken: "The challenge of a login, or the token of a link, has run out or was used. Begin again."
        case .invalidPasswordOrCode: "Turning off two-factor login needs both the password and a valid code."
        case .accessDenied: "The thing exists, but it is not the caller's to see. Take it out of view."
        case .permissionDenied:
            "The caller can see it but lacks a permission, which `details` names. Do not offer what is not allowed."
        case .accountLocked: "Too many failed logins. Wait for `retry_after` seconds."
        case .adminAccessRequired: "Only administrators of the instance may do this. Do not offer it to others."
        case .cannotMessageUser: "The other person has blocked the caller. Do not try again."
        case .bannedFromServer: "The caller is banned from this server. Do not try again."
        case .emailNotVerified:
            "This instance wants the e-mail address verified first. Offer to send the link again (`POST /auth/verify-email/request`)."
        case .registrationClosed:
            "This instance takes no new accounts, or only with an invite. Ask `GET /capabilities` before offering a registration."
        case .ageRequirementNotMet:
            "Who wants the account is too young for this instance. Say so, and do not ask again with another age; `minimum_age` is in `GET /capabilities`."
        case .channelIsFull:
            "As many people are in the voice channel as may be. Say so, and let the person try again once somebody has left."
        case .invalidInput:
            "A field has the wrong type or is out of range. `details` lists all of them; show them beside their fields."
        case .invalidUserID, .invalidChannelID, .invalidServerID, .invalidMessageID, .invalidSessionID, .invalidRoleID,
            .invalidWebhookID:
            "The id is not a decimal number from 1 to 2^63-1. Mend the client."
        case .weakPassword: "The password breaks rules that `details` lists; see `GET /auth/password-requirements`."
        case .emptyMessage:
            "A message needs content (white space alone is none), an attachment or an embed. Do not send it without."
        case .fileTooLarge: "The file is larger than the limit that stands beside the message. Choose a smaller one."
        case .invalidFileType: "The file's content is not of a type that is accepted here. Choose another."
        case .twoFactorNotEnabled: "Two-factor login is not switched on for this account. Load its state again."
        case .twoFactorNotStarted: "There is no two-factor setup to confirm. Start one first."
        case .sixDigitCodeRequired: "The code must be six digits. Check it before sending."
        case .ownerCannotLeave: "Give the server to somebody else first, or delete it."
        case .invalidVersionFormat: "`X-Client-Version` is not of the form `[stage].[major].[minor]-[build]`."
        case .resourceNotFound: "There is no such route. Mend the client."
        case .userNotFound: "There is no user with this id or name. Forget it."
        case .serverNotFound: "There is no server with this id. Forget it."
        case .channelNotFound: "There is no channel with this id. Forget it."
        case .messageNotFound:
            "There is no message with this id in this channel, or it was deleted. Take it out of view."
        case .webhookNotFound: "There is no webhook with this id. Forget it."
        case .sessionNotFound: "The caller has no session with this id. Load the list again."
        case .friendRequestNotFound: "There is no pending request from this user. Load the list again."
        case .relationshipNotFound: "There is no relationship with this user. Load the list again."
        case .settingNotFound: "No value is stored under this key. Use the default."
        case .inviteNotFound: "The invite does not exist, has run out, or was used up. Ask for another."
        case .roleNotFound: "The server has no such role. Load the list again."
        case .banNotFound: "The user is not banned from this server. Load the list again."
        case .emojiNotFound: "The server has no such emoji, or it was deleted. Take it out of the list."
        case .applicationNotFound: "There is no such application, or it is somebody else's."
        case .pollNotFound: "There is no such poll, or it was deleted."
        case .notificationNotFound: "There is no such notification. Load the list again."
        case .reportNotFound: "There is no such report. Load the list again."
        case .jobNotFound: "There is no such job, or its result was removed. Begin a new one."
        case .attachmentNotFound: "There is no such file, or it was deleted. Take it out of view."
        case .uploadNotFound: "There is no such upload, or it has run out. Begin a new one."
        case .memberNotFound: "The user is not a member of this server. Load the list again."
        case .methodNotAllowed: "The route exists, but not for this method; `Allow` lists those it has."
        case .requestTimeout: "The request did not arrive in time. Send it again."
        case .requestTooLarge: "The body is larger than this route takes. Send less."
        case .rangeNotSatisfiable: "The file has no such bytes; `size` tells how many it has. Ask for others."
        case .headersTooLarge: "The request's headers are larger than the server takes. Send fewer."
        case .alreadyHandled: "It was decided, has ended or was closed before. Load it again and show how it stands."
        case .alreadyExists: "The thing is there already. Load it instead."
        case .usernameTaken: "Another account has this user name; case does not count. Choose another."
        case .emailTaken: "Another account has this e-mail address; case does not count. Offer to log in."
        case .alreadyMember: "The caller is a member of the server already. Open it."
        case .twoFactorAlreadyEnabled: "Two-factor login is on already. Load its state again."
        case .versionOutdated: "The client is older than `min_version`. Ask the person to update it."
        case .rateLimited: "Too many requests. Wait for `retry_after` seconds; nothing was done."
        case .internalServerError: "A fault of the server; its log has the details under the same `X-Request-Id`."
        case .moduleNotAvailable:
            "This part of the server is switched off or not there. Hide what needs it; `GET /capabilities` tells beforehand."
        case .serviceUnavailable:
            "The server is being maintained or stopped, or a part that it needs can't be reached. Wait `retry_after` if it is there, else try again with backoff."
        }
    }
}
