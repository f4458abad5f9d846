import Database
import Features
import Kernel

extension Setting {
    package static let argonMemory = Setting(
        "passwords.argon2_memory_kib", .integer(8...4_194_304), default: "65536", "Memory of a password hash, in KiB.")
    package static let argonPasses = Setting(
        "passwords.argon2_passes", .integer(1...100), default: "3", "Passes of a password hash.")
    package static let argonLanes = Setting(
        "passwords.argon2_lanes", .integer(1...64), default: "2", "Lanes of a password hash.")
    package static let passwordConcurrency = Setting(
        "passwords.concurrency", .integer(1...64), default: "2",
        "Password hashes that are computed at a time; each takes its memory.")
}

extension Accounts: Feature {
    package static let settings: [Setting] = [.argonMemory, .argonPasses, .argonLanes, .passwordConcurrency]

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
