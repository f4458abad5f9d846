/// What an event is called, by clients and in the log. Names are written where an event is declared, and nowhere else.
public struct EventName: RawRepresentable, Hashable, Sendable {
    public let rawValue: String

    public init(rawValue: String) { self.rawValue = rawValue }

    /// Who sees what has changed. Moves subscriptions; never sent to a client.
    public static let sight = EventName(rawValue: "_SIGHT")

    /// Logins have ended: their sockets close. Never sent to a client.
    public static let loginsEnded = EventName(rawValue: "_LOGINS_ENDED")

    /// What accounts may do is other than before. Never sent to a client.
    public static let standingChanged = EventName(rawValue: "_STANDING_CHANGED")

    /// Somebody has blocked the audience, who is told that they have gone. Never sent to a client as it is.
    public static let hidden = EventName(rawValue: "_HIDDEN")

    /// It was about something that is gone. Never sent to a client.
    public static let forgotten = EventName(rawValue: "_FORGOTTEN")

    /// A channel is gone, or out of its reader's sight.
    public static let channelDelete = EventName(rawValue: "CHANNEL_DELETE")

    /// The same of a server.
    public static let guildDelete = EventName(rawValue: "GUILD_DELETE")

    /// The same of a thread.
    public static let threadDelete = EventName(rawValue: "THREAD_DELETE")

    /// The same of a scheduled event.
    public static let guildScheduledEventDelete = EventName(rawValue: "GUILD_SCHEDULED_EVENT_DELETE")

    private static let losses: Set<EventName> = [
        .channelDelete, .guildDelete, .threadDelete, .guildScheduledEventDelete,
    ]

    /// Whether it says that something is out of sight, which a replay tells whatever is seen now.
    var isLoss: Bool { Self.losses.contains(self) }

    /// The server's own business, not to be sent.
    public var isInternal: Bool { rawValue.hasPrefix("_") }
}
