import Events

/// What bots must have asked for to hear of what is in channels: other things in a server than in private.
extension EventIntents where Payload: PlacedPayload {
    package static var channels: Self { .inServers(.guilds, inPrivate: .directMessages) }

    package static var messages: Self { .inServers(.guildMessages, inPrivate: .directMessages) }

    /// Of events that carry what was said: in servers a bot needs to be granted that.
    package static var messageContent: Self {
        .inServers([.guildMessages, .messageContent], inPrivate: .directMessages)
    }

    package static var reactions: Self { .inServers(.guildMessageReactions, inPrivate: .directMessageReactions) }

    package static var typing: Self { .inServers(.guildMessageTyping, inPrivate: .directMessageTyping) }
}
