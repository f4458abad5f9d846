import Database
import Events
import Kernel
import Logging

/// What every feature is built on.
public struct Parts: Sendable {
    /// What all features do when something ends.
    public let features: FeatureList
    public let database: any SQLDatabase
    public let log: EventLog
    public let ids: Snowflakes
    public let clock: any WallClock
    public let randomness: any Randomness
    public let configuration: ChatConfiguration
    public let logger: Logger

    public init(
        features: FeatureList, database: any SQLDatabase, log: EventLog, ids: Snowflakes, clock: any WallClock,
        randomness: any Randomness,
        configuration: ChatConfiguration, logger: Logger
    ) {
        self.features = features
        self.database = database
        self.log = log
        self.ids = ids
        self.clock = clock
        self.randomness = randomness
        self.configuration = configuration
        self.logger = logger
    }
}

/// The limits and switches of the features.
public struct ChatConfiguration: Sendable {
    public enum Registration: String, CaseIterable, Sendable {
        case open
        /// Only who has an invite to a server.
        case invite
        case closed
    }

    /// How somebody who makes an account shows to be old enough.
    public enum AgeGate: String, CaseIterable, Sendable {
        case off
        /// By saying so.
        case boolean
        /// By the date of birth.
        case dob
    }

    public var registration = Registration.open
    public var ageGate = AgeGate.off
    /// In years.
    public var minimumAge = 13
    /// Whether an account can be used only once its address is verified.
    public var requiresVerifiedEmail = false
    /// Whether an administrator decides which servers stand in the directory.
    public var reviewsListings = false
    /// The names of the providers of single sign-on.
    public var providers: [String] = []
    /// Whether a server for outgoing mail is configured.
    public var sendsMail = false
    /// Whether the operator has keys for the services of iPhones and Android devices.
    public var tellsApple = false
    public var tellsAndroid = false
    /// Where people reach the instance, such as `https://chat.example.org`, without a slash at the end. Empty: where the
    /// request went.
    public var publicURL = ""
    /// How long a login lasts without being used.
    public var sessionLifetime: Duration = .seconds(7 * 24 * 3600)
    public var sessionsPerUser = 10
    public var serversPerUser = 100
    public var channelsPerServer = 500
    /// Where more people read a channel, there are no read receipts.
    public var readReceiptMembers = 100
    public var messageLength = 4000
    /// Of the standard tier.
    public var fileSize_bytes = 10 << 20
    /// The longest that somebody may say in one go.
    public var voiceMessage_s = 600
    /// Where clients reach the gateway; empty: where the request went.
    public var gatewayURL = ""
    /// In how many servers the user of one session may be.
    public var serversPerShard = 2500
    /// How many sessions a bot may begin in a day.
    public var sessionStartsPerDay = 1000
    /// What helps devices in voice channels to find a way to each other; nil where the operator has nothing.
    public var voiceRelay: VoiceRelay?
    /// Whether the media of voice channels go through a media server.
    public var hasVoiceServer = false
    /// How many sessions of a bot may identify at once.
    public var maximumConcurrency = 1
    /// What the operator has put in the place of buckets' defaults.
    public var rates: [RateLimitBucket: [Rate]] = [:]
    /// Optional features that are switched off: their routes answer 503.
    public var disabledModules: Set<Module> = []
    public var versions: ClientVersionPolicy

    public init(versions: ClientVersionPolicy) { self.versions = versions }

    /// What is so where the operator says nothing.
    package static let standard: ChatConfiguration = {
        let version = Version(.alpha, 1, 0, build: 1)
        return ChatConfiguration(versions: ClientVersionPolicy(server: version, minimum: version, updateURL: nil))
    }()

    /// - Throws: `.moduleNotAvailable` for what the operator has switched off.
    package func require(_ module: Module) throws(APIError) {
        if disabledModules.contains(module) { throw .moduleNotAvailable }
    }

    package var asksForAge: Bool { ageGate != .off }

    /// In years; nil where nobody asks.
    package var askedAge: Int? { asksForAge ? minimumAge : nil }

    /// What the operator allows is for the standard tier; the others have as much more as their limits say.
    package func messageLength(of tier: Tier) -> Int {
        messageLength * tier.limits.messageLength / Tier.standard.limits.messageLength
    }

    package func fileSize_bytes(of tier: Tier) -> Int {
        fileSize_bytes * tier.limits.file_bytes / Tier.standard.limits.file_bytes
    }

    /// Nil: as many as one likes.
    package func serverCount(of tier: Tier) -> Int? {
        guard let standard = Tier.standard.limits.servers, let own = tier.limits.servers else { return nil }
        return serversPerUser * own / standard
    }
}

/// The TURN and STUN servers that the operator has, and what they let in.
public struct VoiceRelay: Sendable {
    /// `turn:` and `turns:` (RFC 7065), `stun:` (RFC 7064).
    public let urls: [String]
    /// Shared with the TURN server.
    public let secret: String

    public init(urls: [String], secret: String) {
        self.urls = urls
        self.secret = secret
    }
}

/// A part of the server that the operator can switch off.
public enum Module: String, CaseIterable, Sendable {
    case registration
    case twoFactor = "two_factor"
    case passwordReset = "password_reset"
    case emailVerification = "email_verification"
    case passkeys
    case oauth
    case qr
    case invites
    case typing
    case search
    case webhooks
    case uploads
    case avatars
    case linkPreviews = "link_previews"
    case push
    case emailNotifications = "email_notifications"
    case feedback
    case reminders
    case forwarding
    case polls
    case stickers
    case voiceMessages = "voice_messages"
    case scheduledEvents = "scheduled_events"
    case keywordAlerts = "keyword_alerts"
    case readReceipts = "read_receipts"
    case profiles
    case securityLog = "security_log"
    case onboarding
    case discovery
    case templates
    case widget
    case voice
    case soundboard

    /// The one without which there is nothing of it either.
    public var basis: Module? { self == .soundboard ? .voice : nil }
}
