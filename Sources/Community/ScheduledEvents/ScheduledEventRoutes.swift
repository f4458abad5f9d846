import Crypto
import Features
import Files
import HTTPTypes
import Kernel
import WebAPI

extension ScheduledEvents {
    static let path = "/servers/{server_id}/events"
    static let one = "\(path)/{event_id}"
    static let seeing: [ErrorKind] = Servers.access + [.resourceNotFound, .permissionDenied, .invalidInput]
    private static let managing = seeing + [.channelNotFound, .alreadyHandled]

    private static let name = NameRules.name(1...100)
    private static let description = NameRules.text(0...1000)
    private static let location = NameRules.line(100)

    /// Nothing is as good as white space.
    private static func visible(_ text: String?) -> String? { text.flatMap { NameRules.isVisible($0) ? $0 : nil } }

    private static func visible(_ change: Kernel.Change<String>) -> Kernel.Change<String> {
        if case .set(let text) = change, visible(text) == nil { return .cleared }
        return change
    }

    private static let draftInput = JSONInput(
        "ScheduledEventDraft",
        .required("name", name), .optional("description", description),
        .optional("entity_type", .oneOf(ScheduledEvent.Kind.self)), .optional("channel_id", .id(ChannelID.self)),
        .optional("location", location), .required("starts_at", .timestamp), .optional("ends_at", .timestamp),
        .optional("timezone", ProfileRules.timezone, default: "UTC"),
        .optional("recurrence", .object(Recurrence.input)), .optional("image_url", .string(0...300)),
        make: {
            (name, description, kind, channel, location, start, end, zone, recurrence, image) throws(APIError) in
            guard image == nil else {
                throw .invalidInput("image_url", "must be null: a picture is uploaded once there is an event")
            }
            let place = try EventRules.place(kind, channel, visible(location))
            if case .elsewhere = place, end == nil {
                throw .invalidInput("ends_at", "is required for an event that is external")
            }
            return Draft(
                name: name, description: visible(description), place: place, startsAt: start, endsAt: end,
                timezone: zone, recurrence: recurrence)
        })

    private static let changeInput = JSONInput(
        "ScheduledEventChange",
        .replacement("name", name), .change("description", description),
        .replacement("entity_type", .oneOf(ScheduledEvent.Kind.self)), .change("channel_id", .id(ChannelID.self)),
        .change("location", location), .replacement("starts_at", .timestamp), .change("ends_at", .timestamp),
        .replacement("timezone", ProfileRules.timezone), .replacement("status", .oneOf(ScheduledEvent.Status.self)),
        .change("image_url", .string(0...300)), .change("recurrence", .object(Recurrence.input)),
        make: {
            (name, description, kind, channel, location, start, end, zone, status, image, recurrence)
                throws(APIError) in
            Change(
                name: name, description: visible(description), kind: kind, channel: channel,
                location: visible(location), startsAt: start, endsAt: end, timezone: zone, status: status,
                image: image, recurrence: recurrence)
        })

    private static let pageInput = JSONInput(
        "ScheduledEventPage",
        .optional("status", .oneOf(ScheduledEvent.Status.self)), .optional("from", .timestamp),
        .optional("to", .timestamp), .optional("limit", .integer(1...100), default: 100),
        .optional("before", .id(ScheduledEventID.self)),
        make: { (status, from, to, limit, before) throws(APIError) in
            if let from, let to, from > to { throw .invalidInput("to", "must not be before from") }
            return Page(status: status, from: from, to: to, limit: limit, before: before)
        })

    private static let occurrencesInput = JSONInput(
        "EventOccurrencePage", .optional("from", .timestamp), .optional("limit", .integer(1...100), default: 25),
        make: { (from, limit) throws(APIError) in (from: from, limit: limit) })

    private static let occurrenceInput = JSONInput(
        "EventOccurrenceChange",
        .optional("cancelled", .bool, default: false), .optional("starts_at", .timestamp),
        .optional("ends_at", .timestamp),
        make: { (isCancelled, start, end) throws(APIError) in
            OccurrenceDraft(isCancelled: isCancelled, startsAt: start, endsAt: end)
        })

