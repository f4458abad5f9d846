import Database
import Features
import Files
import Kernel

extension AuditAction {
    static let eventCreate = AuditAction("event.create")
    static let eventUpdate = AuditAction("event.update")
    static let eventDelete = AuditAction("event.delete")
}

extension RateLimitBucket {
    /// Answers to events.
    static let rsvp = RateLimitBucket("rsvp", Rate(10, per: .seconds(10)))
    /// Planning and changing events, of which everybody is told.
    static let eventChange = RateLimitBucket("event_change", Rate(30, per: .seconds(60), burst: 10))
}

extension ScheduledEvents: Feature {
    package static let module: Module? = .scheduledEvents
    package static let caps: [Cap] = [cap, pastCap, changedCap, Answers.cap]
    package static let rateLimitBuckets: [RateLimitBucket] = [.rsvp, .eventChange]
    package static let permissions: [Permission] = [.eventsView, .eventsCreate, .eventsManage]
    package static let auditActions: [AuditAction] = [.eventCreate, .eventUpdate, .eventDelete]

    package static let migrations: [Migration] = [
        Migration(40, "scheduled events") { dialect in
            [
                """
                CREATE TABLE scheduled_events (
                    id \(sql: dialect.primaryKey),
                    server_id BIGINT NOT NULL,
                    creator_id BIGINT NOT NULL,
                    name TEXT NOT NULL,
                    description TEXT,
                    entity_type TEXT NOT NULL,
                    channel_id BIGINT,
                    location TEXT,
                    starts_at BIGINT NOT NULL,
                    ends_at BIGINT,
                    timezone TEXT NOT NULL,
                    status TEXT NOT NULL,
                    image_id BIGINT,
                    recurrence TEXT,
                    occurrence BIGINT,
                    next_starts_at BIGINT,
                    due_at BIGINT,
                    interested_count BIGINT NOT NULL,
                    going_count BIGINT NOT NULL,
                    created_at BIGINT NOT NULL)
                """,
                "CREATE INDEX scheduled_events_by_server ON scheduled_events (server_id, id)",
                """
                CREATE INDEX scheduled_events_open ON scheduled_events (server_id, id) WHERE occurrence IS NOT NULL
                """,
                """
                CREATE INDEX scheduled_events_by_channel ON scheduled_events (channel_id) WHERE channel_id IS NOT NULL
                """,
                "CREATE INDEX scheduled_events_due ON scheduled_events (due_at) WHERE due_at IS NOT NULL",
                "CREATE INDEX scheduled_events_by_creator ON scheduled_events (creator_id, id)",
                "CREATE INDEX scheduled_events_by_image ON scheduled_events (image_id) WHERE image_id IS NOT NULL",
                """
                CREATE TABLE event_occurrences (
                    event_id BIGINT NOT NULL,
                    server_id BIGINT NOT NULL,
                    occurrence BIGINT NOT NULL,
                    is_cancelled BOOLEAN NOT NULL,
                    starts_at BIGINT,
                    ends_at BIGINT,
                    PRIMARY KEY (event_id, occurrence))
                """,
                "CREATE INDEX event_occurrences_by_server ON event_occurrences (server_id)",
                """
                CREATE TABLE event_answers (
                    event_id BIGINT NOT NULL,
                    server_id BIGINT NOT NULL,
                    user_id BIGINT NOT NULL,
                    occurrence BIGINT NOT NULL,
                    status TEXT NOT NULL,
                    reminders TEXT NOT NULL,
                    created_at BIGINT NOT NULL,
                    PRIMARY KEY (event_id, user_id, occurrence))
                """,
                "CREATE INDEX event_answers_by_user ON event_answers (user_id, event_id, occurrence)",
                "CREATE INDEX event_answers_by_server ON event_answers (server_id, user_id)",
                """
                CREATE TABLE event_notices (
                    id \(sql: dialect.primaryKey),
                    event_id BIGINT NOT NULL,
                    server_id BIGINT NOT NULL,
                    kind TEXT NOT NULL,
                    minutes BIGINT NOT NULL,
                    occurrence BIGINT NOT NULL,
                    due_at BIGINT NOT NULL,
                    told_user_id BIGINT NOT NULL,
                    except_user_id BIGINT)
                """,
                "CREATE INDEX event_notices_by_event ON event_notices (event_id, kind)",
                "CREATE INDEX event_notices_by_server ON event_notices (server_id)",
                "CREATE INDEX event_notices_due ON event_notices (due_at)",
            ]
        }
    ]

    package static let tables: [Table] = [
        Table(
            "scheduled_events",
            [
                .id("id"), .id("server_id"), .id("creator_id"), .text("name"), .text("description"),
                .text("entity_type"), .id("channel_id"), .text("location"), .time("starts_at"), .time("ends_at"),
                .text("timezone"), .text("status"), .file("image_id"), .json("recurrence"), .withheld("occurrence"),
                .time("next_starts_at"), .withheld("due_at"), .number("interested_count"), .number("going_count"),
                .time("created_at"),
            ], exports: [.rows("planned_events.json", of: ["creator_id"])],
            erasure: [.kept("others have planned to come; who has planned it has no name any more")],
            endings: [.byHand(with: .channel), .byHand(with: .server)]),
        Table(
            "event_occurrences",
            [
                .id("event_id"), .id("server_id"), .time("occurrence"), .flag("is_cancelled"), .time("starts_at"),
                .time("ends_at"),
            ], key: ["event_id", "occurrence"],
            exports: [
                .rowsBelonging(
                    "changed_occurrences.json",
                    to: "event_id IN (SELECT id FROM scheduled_events WHERE creator_id = $1)")
            ],
            erasure: [.kept("as the events")], endings: [.deleted(with: .server, by: "server_id")]),
        Table(
            "event_answers",
            [
                .id("event_id"), .id("server_id"), .id("user_id"), .time("occurrence"), .text("status"),
                .text("reminders"), .time("created_at"),
            ], key: ["event_id", "user_id", "occurrence"],
            exports: [.rows("event_answers.json", of: ["user_id"])],
            erasure: [.byHand("they are counted no more, of which others are told"), .deleted(of: ["user_id"])],
            endings: [.deleted(with: .server, by: "server_id")]),
        Table(
            "event_notices",
            [
                .id("id"), .id("event_id"), .id("server_id"), .text("kind"), .number("minutes"), .time("occurrence"),
                .time("due_at"), .withheld("told_user_id"), .withheld("except_user_id"),
            ],
            exports: [.withheld("how far the server has come with telling people, until they are told")],
            erasure: [.kept("ids of those who were told last, until all are")],
            endings: [.deleted(with: .server, by: "server_id")]),
    ]

    package var dueWork: [BackgroundStep] {
        [
            BackgroundStep(repeated: "events that begin and end", advanceDue),
            BackgroundStep(repeated: "notices of events", tellDue),
        ]
    }

    package static func serverDisappears(_ server: ServerID, _ tx: Transaction) throws {
        try ScheduledEventStore.quieten(server, tx)
    }

    package static func serverEnds(_ server: ServerID, _ tx: Transaction) throws {
        for event in try ScheduledEventStore.events(of: server, tx) {
            try ScheduledEventStore.delete(event.id, tx)
            try Blobs.release(event.image, tx)
        }
    }

    package static func memberLeaves(_ user: UserID, _ server: ServerID, _ tx: Transaction) throws {
        for event in try AnswerStore.events(answeredBy: user, in: server, tx) {
            try Answers.removeAll(of: user, from: event, tx)
        }
    }
}
