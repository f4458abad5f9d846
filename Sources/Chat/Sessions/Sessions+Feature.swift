import Database
import Kernel

extension Sessions: Feature {
    static let tables: [Table] = [
        Table(
            "sessions",
            [
                .id("id"), .id("user_id"), .withheld("token_hash"), .text("ip_address"), .text("user_agent"),
                .time("created_at"), .time("last_activity"), .time("expires_at"), .time("confirmed_at"),
            ],
            exports: [.file("sessions.json")],
            erasure: [.byHand("all devices are logged out and told"), .deleted(of: ["user_id"])])
    ]

    var upkeep: [BackgroundStep] { [BackgroundStep("sessions") { try await self.deleteExpired() }] }

    static func exports(of user: UserID, _ tx: Transaction) throws -> [NamedJSON] {
        let logins = try SessionStore.logins(of: user, tx)
        return [NamedJSON("sessions.json", logins.map { ListedLogin(login: $0, isCurrent: false) })]
    }

    static func accountEnds(_ account: User, _ parts: Parts, _ tx: Transaction) throws {
        try endAll(of: account.id, except: nil, because: .deleted, tx)
        try takeTokens(ofBotsOf: account.id, tx)
    }
}