    package var routes: [Route] { planning + answering }

    private var planning: [Route] {
        [
            .authenticated(
                .get, Self.path, "List a server's events, the newest first", takes: .query(Self.pageInput),
                returns: [ScheduledEvent].self, errors: Servers.access + [.permissionDenied]
            ) { caller, call in .ok(try await list(try call.id("server_id"), call.query, for: caller)) },
            .authenticated(
                .post, Self.path, "Plan an event", takes: .body(Self.draftInput), returns: ScheduledEvent.self,
                statuses: [.created], errors: Servers.access + [.permissionDenied, .channelNotFound]
            ) { caller, call in .created(try await create(call.body, in: try call.id("server_id"), by: caller)) }
            .limited(by: .eventChange),
            .authenticated(
                .get, Self.one, "Read an event", takes: .nothing, returns: ScheduledEvent.self, errors: Self.seeing
            ) { caller, call in
                .ok(try await read(try call.id("event_id"), in: try call.id("server_id"), for: caller))
            },
            .authenticated(
                .patch, Self.one, "Change an event, begin it, end it or call it off", takes: .body(Self.changeInput),
                returns: ScheduledEvent.self, errors: Self.managing
            ) { caller, call in
                .ok(try await change(try call.id("event_id"), in: try call.id("server_id"), call.body, by: caller))
            }
            .limited(by: .eventChange),
            .authenticated(
                .delete, Self.one, "Delete an event", takes: .nothing, returns: Success.self, errors: Self.seeing
            ) { caller, call in
                try await delete(try call.id("event_id"), in: try call.id("server_id"), by: caller)
                return .success
            },
            .authenticated(
                .get, "\(Self.one)/occurrences", "List the occurrences of an event that are not over",
                takes: .query(Self.occurrencesInput), returns: [Occurrence].self, errors: Self.seeing
            ) { caller, call in
                .ok(
                    try await occurrences(
                        try call.id("event_id"), in: try call.id("server_id"), from: call.query.from,
                        limit: call.query.limit, for: caller))
            },
            .authenticated(
                .put, "\(Self.one)/occurrences/{starts_at}", "Change one occurrence of an event, or call it off",
                takes: .body(Self.occurrenceInput), returns: Occurrence.self, errors: Self.managing
            ) { caller, call in
                let moment = try JSONReader.timestamp.value(
                    of: Int64(call.text("starts_at")).map { .integer($0) } ?? .null, named: "starts_at")
                return .ok(
                    try await change(
                        moment, of: try call.id("event_id"), in: try call.id("server_id"), call.body, by: caller))
            }
            .limited(by: .eventChange),
        ]
    }

    // MARK: Taking part

    private static let minutes = JSONReader<[Int]>.array(of: .integer(0...Answer.largestReminder_min), count: 0...3)

    private static let answerInput = JSONInput(
        "EventAnswerDraft",
        .required("status", .oneOf(Answer.Status.self)), .optional("occurrence", .timestamp),
        .optional("remind_minutes_before", minutes, default: [15]),
        make: { (status, occurrence, reminders) throws(APIError) in
            Answers.Draft(status: status, occurrence: occurrence, reminders_min: Set(reminders).sorted())
        })

    private static let occurrenceQuery = JSONInput(
        "EventAnswerOccurrence", .optional("occurrence", .timestamp),
        make: { (occurrence) throws(APIError) in occurrence })

    private static let attendeesInput = JSONInput(
        "AttendeePage",
        .optional("status", .oneOf(Answer.Status.self)), .optional("occurrence", .timestamp),
        .optional("limit", .integer(1...1000), default: 100), .optional("after", .id(UserID.self)),
        make: { (status, occurrence, limit, after) throws(APIError) in
            Answers.Page(status: status, occurrence: occurrence, limit: limit, after: after)
        })

