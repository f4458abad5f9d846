/// A kind of thing that has an identifier, with the error that a malformed one is answered with.
public protocol IdentifierKind: SendableMetatype {
    static var invalidIdentifier: APIError { get }
}

/// A snowflake that names one kind of thing: a `UserID` is not a `ChannelID`.
///
/// On the wire it is a decimal string in 1…2^63-1 (contract: Conventions).
public struct Identifier<Kind: IdentifierKind>: RawRepresentable, Hashable, Comparable, Sendable {
    public let rawValue: Int64

    public init(rawValue: Int64) {
        self.rawValue = rawValue
    }

    /// Reads the decimal form.
    /// - Throws: the kind's own `Invalid … ID`.
    public init(parsing text: some StringProtocol) throws(APIError) {
        guard let value = Self.decimal(text.utf8) else { throw Kind.invalidIdentifier }
        self.rawValue = value
    }

    /// The smallest identifier that could have been made at a moment.
    public init(earliestAt moment: Timestamp) {
        let age_ms = max(0, moment.milliseconds - Snowflakes.epoch_ms)
        // Beyond the last moment that a snowflake can say (in 2093) there is none later.
        self.rawValue = age_ms > Int64.max >> 22 ? Int64.max : age_ms << 22
    }

    public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }

    /// When the thing was made, from the snowflake's own time.
    public var createdAt: Timestamp {
        Timestamp(milliseconds: (rawValue >> 22) + Snowflakes.epoch_ms)
    }

    /// Only plain ASCII digits count: `Int64(_:)` would also take a sign.
    private static func decimal(_ digits: some Collection<UInt8>) -> Int64? {
        guard (1...19).contains(digits.count) else { return nil }
        var value: Int64 = 0
        for digit in digits {
            guard (0x30...0x39).contains(digit) else { return nil }
            let (tens, overflowed) = value.multipliedReportingOverflow(by: 10)
            let (sum, carried) = tens.addingReportingOverflow(Int64(digit - 0x30))
            if overflowed || carried { return nil }
            value = sum
        }
        return value > 0 ? value : nil
    }
}

extension Identifier: CustomStringConvertible {
    public var description: String { String(rawValue) }
}

extension Identifier: JSONEncodable {
    public static var schema: JSONSchema { .identifier }
    public func encode(to json: inout JSONWriter) { json.quotedInteger(rawValue) }
}

public enum UserKind: IdentifierKind { public static var invalidIdentifier: APIError { .invalidUserID } }
public enum ServerKind: IdentifierKind { public static var invalidIdentifier: APIError { .invalidServerID } }
public enum ChannelKind: IdentifierKind { public static var invalidIdentifier: APIError { .invalidChannelID } }
public enum MessageKind: IdentifierKind { public static var invalidIdentifier: APIError { .invalidMessageID } }
public enum SessionKind: IdentifierKind { public static var invalidIdentifier: APIError { .invalidSessionID } }
public enum RoleKind: IdentifierKind { public static var invalidIdentifier: APIError { .invalidRoleID } }
public enum WebhookKind: IdentifierKind { public static var invalidIdentifier: APIError { .invalidWebhookID } }

/// Things for whose malformed ids the error page has no message of their own.
public enum AuditEntryKind: IdentifierKind { public static var invalidIdentifier: APIError { .invalidID("entry") } }
public enum EmojiKind: IdentifierKind { public static var invalidIdentifier: APIError { .invalidID("emoji") } }
public enum PollKind: IdentifierKind { public static var invalidIdentifier: APIError { .invalidID("poll") } }
public enum NotificationKind: IdentifierKind {
    public static var invalidIdentifier: APIError { .invalidID("notification") }
}
public enum ApplicationKind: IdentifierKind {
    public static var invalidIdentifier: APIError { .invalidID("application") }
}
public enum ReportKind: IdentifierKind { public static var invalidIdentifier: APIError { .invalidID("report") } }
public enum TicketKind: IdentifierKind { public static var invalidIdentifier: APIError { .invalidID("ticket") } }
public enum JobKind: IdentifierKind { public static var invalidIdentifier: APIError { .invalidID("job") } }
public enum ScheduledMessageKind: IdentifierKind {
    public static var invalidIdentifier: APIError { .invalidID("scheduled_message") }
}
public enum ScheduledEventKind: IdentifierKind { public static var invalidIdentifier: APIError { .invalidID("event") } }
public enum AttachmentKind: IdentifierKind {
    public static var invalidIdentifier: APIError { .invalidID("attachment") }
}
public enum UploadKind: IdentifierKind { public static var invalidIdentifier: APIError { .invalidID("upload") } }
/// Somebody's stay in a voice channel.
public enum VoiceSessionKind: IdentifierKind {
    public static var invalidIdentifier: APIError { .invalidID("voice_session") }
}
/// A file in the store, which several things may show.
public enum BlobKind: IdentifierKind { public static var invalidIdentifier: APIError { .invalidID("blob") } }

public typealias UserID = Identifier<UserKind>
public typealias ServerID = Identifier<ServerKind>
public typealias ChannelID = Identifier<ChannelKind>
public typealias MessageID = Identifier<MessageKind>
public typealias SessionID = Identifier<SessionKind>
public typealias RoleID = Identifier<RoleKind>
public typealias WebhookID = Identifier<WebhookKind>
public typealias AuditEntryID = Identifier<AuditEntryKind>
public typealias EmojiID = Identifier<EmojiKind>
public typealias PollID = Identifier<PollKind>
public typealias NotificationID = Identifier<NotificationKind>
public typealias ApplicationID = Identifier<ApplicationKind>
public typealias ReportID = Identifier<ReportKind>
public typealias TicketID = Identifier<TicketKind>
public typealias JobID = Identifier<JobKind>
public typealias ScheduledMessageID = Identifier<ScheduledMessageKind>
public typealias ScheduledEventID = Identifier<ScheduledEventKind>
public typealias AttachmentID = Identifier<AttachmentKind>
public typealias UploadID = Identifier<UploadKind>
public typealias VoiceSessionID = Identifier<VoiceSessionKind>
public typealias BlobID = Identifier<BlobKind>
