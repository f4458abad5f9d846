import EventLog
import Gateway

extension Chat {
    /// Everything that clients can hear of, by features.
    public static let events: [EventDeclaration] =
        Live.events + Users.events + UserSettings.events + Sessions.events + Relationships.events
        + Notifications.events + Presences.events + Bookmarks.events + ReadStates.events
        + Servers.events + Members.events + Roles.events + Emojis.events + Bans.events + AuditLog.events
        + Invites.events + Webhooks.events + Channels.events + Pins.events + Threads.events
        + Messages.events + Reactions.events + Polls.events + Typing.events
}