    private var answering: [Route] {
        [
            .authenticated(
                .get, "/users/@me/events", "List the events that one takes part in, the next first", takes: .nothing,
                returns: [ScheduledEvent].self
            ) { caller, _ in .ok(try await list(of: caller)) }
            .forPeople,
            .authenticated(
                .put, "\(Self.one)/rsvp", "Say whether one comes to an event", takes: .body(Self.answerInput),
                returns: ScheduledEvent.self, errors: Self.seeing + [.alreadyHandled]
            ) { caller, call in
                .ok(try await answer(try call.id("event_id"), in: try call.id("server_id"), call.body, by: caller))
            }
            .limited(by: .rsvp).forPeople,
            .authenticated(
                .delete, "\(Self.one)/rsvp", "Take back what one has said of an event",
                takes: .query(Self.occurrenceQuery), returns: Success.self, errors: Self.seeing
            ) { caller, call in
                try await takeBack(
                    try call.id("event_id"), in: try call.id("server_id"), call.query, by: caller)
                return .success
            }
            .limited(by: .rsvp).forPeople,
            .authenticated(
                .get, "\(Self.one)/attendees", "List who comes to an event", takes: .query(Self.attendeesInput),
                returns: [Attendee].self, errors: Self.seeing
            ) { caller, call in
                .ok(
                    try await attendees(
                        try call.id("event_id"), in: try call.id("server_id"), call.query, for: caller))
            },
            .download(
                "\(Self.one)/calendar.ics", "An event for a calendar (RFC 5545)", takes: .none,
                contentTypes: ["text/calendar; charset=utf-8"], errors: Self.seeing
            ) { caller, call in
                let id: ScheduledEventID = try call.id("event_id")
                let bytes = Array(try await calendar(id, in: try call.id("server_id"), for: caller).utf8)
                let tag = Base64URL.encode(Array(SHA256.hash(data: bytes).prefix(12)))
                return .file(
                    ServedFile(
                        contentType: "text/calendar; charset=utf-8", bytes: bytes, tag: tag,
                        filename: "event-\(id).ics", caching: .nobody))
            },
        ]
    }
}

extension EventPictures: Feature {
    package static let module: Module? = .scheduledEvents
    private static let cacheTime_s = 86_400

    private static let sizeInput = JSONInput(
        "EventPictureSize",
        .optional(
            "size",
            JSONReader.integer(1...4096).checked("must be 600 or 1200") { [600, 1200].contains($0) ? $0 : nil },
            default: 1200),
        .required("v", .string(1...64)),
        make: { (width, version) throws(APIError) in (width: width, version: version) })

    package var routes: [Route] {
        [
            .form(
                "\(ScheduledEvents.one)/image", "Set the picture of an event", file: "image",
                returns: SetPicture.self,
                errors: ScheduledEvents.seeing + [.alreadyHandled, .moduleNotAvailable, .serviceUnavailable]
            ) { caller, call in
                let (id, server): (ScheduledEventID, ServerID) = (try call.id("event_id"), try call.id("server_id"))
                try await require(id, in: server, by: caller)
                let form = try await call.body.picture(in: blobs, limit_bytes: Self.maximum_bytes)
                return .ok(try await set(form.file, of: id, in: server, by: caller))
            }
            .limited(by: .upload),
            .authenticated(
                .delete, "\(ScheduledEvents.one)/image", "Remove the picture of an event", takes: .nothing,
                returns: Success.self, errors: ScheduledEvents.seeing + [.alreadyHandled]
            ) { caller, call in
                try await remove(of: try call.id("event_id"), in: try call.id("server_id"), by: caller)
                return .success
            },
            .file(
                "/media/events/{event_id}", "The picture of an event, for who has its address", takes: Self.sizeInput,
                contentTypes: ["image/webp"], errors: [.resourceNotFound]
            ) { _, call in
                let blob = try await picture(
                    of: try call.id("event_id"), version: call.query.version, width: call.query.width)
                return .file(
                    blob.served(by: blobs, filename: nil, caching: .everybody(seconds: Self.cacheTime_s)))
            },
        ]
    }
}
