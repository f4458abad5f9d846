import Database
import Features
import Kernel

extension RateLimitBucket {
    /// Making applications and bots.
    package static let applicationCreate = RateLimitBucket(
        "application.create", Rate(10, per: .seconds(60)), Rate(50, per: .seconds(86_400)))
}

extension Applications: Feature {
    package static let rateLimitBuckets: [RateLimitBucket] = [.applicationCreate]

    package static let migrations = [
        Migration(58, "starts of sessions of bots") { _ in
            [
                "ALTER TABLE applications ADD COLUMN session_starts BIGINT NOT NULL DEFAULT 0",
                "ALTER TABLE applications ADD COLUMN starts_since BIGINT",
            ]
        }
    ]

    package static let tables: [Table] = [
        Table(
            "applications",
            [
                .id("id"), .id("owner_id"), .text("name"), .text("description"), .flag("is_public"),
                .number("intents"), .id("bot_id"), .time("created_at"), .withheld("session_starts"),
                .withheld("starts_since"),
            ],
            exports: [.file("applications.json")],
            erasure: [.byHand("with their bots, which leave their servers and lose their names")]),
        Table(
            "bot_tokens", [.id("id"), .id("user_id"), .withheld("token_hash"), .time("created_at")],
            exports: [
                .rowsBelonging(
                    "bot_tokens.json", to: "user_id IN (SELECT bot_id FROM applications WHERE owner_id = $1)")
            ],
            erasure: [.byHand("with the applications, whose bots are logged out")]),
    ]

    package static func exports(of user: UserID, _ tx: Transaction) throws -> [NamedJSON] {
        [NamedJSON("applications.json", try ApplicationStore.applications(of: user, tx))]
    }

    package static func accountEnds(_ account: UserID, _ parts: Parts, _ tx: Transaction) throws {
        for application in try ApplicationStore.applications(of: account, tx) {
            try ApplicationStore.delete(application.id, tx)
            if let bot = application.bot { try AccountErasure.erase(bot, parts, tx) }
        }
        try ApplicationStore.forget(bot: account, tx)
    }

    package static var caps: [Cap] { [Cap("applications", per: .person, maximumPerUser, .refused(field: "name"))] }
}
