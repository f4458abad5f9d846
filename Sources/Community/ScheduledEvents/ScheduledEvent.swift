import Files
import Kernel
import People

/// Something that takes place at a time that everybody can know beforehand (contract: REST, Scheduled events).
package struct ScheduledEvent: Sendable {
    package enum Kind: String, CaseIterable, Sendable {
        case text, voice, external
    }

    package enum Status: String, CaseIterable, Sendable {
        case scheduled, active, completed, cancelled

        var isOpen: Bool { self == .scheduled || self == .active }
    }

    let id: ScheduledEventID
    let server: ServerID
    let creator: UserID
    var name: String
    var description: String?
    var place: EventPlace
    var startsAt: Timestamp
    var endsAt: Timestamp?
    /// Of the IANA's.
    var timezone: String
    var status: Status
    var image: BlobID?
    var recurrence: Recurrence?
    /// The key of the occurrence that goes on, or is next; nil once there is none.
    var occurrence: Timestamp?
    /// When that one begins.
    var nextStartsAt: Timestamp?
    /// When its status changes by itself.
    var dueAt: Timestamp?
    /// Of that occurrence, as the number of those who are going.
    var interestedCount = 0
    var goingCount = 0
    let createdAt: Timestamp
    /// The reader's own answer; nil in events.
    var me: Answer?

    /// Without what was changed of single occurrences. What takes place once does so at its moment, by whatever clock.
    var plainSchedule: Schedule {
        Schedule(
            startsAt: startsAt, endsAt: endsAt, timezone: recurrence == nil ? "UTC" : timezone, rule: recurrence)
    }

    var imageURL: String? { PictureLinks.event(id, image) }
}

/// Where an event takes place.
package enum EventPlace: Sendable, Equatable {
    case text(ChannelID)
    case voice(ChannelID)
    /// Outside of the server, in words.
    case elsewhere(String)

    var kind: ScheduledEvent.Kind {
        switch self {
        case .text: .text
        case .voice: .voice
        case .elsewhere: .external
        }
    }

    var channel: ChannelID? {
        switch self {
        case .text(let channel), .voice(let channel): channel
        case .elsewhere: nil
        }
    }

    var location: String? { if case .elsewhere(let location) = self { location } else { nil } }
}

/// What somebody says of an event.
package struct Answer: Sendable, Equatable {
    package enum Status: String, CaseIterable, Sendable {
        case interested, going
        case notGoing = "not_going"
    }

    static let largestReminder_min = 10_080

    let status: Status
    /// How long before the beginning they are reminded, in minutes.
    let reminders_min: [Int]
}

extension Answer: JSONObjectEncodable {
    package static let shape = JSONShape<Answer>(
        "EventAnswer", .field("status", \.status.rawValue), .field("remind_minutes_before", \.reminders_min))
}

extension ScheduledEvent: JSONObjectEncodable {
    package static let shape = JSONShape<ScheduledEvent>(
        "ScheduledEvent",
        .field("id", \.id),
        .field("server_id", \.server),
        .field("creator_id", \.creator),
        .field("name", \.name),
        .field("description", \.description),
        .field("entity_type", \.place.kind.rawValue),
        .field("channel_id", \.place.channel),
        .field("location", \.place.location),
        .field("starts_at", \.startsAt),
        .field("ends_at", \.endsAt),
        .field("timezone", \.timezone),
        .field("status", \.status.rawValue),
        .field("image_url", \.imageURL),
        .field("recurrence", \.recurrence),
        .field("next_starts_at", \.nextStartsAt),
        .field("interested_count", \.interestedCount),
        .field("going_count", \.goingCount),
        .field("me", \.me),
        .field("created_at", \.createdAt))
}

/// Somebody who has answered.
struct Attendee: JSONObjectEncodable {
    let face: UserFace
    let status: Answer.Status

    init(_ face: UserFace, _ status: Answer.Status) {
        self.face = face
        self.status = status
    }

    static let shape = JSONShape<Attendee>(
        "Attendee",
        .field("user_id", \.face.id),
        .field("username", \.face.username),
        .field("display_name", \.face.displayName),
        .field("avatar_url", \.face.avatarURL),
        .field("status", \.status.rawValue))
}

/// GUILD_SCHEDULED_EVENT_DELETE.
struct ScheduledEventDeletedEvent: JSONObjectEncodable {
    let id: ScheduledEventID
    let server: ServerID

    static let shape = JSONShape<ScheduledEventDeletedEvent>(
        "ScheduledEventDeletedEvent", .field("id", \.id), .field("server_id", \.server))
}

/// GUILD_SCHEDULED_EVENT_USER_ADD and _USER_REMOVE.
struct AnswerEvent: JSONObjectEncodable {
    let event: ScheduledEventID
    let server: ServerID
    let user: UserID
    let status: Answer.Status

    static let shape = JSONShape<AnswerEvent>(
        "EventAnswerEvent",
        .field("event_id", \.event),
        .field("server_id", \.server),
        .field("user_id", \.user),
        .field("status", \.status.rawValue))
}
