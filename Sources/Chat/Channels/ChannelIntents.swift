import EventLog

/// What bots must have asked for to hear of what is in channels: other things in a server than in private.
extension EventIntents where Payload: PlacedPayload {
    static var channels: Self { .inServers(.guilds, inPrivate: .directMessages) }

    static var messages: Self { .inServers(.guildMessages, inPrivate: .directMessages) }

    /// Of events that carry what was said: in servers a bot needs to be granted that.
    static var messageContent: Self {
        .inServers([.guildMessages, .messageContent], inPrivate: .directMessages)
    }

    static var reactions: Self { .inServers(.guildMessageReactions, inPrivate: .directMessageReactions) }

    static var typing: Self { .inServers(.guildMessageTyping, inPrivate: .directMessageTyping) }
}
