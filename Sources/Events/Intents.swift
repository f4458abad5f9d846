/// Which events a gateway session wants (contract: Gateway, Intents).
public struct Intents: OptionSet, Hashable, Sendable {
    public let rawValue: Int

    public init(rawValue: Int) { self.rawValue = rawValue }

    public static let guilds = Intents(rawValue: 1 << 0)
    public static let guildMembers = Intents(rawValue: 1 << 1)
    public static let guildBans = Intents(rawValue: 1 << 2)
    public static let guildEmojis = Intents(rawValue: 1 << 3)
    public static let guildIntegrations = Intents(rawValue: 1 << 4)
    public static let guildWebhooks = Intents(rawValue: 1 << 5)
    public static let guildInvites = Intents(rawValue: 1 << 6)
    public static let guildVoiceStates = Intents(rawValue: 1 << 7)
    public static let guildPresences = Intents(rawValue: 1 << 8)
    public static let guildMessages = Intents(rawValue: 1 << 9)
    public static let guildMessageReactions = Intents(rawValue: 1 << 10)
    public static let guildMessageTyping = Intents(rawValue: 1 << 11)
    public static let directMessages = Intents(rawValue: 1 << 12)
    public static let directMessageReactions = Intents(rawValue: 1 << 13)
    public static let directMessageTyping = Intents(rawValue: 1 << 14)
    public static let messageContent = Intents(rawValue: 1 << 15)
    public static let scheduledEvents = Intents(rawValue: 1 << 16)
    public static let threads = Intents(rawValue: 1 << 17)
    public static let automod = Intents(rawValue: 1 << 18)
    public static let auditLog = Intents(rawValue: 1 << 19)

    public static let all = Intents(rawValue: (1 << 20) - 1)

    /// Granted per application; people have no need of them.
    public static let privileged: Intents = [.guildMembers, .guildPresences, .messageContent]

    /// What clients call them, in the order of their bits.
    private static let bitNames = [
        "GUILDS", "GUILD_MEMBERS", "GUILD_BANS", "GUILD_EMOJIS", "GUILD_INTEGRATIONS", "GUILD_WEBHOOKS",
        "GUILD_INVITES", "GUILD_VOICE_STATES", "GUILD_PRESENCES", "GUILD_MESSAGES", "GUILD_MESSAGE_REACTIONS",
        "GUILD_MESSAGE_TYPING", "DIRECT_MESSAGES", "DIRECT_MESSAGE_REACTIONS", "DIRECT_MESSAGE_TYPING",
        "MESSAGE_CONTENT", "SCHEDULED_EVENTS", "THREADS", "AUTOMOD", "AUDIT_LOG",
    ]

    public var names: [String] {
        Self.bitNames.enumerated().filter { contains(Intents(rawValue: 1 << $0.offset)) }.map(\.element)
    }
}
