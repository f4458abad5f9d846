import Community
import Database
import Features
import Kernel

extension NotificationMails: Feature {
    package static let module: Module? = .emailNotifications

    package static let migrations: [Migration] = [
        Migration(44, "mails of what was missed") { dialect in
            [
                """
                CREATE TABLE notification_mails (
                    user_id \(sql: dialect.primaryKey),
                    due_at BIGINT,
                    planned_at BIGINT,
                    covered_at BIGINT NOT NULL,
                    sent_at BIGINT,
                    attempts BIGINT NOT NULL,
                    token TEXT NOT NULL UNIQUE)
                """,
                "CREATE INDEX notification_mails_due ON notification_mails (due_at) WHERE due_at IS NOT NULL",
            ]
        }
    ]

    package static let tables: [Table] = [
        Table(
            "notification_mails",
            [
                .id("user_id"), .time("due_at"), .time("planned_at"), .time("covered_at"), .time("sent_at"),
                .number("attempts"), .withheld("token"), .number("taken_until"), .withheld("undo"),
            ], key: ["user_id"], exports: [.rows("notification_mails.json", of: ["user_id"])],
            erasure: [.deleted(of: ["user_id"])])
    ]

    package static func isNotified(
        _ user: UserID, of notification: NotificationID, _ parts: Parts, _ tx: Transaction
    ) throws {
        guard isOn(parts), let kind = try Notifications.unread(notification, of: user, tx)?.kind,
            [.mention, .reply].contains(kind)
        else { return }
        try somethingHappens(to: user, parts, tx)
    }

    package static func notificationWishesChange(_ user: UserID, _ parts: Parts, _ tx: Transaction) throws {
        if isOn(parts) { try wishesChange(of: user, parts, tx) }
    }
}
