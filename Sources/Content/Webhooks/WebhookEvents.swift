import Events

extension Webhooks {
    package static let events: [EventDeclaration] = [.init(.webhooksUpdate)]
}

extension EventKind where Payload == WebhooksEvent {
    static var webhooksUpdate: Self {
        Self(
            "WEBHOOKS_UPDATE", intents: .always(.guildWebhooks), heardBy: "who sees the channel",
            "A channel's webhooks were changed.")
    }
}
