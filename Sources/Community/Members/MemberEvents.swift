import Events

extension Members {
    package static let events: [EventDeclaration] = [
        .init(.guildMemberAdd), .init(.guildMemberUpdate), .init(.guildMemberRemove),
    ]
}

extension EventKind where Payload == MemberEvent {
    static var guildMemberAdd: Self {
        Self("GUILD_MEMBER_ADD", intents: .always(.guildMembers), heardBy: "members", "Somebody joined.")
    }

    static var guildMemberUpdate: Self {
        Self(
            "GUILD_MEMBER_UPDATE", intents: .always(.guildMembers), heardBy: "members",
            "A member was changed, or its account.")
    }
}

extension EventKind where Payload == MemberRemovedEvent {
    static var guildMemberRemove: Self {
        Self(
            "GUILD_MEMBER_REMOVE", intents: .always(.guildMembers), heardBy: "members",
            "Somebody left or was put out.")
    }
}
