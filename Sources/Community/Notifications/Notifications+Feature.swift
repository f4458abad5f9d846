import Database
import Features
import Kernel

extension Notifications: Feature {
    package static let migrations: [Migration] = [
        Migration(33, "notes of notifications") { _ in ["ALTER TABLE notifications ADD COLUMN note TEXT"] },
        Migration(41, "notifications of events") { _ in
            [
                "ALTER TABLE notifications ADD COLUMN event_id BIGINT",
                "ALTER TABLE notifications ADD COLUMN event_name TEXT",
                "ALTER TABLE notifications ADD COLUMN event_starts_at BIGINT",
                "ALTER TABLE notifications ADD COLUMN event_status TEXT",
                "CREATE INDEX notifications_by_event ON notifications (event_id) WHERE event_id IS NOT NULL",
            ]
        },
    ]

    package static let tables: [Table] = [
        Table(
            "notification_counts", [.id("owner_id"), .id("user_id"), .number("day"), .number("count")],
            key: ["owner_id", "user_id", "day"],
            exports: [.rows("notification_counts.json", of: ["user_id"])],
            erasure: [.deleted(of: ["owner_id", "user_id"])]),
        Table(
            "notifications",
            [
                .id("id"), .id("owner_id"), .text("kind"), .id("user_id"), .id("server_id"), .id("channel_id"),
                .id("message_id"), .text("invite_code"), .flag("is_read"), .time("created_at"),
                .text("action"), .text("server_name"), .text("reason"), .time("ends_at"), .text("note"),
                .id("event_id"), .text("event_name"), .time("event_starts_at"), .text("event_status"),
            ],
            exports: [
                .rows("notifications.json", of: ["owner_id"]), .withheld("what others were told of is theirs"),
            ],
            erasure: [.byHand("what they have caused is withdrawn"), .deleted(of: ["owner_id", "user_id"])],
            endings: [
                .byHand(with: .message), .byHand(with: .channel),
                .kept(after: .server, "that one was removed from it stays news"),
            ]),
    ]

    package var upkeep: [BackgroundStep] { [BackgroundStep(repeated: "notification counts", forgetCounts)] }

    package static func messagesEnd(_ messages: [MessageID], _ tx: Transaction) throws {
        try withdraw(about: messages, tx)
    }

    package static func channelEnds(_ channel: ChannelID, _ tx: Transaction) throws { try withdraw(from: channel, tx) }

    package static func accountIsTouched(_ user: UserID, _ parts: Parts, _ tx: Transaction) throws {
        try notify(user, .security, parts, tx)
    }

    package static func accountEnds(_ account: UserID, _ parts: Parts, _ tx: Transaction) throws {
        try withdrawAll(from: account, tx)
    }

    package static var caps: [Cap] {
        [
            Cap(
                "notifications", per: .person, maximumPerUser, .oldestGoes,
                "of which one other person causes at most \(maximumPerPair)")
        ]
    }
}
