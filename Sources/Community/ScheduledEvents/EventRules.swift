import Kernel

/// What events may be: pure checks.
enum EventRules {
    private static let furthest = Duration.seconds(5 * 366 * 86_400)
    private static let longest = Duration.seconds(366 * 86_400)

    static let neverTakesPlace = APIError.invalidInput("recurrence", "has no occurrence that is still ahead")

    /// - Throws: `.invalidInput` for a beginning that is past, or too far off.
    static func requireAhead(_ moment: Timestamp, named name: String, _ now: Timestamp) throws(APIError) {
        guard moment > now, moment <= now + furthest else {
            throw .invalidInput(name, "must be in the future, and at most five years ahead")
        }
    }

    /// - Throws: `.invalidInput` for an end that is not after the beginning, or a year later.
    static func requireEnd(_ end: Timestamp?, after start: Timestamp) throws(APIError) {
        guard let end else { return }
        guard end > start, end <= start + longest else {
            throw .invalidInput("ends_at", "must be after starts_at, and at most a year later")
        }
    }

    /// Where an event takes place, from what was said of it. What was not said follows from the rest.
    static func place(
        _ kind: ScheduledEvent.Kind?, _ channel: ChannelID?, _ location: String?
    ) throws(APIError) -> EventPlace {
        switch (kind ?? (channel == nil ? .external : .text), channel, location) {
        case (.text, let channel?, nil): return .text(channel)
        case (.voice, let channel?, nil): return .voice(channel)
        case (.external, nil, let location?): return .elsewhere(location)
        case (.external, .some, _): throw .invalidInput("channel_id", "is for events in a channel")
        case (.external, nil, nil): throw .invalidInput("location", "is required for an event that is external")
        case (_, nil, _): throw .invalidInput("channel_id", "is required for an event in a channel")
        case (_, .some, .some): throw .invalidInput("location", "is for events that are external")
        }
    }

    /// An event that begins with its first occurrence.
    /// - Throws: `.invalidInput` for a rule that has none, and for an end that does not fit.
    static func begun(_ event: ScheduledEvent) throws(APIError) -> ScheduledEvent {
        var event = event
        try requireEnd(event.endsAt, after: event.startsAt)
        guard event.recurrence != nil else { return event }
        var keys = event.plainSchedule.keys(from: event.startsAt)
        guard let first = keys.next() else { throw neverTakesPlace }
        event.endsAt = event.plainSchedule.length.map { first + $0 }
        event.startsAt = first
        return event
    }

    /// - Throws: `.invalidInput` for what does not go together.
    static func changed(
        _ event: ScheduledEvent, _ change: ScheduledEvents.Change
    ) throws(APIError) -> ScheduledEvent {
        var event = event
        event.name = change.name ?? event.name
        event.description = change.description.applied(to: event.description)
        event.place = try place(of: event, change)
        event.startsAt = change.startsAt ?? event.startsAt
        event.endsAt = change.endsAt.applied(to: event.endsAt)
        event.timezone = change.timezone ?? event.timezone
        event.recurrence = change.recurrence.applied(to: event.recurrence)
        if case .elsewhere = event.place, event.endsAt == nil {
            throw .invalidInput("ends_at", "is required for an event that is external")
        }
        try requireEnd(event.endsAt, after: event.startsAt)
        switch change.image {
        case .unchanged: break
        case .cleared: event.image = nil
        // A picture is always an upload of one's own: an address elsewhere would tell it who looks.
        case .set(let url) where url == event.imageURL: break
        case .set: throw .invalidInput("image_url", "must be null, or the address that the server gave")
        }
        return event
    }

    /// Who says that it is another kind of event need not take back the channel or the location of the old one.
    private static func place(
        of event: ScheduledEvent, _ change: ScheduledEvents.Change
    ) throws(APIError) -> EventPlace {
        let kind = change.kind ?? event.place.kind
        let isElsewhere = kind == .external
        let wasElsewhere = event.place.kind == .external
        let oldChannel = isElsewhere ? nil : event.place.channel
        let oldLocation = isElsewhere || !wasElsewhere ? event.place.location : nil
        return try place(kind, change.channel.applied(to: oldChannel), change.location.applied(to: oldLocation))
    }
}
