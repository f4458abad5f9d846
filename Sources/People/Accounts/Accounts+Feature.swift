import Database
import Features
import Kernel

extension Accounts: Feature {
    package static let tables: [Table] = [
        Table(
            "known_addresses", [.id("user_id"), .text("address"), .time("seen_at")], key: ["user_id", "address"],
            exports: [.rows("known_addresses.json", of: ["user_id"])], erasure: [.deleted(of: ["user_id"])]),
        Table(
            "login_failures", [.withheld("name_hash"), .text("address"), .number("failures"), .time("last_at")],
            key: [], exports: [.file("login_failures.json")],
            erasure: [.byHand("those under the user name and the address")]),
    ]

    package var upkeep: [BackgroundStep] { [BackgroundStep(repeated: "tokens", deleteExpired)] }

    package static func exports(of user: UserID, _ tx: Transaction) throws -> [NamedJSON] {
        [NamedJSON("login_failures.json", try LoginAttempts.failures(of: try UserStore.required(user, tx), tx))]
    }

    package static func accountEnds(_ account: UserID, _ parts: Parts, _ tx: Transaction) throws {
        try LoginAttempts.forgetAll(of: try UserStore.required(account, tx), tx)
    }
}
