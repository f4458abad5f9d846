import Events

extension Bans {
    package static let events: [EventDeclaration] = [.init(.guildBanAdd), .init(.guildBanRemove)]
}

extension EventKind where Payload == Ban {
    static var guildBanAdd: Self {
        Self("GUILD_BAN_ADD", intents: .always(.guildBans), heardBy: "who may ban", "Somebody was banned.")
    }
}

extension EventKind where Payload == BanRemovedEvent {
    static var guildBanRemove: Self {
        Self("GUILD_BAN_REMOVE", intents: .always(.guildBans), heardBy: "who may ban", "A ban is over.")
    }
}
