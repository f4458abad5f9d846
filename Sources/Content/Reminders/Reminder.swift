import Kernel

enum ReminderKind: IdentifierKind {
    static var invalidIdentifier: APIError { .invalidID("reminder") }
}

typealias ReminderID = Identifier<ReminderKind>

/// What somebody wants to be told later: a message, words of their own, or both (contract: REST, Reminders).
struct Reminder: Sendable, Equatable {
    let id: ReminderID
    let owner: UserID
    let channel: ChannelID?
    let message: MessageID?
    var note: String?
    var remindAt: Timestamp
    let createdAt: Timestamp
}

extension Reminder: JSONObjectEncodable {
    static let shape = JSONShape<Reminder>(
        "Reminder",
        .field("id", \.id),
        .field("channel_id", \.channel),
        .field("message_id", \.message),
        .field("note", \.note),
        .field("remind_at", \.remindAt),
        .field("created_at", \.createdAt))
}

/// REMINDER_DELETE.
struct ReminderDeletedEvent: JSONObjectEncodable {
    let id: ReminderID

    static let shape = JSONShape<ReminderDeletedEvent>("ReminderDeletedEvent", .field("id", \.id))
}
