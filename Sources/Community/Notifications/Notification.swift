import Kernel

/// Something that a user may want to know of (contract: REST, Users).
package struct Notification: Sendable {
    package enum Kind: String, CaseIterable, Sendable {
        case mention
        case reply
        case friendRequest = "friend_request"
        case friendAccepted = "friend_accepted"
        /// To a group, or to a server with a code that was made for the user.
        case invite
        /// Moderators have done something about the user in a server.
        case moderation
        /// Something happened to one's account: the security log says what.
        case security
        /// Somebody has answered what one told the administrators.
        case feedback
        /// What one wanted to be told at this time.
        case reminder
        /// A poll of one's own is over.
        case pollEnded = "poll_ended"
        /// Something that one takes part in begins soon.
        case eventReminder = "event_reminder"
        /// Something that one takes part in takes place at another time, or not at all.
        case eventUpdate = "event_update"
        /// Somebody said a word that one waits for.
        case keyword

        var isOfFriendship: Bool { self == .friendRequest || self == .friendAccepted }

        /// Whether its cause can be taken back and done again without end.
        var canBeUndone: Bool { isOfFriendship || self == .invite }
    }

    /// What moderators have done. Which of them it was is not told.
    struct Measure: Sendable {
        enum Action: String, CaseIterable, Sendable { case timeout, kick, ban }

        let action: Action
        /// Who was put out can't look it up.
        let serverName: String
        /// What they let the user know of their reason.
        var reason: String?
        /// Nil: for ever, or over at once.
        var endsAt: Timestamp?
    }

    /// A planned event, as it was when one was told of it.
    package struct Occasion: Sendable, Equatable {
        let id: ScheduledEventID
        let name: String
        var startsAt: Timestamp
        var status: String
    }

    package let id: NotificationID
    /// Whose it is.
    package let owner: UserID
    package let kind: Kind
    /// Who caused it; the owner where that is not told.
    package let user: UserID
    package let username: String
    package let server: ServerID?
    package let channel: ChannelID?
    package let message: MessageID?
    let inviteCode: String?
    /// Of `.moderation`, and of nothing else.
    let measure: Measure?
    /// The owner's own words, of `.reminder`, or the one that they wait for, of `.keyword`.
    package var note: String?
    /// Of `.eventReminder` and `.eventUpdate`.
    var occasion: Occasion?
    var isRead: Bool
    package let createdAt: Timestamp

    /// Of the server in which moderators have done something.
    package var serverName: String? { measure?.serverName }
}

extension Notification: JSONObjectEncodable {
    package static let shape = JSONShape<Notification>(
        "Notification",
        .field("id", \.id),
        .field("type", \.kind.rawValue),
        .field("user_id", \.user),
        .field("username", \.username),
        .field("server_id", \.server),
        .field("channel_id", \.channel),
        .field("message_id", \.message),
        .field("invite_code", \.inviteCode),
        .field("action", \.measure?.action.rawValue),
        .field("server_name", \.measure?.serverName),
        .field("reason", \.measure?.reason),
        .field("ends_at", \.measure?.endsAt),
        .field("note") { $0.kind == .keyword ? nil : $0.note },
        .field("keyword") { $0.kind == .keyword ? $0.note : nil },
        .field("event", \.occasion),
        .field("read", \.isRead),
        .field("created_at", \.createdAt))
}

extension Notification.Occasion: JSONObjectEncodable {
    package static let shape = JSONShape<Notification.Occasion>(
        "NotificationEvent",
        .field("id", \.id),
        .field("name", \.name),
        .field("starts_at", \.startsAt),
        .field("status", \.status))
}

/// NOTIFICATION_DELETE.
struct NotificationDeletedEvent: JSONObjectEncodable {
    let id: NotificationID

    static let shape = JSONShape<NotificationDeletedEvent>("NotificationDeletedEvent", .field("id", \.id))
}
