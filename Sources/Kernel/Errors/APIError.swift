/// An error of the contract, thrown where a rule is broken and turned into the envelope in one place.
public struct APIError: Error, Sendable, Equatable {
    public let kind: ErrorKind
    /// The exact message; only 426 says more than its kind.
    public let message: String
    /// The fields that are wrong, or the permissions and rules that are missing.
    public let details: [FieldIssue]
    /// Further members of the envelope.
    public let extra: [String: JSON]

    public init(_ kind: ErrorKind, message: String? = nil, details: [FieldIssue] = [], extra: [String: JSON] = [:]) {
        self.kind = kind
        self.message = message ?? kind.message
        self.details = details
        self.extra = extra
    }

    public var status: Int { kind.status }
}

extension APIError: JSONEncodable {
    public static var schema: JSONSchema {
        .named(
            "Error",
            .object([
                .init(
                    "error",
                    .object([
                        .init("code", .any, isRequired: true),
                        .init("message", .string(), isRequired: true),
                        .init("details", .array(of: FieldIssue.schema), isRequired: false),
                        .init("retry_after", .number, isRequired: false),
                        .init("limit", .integer(), isRequired: false),
                        .init("size", .integer(), isRequired: false),
                        .init("client_version", .string(), isRequired: false),
                        .init("min_version", .string(), isRequired: false),
                        .init("server_version", .string(), isRequired: false),
                        .init("update_url", .nullable(.string()), isRequired: false),
                    ]), isRequired: true)
            ]))
    }

    /// The envelope of the error page.
    public func encode(to json: inout JSONWriter) {
        json.beginObject()
        json.key("error")
        json.beginObject()
        if let code = kind.customCode { json.member("code", code) } else { json.member("code", status) }
        json.member("message", message)
        for key in extra.keys.sorted() { json.member(key, extra[key] ?? .null) }
        if !details.isEmpty { json.member("details", details) }
        json.endObject()
        json.endObject()
    }
}

extension APIError {
    public static let authenticationRequired = APIError(.authenticationRequired)
    public static let invalidToken = APIError(.invalidToken)
    public static let tokenExpired = APIError(.tokenExpired)
    public static let invalidCredentials = APIError(.invalidCredentials)
    public static let invalidCode = APIError(.invalidCode)
    public static let expiredToken = APIError(.expiredToken)
    public static let invalidPasswordOrCode = APIError(.invalidPasswordOrCode)
    public static let adminAccessRequired = APIError(.adminAccessRequired)
    public static let emailNotVerified = APIError(.emailNotVerified)
    public static let twoFactorNotEnabled = APIError(.twoFactorNotEnabled)
    public static let twoFactorNotStarted = APIError(.twoFactorNotStarted)
    public static let sixDigitCodeRequired = APIError(.sixDigitCodeRequired)
    public static let twoFactorAlreadyEnabled = APIError(.twoFactorAlreadyEnabled)
    public static let alreadyExists = APIError(.alreadyExists)
    public static let alreadyHandled = APIError(.alreadyHandled)
    public static let accessDenied = APIError(.accessDenied)
    public static let bannedFromServer = APIError(.bannedFromServer)
    public static let registrationClosed = APIError(.registrationClosed)
    public static let invalidUserID = APIError(.invalidUserID)
    public static let invalidServerID = APIError(.invalidServerID)
    public static let invalidChannelID = APIError(.invalidChannelID)
    public static let invalidMessageID = APIError(.invalidMessageID)
    public static let invalidSessionID = APIError(.invalidSessionID)
    public static let invalidRoleID = APIError(.invalidRoleID)
    public static let invalidWebhookID = APIError(.invalidWebhookID)
    public static let emptyMessage = APIError(.emptyMessage)
    public static let ownerCannotLeave = APIError(.ownerCannotLeave)
    public static let resourceNotFound = APIError(.resourceNotFound)
    public static let userNotFound = APIError(.userNotFound)
    public static let serverNotFound = APIError(.serverNotFound)
    public static let channelNotFound = APIError(.channelNotFound)
    public static let messageNotFound = APIError(.messageNotFound)
    public static let sessionNotFound = APIError(.sessionNotFound)
    public static let inviteNotFound = APIError(.inviteNotFound)
    public static let memberNotFound = APIError(.memberNotFound)
    public static let roleNotFound = APIError(.roleNotFound)
    public static let banNotFound = APIError(.banNotFound)
    public static let emojiNotFound = APIError(.emojiNotFound)
    public static let webhookNotFound = APIError(.webhookNotFound)
    public static let applicationNotFound = APIError(.applicationNotFound)
    public static let pollNotFound = APIError(.pollNotFound)
    public static let notificationNotFound = APIError(.notificationNotFound)
    public static let reportNotFound = APIError(.reportNotFound)
    public static let jobNotFound = APIError(.jobNotFound)
    public static let attachmentNotFound = APIError(.attachmentNotFound)
    public static let uploadNotFound = APIError(.uploadNotFound)
    public static let settingNotFound = APIError(.settingNotFound)
    public static let friendRequestNotFound = APIError(.friendRequestNotFound)
    public static let relationshipNotFound = APIError(.relationshipNotFound)
    public static let cannotMessageUser = APIError(.cannotMessageUser)
    /// A login that was proved longer ago than what is asked for allows.
    public static let reauthenticationRequired = APIError(
        .permissionDenied, details: [FieldIssue("permission", "reauthentication")])
    public static let methodNotAllowed = APIError(.methodNotAllowed)
    public static let requestTimeout = APIError(.requestTimeout)
    public static let requestTooLarge = APIError(.requestTooLarge)
    public static let headersTooLarge = APIError(.headersTooLarge)
    public static let usernameTaken = APIError(.usernameTaken)
    public static let emailTaken = APIError(.emailTaken)
    public static let alreadyMember = APIError(.alreadyMember)
    public static let internalServerError = APIError(.internalServerError)
    public static let moduleNotAvailable = APIError(.moduleNotAvailable)
    public static let serviceUnavailable = APIError(.serviceUnavailable)

