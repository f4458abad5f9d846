import Database
import Features
import Kernel

extension Setting {
    package static let sessionDays = Setting(
        "sessions.lifetime_days", .integer(1...3650), default: "7", "How long a login lasts without being used.")
    package static let sessionsPerUser = Setting(
        "sessions.per_user", .integer(1...1000), default: "10", "Logins of a user; the oldest gives way.")
}

extension RateLimitBucket {
    package static let login = RateLimitBucket(
        "login", Rate(5, per: .seconds(60)), Rate(20, per: .seconds(3600)), allowsHashing: true)
}

extension Sessions: Feature {
    package static let settings: [Setting] = [.sessionDays, .sessionsPerUser]
    package static let rateLimitBuckets: [RateLimitBucket] = [.login]

    package static let tables: [Table] = [
        Table(
            "sessions",
            [
                .id("id"), .id("user_id"), .withheld("token_hash"), .text("ip_address"), .text("user_agent"),
                .time("created_at"), .time("last_activity"), .time("expires_at"), .time("confirmed_at"),
            ],
            exports: [.file("sessions.json")],
            erasure: [.byHand("all devices are logged out and told"), .deleted(of: ["user_id"])])
    ]

    package var upkeep: [BackgroundStep] { [BackgroundStep("sessions") { try await self.deleteExpired() }] }

    package static func exports(of user: UserID, _ tx: Transaction) throws -> [NamedJSON] {
        let logins = try SessionStore.logins(of: user, tx)
        return [NamedJSON("sessions.json", logins.map { ListedLogin(login: $0, isCurrent: false) })]
    }

    package static func accountEnds(_ account: UserID, _ parts: Parts, _ tx: Transaction) throws {
        try endAll(of: account, except: nil, because: .deleted, tx)
        try takeTokens(ofBotsOf: account, tx)
    }

    package static var caps: [Cap] {
        [
            Cap(
                "logins", per: .person, ChatConfiguration.standard.sessionsPerUser, .oldestGoes, bucket: .login,
                "`sessions.per_user`")
        ]
    }
}
