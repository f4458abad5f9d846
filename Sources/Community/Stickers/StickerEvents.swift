import Events

extension Stickers {
    package static let events: [EventDeclaration] = [.init(.guildStickersUpdate)]
}

extension EventKind where Payload == StickersEvent {
    static var guildStickersUpdate: Self {
        Self(
            "GUILD_STICKERS_UPDATE", intents: .always(.guildEmojis), heardBy: "members",
            "Stickers were made, changed or deleted: all that there are now.")
    }
}
