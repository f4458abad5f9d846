import Content
import Database
import Events
import Features
import Kernel

/// What the parts below the features store: the log of events, the numbers of the workers, the schema itself.
struct LowerParts: Feature {
    let parts: Parts

    static let tables: [Table] = [
        Table(
            "events",
            [
                .withheld("position"), .withheld("created_at"), .withheld("kind"), .withheld("intent"),
                .withheld("audiences"), .withheld("payload"), .withheld("place_id"), .withheld("required_rights"),
                .withheld("channel_id"),
                .withheld("thing_id"), .withheld("quoted_id"),
            ], key: [], exports: [.withheld("copies of what stands elsewhere, for a day")],
            erasure: [.kept("forgotten after a day")],
            endings: [.byHand(with: .channel)]),
        Table(
            "event_audiences", [.withheld("audience_id"), .withheld("position")], key: [],
            exports: [.withheld("copies of what stands elsewhere, for a day")],
            erasure: [.kept("forgotten after a day")]),
        Table(
            "event_crowds", [.withheld("position"), .withheld("audience_id")], key: [],
            exports: [.withheld("copies of what stands elsewhere, for a day")],
            erasure: [.kept("forgotten after a day")]),
        Table(
            "outbox",
            [
                .withheld("id"), .withheld("created_at"), .withheld("kind"), .withheld("intent"),
                .withheld("audiences"), .withheld("payload"), .withheld("place_id"), .withheld("required_rights"),
                .withheld("channel_id"),
                .withheld("thing_id"), .withheld("quoted_id"),
            ], key: ["id"], exports: [.withheld("on its way to the events, for a moment")],
            erasure: [.kept("on its way to the events, for a moment")],
            endings: [.byHand(with: .channel)]),
        .impersonal("leadership", "id term"),
        .impersonal("forgotten_things", "thing_id"),
        .impersonal("event_log_state", "id newest_position pruned_through epoch epoch_began_at database_identity"),
        .impersonal("workers", "number holder expires_at store report"),
        .impersonal("schema_migrations", "number name applied_at"),
    ]

    var upkeep: [BackgroundStep] {
        [
            BackgroundStep(repeated: "event log", { try await parts.log.prune(on: parts.database) }),
            BackgroundStep(
                repeated: "deleted texts in the event log",
                {
                    try await parts.log.forgetGone(on: parts.database, withoutQuotation: Message.withoutQuotation)
                }),
        ]
    }
}
