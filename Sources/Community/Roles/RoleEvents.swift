import Events

extension Roles {
    package static let events: [EventDeclaration] = [
        .init(.guildRoleCreate), .init(.guildRoleUpdate), .init(.guildRoleDelete),
    ]
}

extension EventKind where Payload == RoleEvent {
    static var guildRoleCreate: Self {
        Self("GUILD_ROLE_CREATE", intents: .always(.guilds), heardBy: "members", "A role was made.")
    }

    static var guildRoleUpdate: Self {
        Self("GUILD_ROLE_UPDATE", intents: .always(.guilds), heardBy: "members", "A role was changed or moved.")
    }
}

extension EventKind where Payload == RoleDeletedEvent {
    static var guildRoleDelete: Self {
        Self("GUILD_ROLE_DELETE", intents: .always(.guilds), heardBy: "members", "A role was deleted.")
    }
}
