import Crypto
import Database
import Features
import Foundation
import Kernel

/// Who tries to log in as whom, without either being readable from the database.
struct LoginAttempt: Sendable {
    let nameHash: [UInt8]
    /// Of IPv6 the network.
    let address: String
}

extension LoginAttempt {
    /// - Parameter name: as it was typed, so that accounts that exist and those that don't are counted alike.
    init(as name: String, from client: ClientInformation) {
        self.init(nameHash: Self.hash(of: name), from: client)
    }

    static func hash(of name: String) -> [UInt8] { Array(SHA256.hash(data: Data(NameRules.key(name).utf8))) }

    init(nameHash: [UInt8], from client: ClientInformation) {
        self.init(nameHash: nameHash, address: RateLimitSubject(clientAddress: client.address).text)
    }
}

/// Failed logins from one place.
struct LoginFailures: JSONObjectEncodable {
    let address: String
    let count: Int
    let lastAt: Timestamp

    static let shape = JSONShape<LoginFailures>(
        "LoginFailures", .field("address", \.address), .field("failures", \.count), .field("last_at", \.lastAt))
}

/// Locks out who guesses passwords or codes, without letting a stranger lock out the owner (docs/decisions/005).
///
/// Failures are counted for each name and address: five lock this pair for 15 minutes. Addresses from which nobody has ever
/// logged in to the account are counted together besides, and locked out together after fifty, so that guesses from a thousand
/// addresses end, too, while the owner's own addresses stay open.
enum LoginAttempts {
    static let limit = 5
    static let strangersLimit = 50
    static let lockTime = Duration.seconds(15 * 60)
    /// How long an address is the owner's after a login.
    static let acquaintance = Duration.seconds(90 * 24 * 3600)
    /// Stands for all addresses that are not the owner's.
    private static let strangers = "strangers"

    /// - Throws: `Account locked`.
    static func requireUnlocked(_ attempt: LoginAttempt, by user: UserID?, _ tx: Transaction) throws {
        for (address, limit) in try counters(attempt, user, tx) {
            guard let count = try LoginAttemptStore.failures(attempt.nameHash, address, since: tx.now - lockTime, tx),
                count.failures >= limit
            else { continue }
            let wait = count.lastAt + lockTime - tx.now
            throw APIError.accountLocked(retryAfter_s: Double(wait.wholeMilliseconds) / 1000)
        }
    }

    /// Whether further attempts are refused.
    static func isLocked(_ attempt: LoginAttempt, by user: UserID?, _ tx: Transaction) throws -> Bool {
        try counters(attempt, user, tx).contains { address, limit in
            let count = try LoginAttemptStore.failures(attempt.nameHash, address, since: tx.now - lockTime, tx)
            return (count?.failures ?? 0) >= limit
        }
    }

    /// Writes what was counted once more, as it is.
    static func touch(_ attempt: LoginAttempt, _ tx: Transaction) throws {
        try LoginAttemptStore.add(0, attempt.nameHash, attempt.address, since: tx.now - lockTime, tx)
    }

    /// Counts a failure.
    ///
    /// To be called before the password is looked at, and taken back when it was right: of a hundred guesses at once only five
    /// are looked at.
    static func fail(_ attempt: LoginAttempt, by user: UserID?, _ tx: Transaction) throws {
        for (address, _) in try counters(attempt, user, tx) {
            try LoginAttemptStore.add(1, attempt.nameHash, address, since: tx.now - lockTime, tx)
        }
    }

    package static func takeBack(_ attempt: LoginAttempt, by user: UserID?, _ tx: Transaction) throws {
        for (address, _) in try counters(attempt, user, tx) {
            try LoginAttemptStore.add(-1, attempt.nameHash, address, since: tx.now - lockTime, tx)
        }
    }

    /// Forgets the failures of who has logged in after all.
    static func succeed(_ attempt: LoginAttempt, by user: UserID, _ tx: Transaction) throws {
        try takeBack(attempt, by: user, tx)
        try LoginAttemptStore.forget(attempt.nameHash, attempt.address, tx)
    }

    /// Forgets the failures of who has proved otherwise whose account it is.
    static func forgive(_ attempt: LoginAttempt, _ tx: Transaction) throws {
        try LoginAttemptStore.forget(attempt.nameHash, attempt.address, tx)
        try LoginAttemptStore.forget(attempt.nameHash, strangers, tx)
    }

    /// Forgets all failures under an account's names.
    static func forgetAll(of account: User, _ tx: Transaction) throws {
        for name in [account.username, account.email] {
            try LoginAttemptStore.forgetAll(LoginAttempt.hash(of: name), tx)
        }
    }

    /// The failures under an account's names.
    static func failures(of account: User, _ tx: Transaction) throws -> [LoginFailures] {
        try [account.username, account.email].flatMap {
            try LoginAttemptStore.failures(LoginAttempt.hash(of: $0), tx)
        }
    }

    private static func counters(
        _ attempt: LoginAttempt, _ user: UserID?, _ tx: Transaction
    ) throws -> [(address: String, limit: Int)] {
        let isKnown =
            try user.map {
                try LoginAttemptStore.isKnown(attempt.address, to: $0, since: tx.now - acquaintance, tx)
            } ?? false
        let own = (attempt.address, limit)
        return isKnown ? [own] : [own, (strangers, strangersLimit)]
    }
}
