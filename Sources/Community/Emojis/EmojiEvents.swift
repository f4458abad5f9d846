import Events

extension Emojis {
    package static let events: [EventDeclaration] = [.init(.guildEmojisUpdate)]
}

extension EventKind where Payload == EmojisEvent {
    static var guildEmojisUpdate: Self {
        Self(
            "GUILD_EMOJIS_UPDATE", intents: .always(.guildEmojis), heardBy: "members",
            "Emoji were made, changed or deleted: all that there are now.")
    }
}
