import Database
import Features
import Kernel

extension Setting {
    package static let pushHosts = Setting(
        "push.allowed_hosts", .text, default: "",
        "The only hosts of push services that are sent to, separated by commas, such as `fcm.googleapis.com,updates.push.services.mozilla.com`. Empty: all on the public internet."
    )
    package static let internalPushHosts = Setting(
        "push.internal_hosts", .text, default: "",
        "Push services in the own network, as `push.example.lan:8443`, separated by commas: their addresses may be private, and begin with `http:`."
    )
    package static let appleKey = Setting(
        "push.apns_key", .text, default: "",
        "The file `AuthKey_….p8` that Apple gives away, to send to iPhones and iPads. Empty: nothing is sent to them.")
    package static let appleKeyID = Setting(
        "push.apns_key_id", .text, default: "", "What Apple calls the key: ten letters and digits.")
    package static let appleTeamID = Setting(
        "push.apns_team_id", .text, default: "", "What Apple calls the team that the key is of.")
    package static let appleTopic = Setting(
        "push.apns_topic", .text, default: "", "The identifier of the program that is told, such as `org.example.chat`."
    )
    package static let appleAddress = Setting(
        "push.apns_address", .text, default: "https://api.push.apple.com",
        "Where Apple's service is; `https://api.sandbox.push.apple.com` for programs in development.")
    package static let firebaseKey = Setting(
        "push.fcm_key", .text, default: "",
        "The JSON file of a service account of Firebase, to send to Android devices. Empty: nothing is sent to them.")
    package static let firebaseAddress = Setting(
        "push.fcm_address", .text, default: "https://fcm.googleapis.com", "Where Google's service is.")
}

extension RateLimitBucket {
    package static let push = RateLimitBucket("push", Rate(10, per: .seconds(60)))
    package static let pushTest = RateLimitBucket("push.test", Rate(3, per: .seconds(60)))
}

extension PushTokens: Feature {
    package static let module: Module? = .push
    package static let settings: [Setting] = [
        .pushHosts, .internalPushHosts, .appleKey, .appleKeyID, .appleTeamID, .appleTopic, .appleAddress, .firebaseKey,
        .firebaseAddress,
    ]
    package static let rateLimitBuckets: [RateLimitBucket] = [.push, .pushTest]

    package static var caps: [Cap] { [cap] }

    package static let migrations: [Migration] = [
        Migration(43, "push") { dialect in
            [
                """
                CREATE TABLE push_tokens (
                    id \(sql: dialect.primaryKey),
                    user_id BIGINT NOT NULL,
                    session_id BIGINT NOT NULL,
                    platform TEXT NOT NULL,
                    token TEXT NOT NULL,
                    token_hash BYTEA NOT NULL UNIQUE,
                    device_id TEXT,
                    app_version TEXT,
                    public_key BYTEA NOT NULL,
                    secret BYTEA NOT NULL,
                    created_at BIGINT NOT NULL)
                """,
                "CREATE INDEX push_tokens_by_user ON push_tokens (user_id, id)",
                """
                CREATE TABLE pushes (
                    token_id BIGINT NOT NULL,
                    subject_id BIGINT NOT NULL,
                    user_id BIGINT NOT NULL,
                    notification_id BIGINT,
                    message_id BIGINT,
                    created_at BIGINT NOT NULL,
                    due_at BIGINT NOT NULL,
                    taken_at BIGINT,
                    attempts BIGINT NOT NULL,
                    is_sent BOOLEAN NOT NULL,
                    PRIMARY KEY (token_id, subject_id)) \(sql: dialect.clustered)
                """,
                "CREATE INDEX pushes_due ON pushes (due_at) WHERE taken_at IS NULL",
                "CREATE INDEX pushes_taken ON pushes (taken_at) WHERE taken_at IS NOT NULL AND NOT is_sent",
                "CREATE INDEX pushes_sent ON pushes (taken_at) WHERE taken_at IS NOT NULL AND is_sent",
                "CREATE INDEX pushes_by_user ON pushes (user_id)",
                "CREATE INDEX pushes_by_message ON pushes (message_id)",
                """
                CREATE TABLE pushed_messages (
                    message_id \(sql: dialect.primaryKey),
                    after_user_id BIGINT NOT NULL,
                    created_at BIGINT NOT NULL)
                """,
            ]
        }
    ]

    package static let tables: [Table] = [
        Table(
            "push_tokens",
            [
                .id("id"), .id("user_id"), .id("session_id"), .text("platform"), .withheld("token"),
                .withheld("token_hash"), .text("device_id"), .text("app_version"), .withheld("public_key"),
                .withheld("secret"), .time("created_at"),
            ], exports: [.rows("push_devices.json", of: ["user_id"])], erasure: [.deleted(of: ["user_id"])])
    ]

    package var upkeep: [BackgroundStep] { [BackgroundStep("push devices of ended logins", forgetEnded)] }
}

extension Pushes: Feature {
    package static let module: Module? = .push

    package static let tables: [Table] = [
        Table(
            "pushes",
            [
                .id("token_id"), .id("subject_id"), .id("user_id"), .id("notification_id"), .id("message_id"),
                .time("created_at"), .time("due_at"), .time("taken_at"), .number("attempts"), .flag("is_sent"),
            ], key: ["token_id", "subject_id"], exports: [.withheld("what is on its way, for a day")],
            erasure: [.deleted(of: ["user_id"])], endings: [.deleted(with: .message, by: "message_id")]),
        Table(
            "pushed_messages", [.id("message_id"), .number("after_user_id"), .time("created_at")],
            key: ["message_id"], exports: [.withheld("what is on its way, for seconds")],
            erasure: [.kept("how far a list was read, for seconds")],
            endings: [.deleted(with: .message, by: "message_id")]),
    ]

    package var dueWork: [BackgroundStep] { [BackgroundStep(repeated: "who wants to hear of messages", findListeners)] }

    package var upkeep: [BackgroundStep] { [BackgroundStep(repeated: "old pushes", forgetOld)] }

    package static func isNotified(
        _ user: UserID, of notification: NotificationID, _ parts: Parts, _ tx: Transaction
    ) throws { try notificationComes(notification, to: user, parts, tx) }
}
