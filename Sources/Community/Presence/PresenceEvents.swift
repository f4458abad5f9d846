import Events

extension Presences {
    package static let events: [EventDeclaration] = [.init(.presenceUpdate)]
}

extension TransientEventKind where Payload == Presence {
    static var presenceUpdate: Self {
        Self(
            "PRESENCE_UPDATE", intents: .always(.guildPresences), heardBy: "friends, small servers, who asked, oneself",
            "Somebody came, went or wants to be shown otherwise.")
    }

    /// How one is shown, whatever one's devices asked for.
    static var ownPresenceUpdate: Self { presenceUpdate.toOwnDevices }
}
