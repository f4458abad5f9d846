import EventLog

extension Servers {
    static let events: [EventDeclaration] = [.init(.guildCreate), .init(.guildUpdate), .init(.guildDelete)]
}

extension EventKind where Payload == ServerOverview {
    static var guildCreate: Self {
        Self(
            "GUILD_CREATE", intents: .always(.guilds), heardBy: "who sees it from now on",
            "A server was made or joined.")
    }
}

extension EventKind where Payload == Server {
    static var guildUpdate: Self {
        Self("GUILD_UPDATE", intents: .always(.guilds), heardBy: "its members", "A server was changed.")
    }
}

extension EventKind where Payload == ServerDeletedEvent {
    static var guildDelete: Self {
        Self(
            .guildDelete, intents: .always(.guilds), heardBy: "who saw it",
            "A server is gone, or one is no member any more.")
    }
}