    public static func invalidInput(_ issues: [FieldIssue]) -> APIError { APIError(.invalidInput, details: issues) }

    public static func invalidInput(_ field: String, _ message: String) -> APIError {
        .invalidInput([FieldIssue(field, message)])
    }

    /// A malformed id of something.
    public static func invalidID(_ thing: String) -> APIError {
        .invalidInput("\(thing)_id", "must be an id, as a decimal string")
    }

    /// - Parameter limit_bytes: what it may have.
    public static func fileTooLarge(limit_bytes: Int) -> APIError {
        APIError(
            .fileTooLarge, details: [FieldIssue("file", "may have at most \(limit_bytes) bytes")],
            extra: ["limit": .integer(Int64(limit_bytes))])
    }

    /// - Parameter reason: a sentence that begins with "it" understood, such as "is no picture".
    public static func invalidFileType(_ reason: String) -> APIError {
        APIError(.invalidFileType, details: [FieldIssue("file", reason)])
    }

    public static func rangeNotSatisfiable(size_bytes: Int) -> APIError {
        APIError(.rangeNotSatisfiable, extra: ["size": .integer(Int64(size_bytes))])
    }

    /// The bytes are not JSON, or not HTTP.
    public static func malformed(_ reason: String) -> APIError { .invalidInput("body", reason) }

    public static func weakPassword(_ unmet: [FieldIssue]) -> APIError { APIError(.weakPassword, details: unmet) }

    public static func permissionDenied(_ missing: Permission) -> APIError {
        APIError(.permissionDenied, details: [FieldIssue("permission", missing.rawValue)])
    }

    /// - Parameter retryAfter_s: fractional seconds until the lock ends.
    public static func accountLocked(retryAfter_s: Double) -> APIError {
        APIError(.accountLocked, extra: ["retry_after": .number(retryAfter_s)])
    }

    /// - Parameter retryAfter_s: fractional seconds after which it is worth another try; nil when nobody knows.
    public static func maintenance(retryAfter_s: Double?) -> APIError {
        APIError(.serviceUnavailable, extra: retryAfter_s.map { ["retry_after": .number($0)] } ?? [:])
    }

    /// - Parameter retryAfter_s: fractional seconds to wait.
    public static func rateLimited(retryAfter_s: Double) -> APIError {
        APIError(.rateLimited, extra: ["retry_after": .number(retryAfter_s)])
    }

    public static func versionOutdated(clientVersion: String, policy: ClientVersionPolicy) -> APIError {
        APIError(
            .versionOutdated, message: "Client version \(clientVersion) is no longer supported",
            extra: versionFields(clientVersion, policy))
    }

    public static func invalidVersionFormat(clientVersion: String, policy: ClientVersionPolicy) -> APIError {
        APIError(.invalidVersionFormat, extra: versionFields(clientVersion.beginning(.scalars(64)), policy))
    }

    private static func versionFields(_ clientVersion: String, _ policy: ClientVersionPolicy) -> [String: JSON] {
        [
            "client_version": .string(clientVersion),
            "min_version": .string(policy.minimum.description),
            "server_version": .string(policy.server.description),
            "update_url": policy.updateURL.map { .string($0) } ?? .null,
        ]
    }
}
