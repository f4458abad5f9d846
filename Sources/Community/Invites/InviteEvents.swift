import Events

extension Invites {
    package static let events: [EventDeclaration] = [.init(.inviteCreate), .init(.inviteDelete)]
}

extension EventKind where Payload == Invite {
    static var inviteCreate: Self {
        Self(
            "INVITE_CREATE", intents: .always(.guildInvites), heardBy: "who may manage the server",
            "An invite was made.")
    }
}

extension EventKind where Payload == InviteDeletedEvent {
    static var inviteDelete: Self {
        Self(
            "INVITE_DELETE", intents: .always(.guildInvites), heardBy: "who may manage the server",
            "An invite was deleted, or is used up.")
    }
}
