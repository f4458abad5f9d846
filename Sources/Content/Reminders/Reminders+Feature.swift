import Database
import Features
import Kernel

extension Reminders: Feature {
    package static let module: Module? = .reminders
    package static let caps: [Cap] = [cap]

    package static let migrations: [Migration] = [
        Migration(32, "reminders") { dialect in
            [
                """
                CREATE TABLE reminders (
                    id \(sql: dialect.primaryKey),
                    user_id BIGINT NOT NULL,
                    channel_id BIGINT,
                    message_id BIGINT,
                    note TEXT,
                    remind_at BIGINT NOT NULL,
                    created_at BIGINT NOT NULL)
                """,
                "CREATE INDEX reminders_by_user ON reminders (user_id, remind_at, id)",
                "CREATE INDEX reminders_due ON reminders (remind_at)",
            ]
        }
    ]

    package static let tables: [Table] = [
        Table(
            "reminders",
            [
                .id("id"), .id("user_id"), .id("channel_id"), .id("message_id"), .text("note"), .time("remind_at"),
                .time("created_at"),
            ], exports: [.rows("reminders.json", of: ["user_id"])], erasure: [.deleted(of: ["user_id"])],
            endings: [
                .kept(after: .message, "one is told that there was something, with one's own note"),
                .kept(after: .channel, "as after the message"),
            ])
    ]

    package var dueWork: [BackgroundStep] { [BackgroundStep(repeated: "reminders", remindDue)] }
}
