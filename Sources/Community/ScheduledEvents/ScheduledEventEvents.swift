import Events

extension ScheduledEvents {
    package static let events: [EventDeclaration] = [
        .init(.guildScheduledEventCreate), .init(.guildScheduledEventUpdate), .init(.guildScheduledEventDelete),
        .init(.guildScheduledEventUserAdd), .init(.guildScheduledEventUserRemove),
    ]

    fileprivate static let audience = "members with events.view who see its channel, if it has one"
}

extension EventKind where Payload == ScheduledEvent {
    static var guildScheduledEventCreate: Self {
        Self(
            "GUILD_SCHEDULED_EVENT_CREATE", intents: .always(.scheduledEvents), heardBy: ScheduledEvents.audience,
            "An event was planned.")
    }

    static var guildScheduledEventUpdate: Self {
        Self(
            "GUILD_SCHEDULED_EVENT_UPDATE", intents: .always(.scheduledEvents), heardBy: ScheduledEvents.audience,
            "An event was changed, begins, ends or is cancelled, or can be seen from now on.")
    }
}

extension EventKind where Payload == ScheduledEventDeletedEvent {
    static var guildScheduledEventDelete: Self {
        Self(
            .guildScheduledEventDelete, intents: .always(.scheduledEvents), heardBy: "who saw it",
            "An event is gone, or at least for the one who is told.")
    }
}

extension EventKind where Payload == AnswerEvent {
    static var guildScheduledEventUserAdd: Self {
        Self(
            "GUILD_SCHEDULED_EVENT_USER_ADD", intents: .always(.scheduledEvents), heardBy: ScheduledEvents.audience,
            "Somebody answered, as far as the occurrence is concerned that goes on or is next.")
    }

    static var guildScheduledEventUserRemove: Self {
        Self(
            "GUILD_SCHEDULED_EVENT_USER_REMOVE", intents: .always(.scheduledEvents), heardBy: ScheduledEvents.audience,
            "Somebody's answer counts no more; another one may follow at once.")
    }
}
