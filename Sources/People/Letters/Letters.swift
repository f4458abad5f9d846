import Database
import Features
import Kernel
import Logging
import Mail

/// E-mails to users. What is to be sent is a row, written with what it tells of, and any node writes and sends it: whoever asks
/// for a letter learns nothing from how long it takes, and neither a restart nor a mail server that is away loses any.
///
/// A letter that was sent by a node that ended before it noted that is sent once more.
package struct Letters: Sendable {
    /// More than these are dropped, and logged.
    static let maximumWaiting = 1000
    /// So many links of a kind go to an account in an hour, whoever asks for them.
    private static let linksPerHour = 3
    /// So often a mail server may say that it will never take a letter, before it is believed.
    private static let refusals = 3
    private static let firstPause = Duration.seconds(10)
    private static let longestPause = Duration.seconds(600)
    /// No kind is worth sending for so long.
    private static let memory = Duration.seconds(7 * 86_400)

    let parts: Parts
    let tokens: OneTimeTokens
    /// Nil while no server for outgoing mail is configured: then nothing is written.
    let mailer: (any Mailer)?
    private let metrics = LineMetrics("letter")

    init(parts: Parts, tokens: OneTimeTokens, mailer: (any Mailer)?) {
        self.parts = parts
        self.tokens = tokens
        self.mailer = mailer
    }

    var areSent: Bool { mailer != nil }

    // MARK: Posting

    /// Has a letter sent to somebody's address, as it is now.
    func post(_ kind: Letter.Kind, to user: User, with details: [String: JSON] = [:], _ tx: Transaction) throws {
        guard areSent else { return }
        try insert(kind, to: user.id, at: user.email, details, tx)
    }

    /// Has a link sent to whoever has an address. Who that is, and whether they have had their share, is found out later, so
    /// that this is the same for every address.
    func post(_ kind: Letter.Kind, at address: String, _ tx: Transaction) throws {
        guard areSent else { return }
        // As in the keys of names: no database of both stores it, and nobody has such an address.
        try insert(kind, to: nil, at: address.replacing("\0", with: "\u{FFFD}"), [:], tx)
    }

    private func insert(
        _ kind: Letter.Kind, to user: UserID?, at address: String, _ details: [String: JSON], _ tx: Transaction
    ) throws {
        try LetterStore.insert(
            Letter(
                id: parts.ids.next(), kind: kind, user: user, address: address, details: details, createdAt: tx.now,
                dueAt: tx.now), tx)
    }

    // MARK: Whose they are

    /// Finds out whose the addresses are for which links were asked. What belongs to nobody, or is too much, goes.
    /// - Returns: whether there may be more.
    func assign() async throws -> Bool {
        guard areSent, try await !parts.database.read({ tx in try LetterStore.unassigned(limit: 1, tx).isEmpty }) else {
            return false
        }
        return try await parts.database.write { tx in
            let letters = try LetterStore.unassigned(limit: 100, tx)
            for letter in letters {
                if let user = try Self.addressee(of: letter, tx) {
                    try LetterStore.assign(letter.id, to: user, tx)
                } else {
                    try LetterStore.delete(letter.id, tx)
                }
            }
            return letters.count == 100
        }
    }

    private static func addressee(of letter: Letter, _ tx: Transaction) throws -> User? {
        guard let purpose = letter.kind.purpose, let user = try UserStore.user(withEmail: letter.address, tx),
            letter.kind != .verificationLink || !user.emailVerified
        else { return nil }
        let sent = try OneTimeTokenStore.count(purpose, of: user.id, since: tx.now - .seconds(3600), tx)
        let waiting = try LetterStore.count(letter.kind, to: user.id, tx)
        return sent + waiting < linksPerHour ? user : nil
    }

    // MARK: Sending

    private struct Departure: Sendable {
        let taken: TakenLetter
        let message: MailMessage
        /// Of the link in it.
        let token: String?
    }

    private enum Step: Sendable {
        case send(Departure)
        /// It is worth nothing any more.
        case drop
        /// Somebody else sends it, or there is nothing to tell.
        case nothing
    }

    /// Writes and sends the letter that is due first.
    /// - Returns: whether there may be more.
    package func sendNext() async throws -> Bool {
        guard let mailer else { return false }
        try Task.checkCancellation()
        let due = try await parts.database.read { tx in try LetterStore.due(limit: 1, tx) }
        try await SetAside(parts: parts).each(of: .letter, due, named: \.description) { id in
            switch try await parts.database.write({ tx in try prepare(id, tx) }) {
            case .send(let departure): try await send(departure, by: mailer)
            case .drop: metrics.drop(1)
            case .nothing: break
            }
        }
        return !due.isEmpty
    }

    private func prepare(_ id: LetterID, _ tx: Transaction) throws -> Step {
        guard let taken = try LetterStore.take(id, tx) else { return .nothing }
        let letter = taken.letter
        guard tx.now < letter.createdAt + letter.kind.lifetime else {
            try LetterStore.end(taken, tx)
            return .drop
        }
        guard let id = letter.user, let user = try UserStore.user(id, tx) else {
            try LetterStore.end(taken, tx)
            return .nothing
        }
        let token = try token(for: letter, to: user, tx)
        let text = LetterText(letter: letter, user: user, publicURL: parts.configuration.publicURL)
        guard let message = text.message(token: token, entry: try SecurityLog.entry(toldIn: letter, tx)) else {
            try LetterStore.end(taken, tx)
            return .nothing
        }
        return .send(Departure(taken: taken, message: message, token: token))
    }

    /// - Returns: nil also when the account has another address by now, or needs no link any more.
    private func token(for letter: Letter, to user: User, _ tx: Transaction) throws -> String? {
        guard let purpose = letter.kind.purpose, NameRules.key(user.email) == NameRules.key(letter.address),
            letter.kind != .verificationLink || !user.emailVerified
        else { return nil }
        return try tokens.issue(
            purpose, for: user.id, data: .object(["email": .string(user.email)]), lifetime: letter.kind.lifetime, tx)
    }

    /// What is noted afterwards is noted also while the server stops: else what was sent would be sent once more.
    private func send(_ departure: Departure, by mailer: any Mailer) async throws {
        let taken = departure.taken
        do {
            try await mailer.send(departure.message)
        } catch {
            // The address stays out of the log.
            parts.logger.warning(
                "a mail can't be sent",
                metadata: [
                    "kind": "\(taken.letter.kind.rawValue)", "attempt": "\(taken.letter.attempts)",
                    "error": "\(error)",
                ])
            let isRefused = (error as? MailFailure)?.isFinal == true && taken.letter.attempts >= Self.refusals
            if isRefused { metrics.drop(1) }
            return try await Task {
                try await parts.database.write { tx in
                    // The next try makes a link of its own.
                    if let token = departure.token, let purpose = taken.letter.kind.purpose {
                        _ = try tokens.redeem(token, for: purpose, tx)
                    }
                    if isRefused { try LetterStore.end(taken, tx) } else { try Self.putBack(taken, tx) }
                }
            }.value
        }
        try await Task {
            try await parts.database.write { tx in _ = try LetterStore.end(taken, tx) }
        }.value
    }

    private static func putBack(_ taken: TakenLetter, _ tx: Transaction) throws {
        var pause = firstPause
        for _ in 1..<max(1, min(taken.letter.attempts, 10)) { pause = min(pause * 2, longestPause) }
        try LetterStore.putBack(taken, until: tx.now + pause, tx)
    }

    // MARK: Upkeep

    /// Sees that no more wait than there is room for.
    func trim() async throws {
        let count = try await parts.database.read { tx in try LetterStore.count(tx) }
        metrics.wait(count)
        guard count > Self.maximumWaiting else { return }
        let dropped = try await parts.database.write { tx in try LetterStore.trim(to: Self.maximumWaiting, tx) }
        metrics.drop(dropped)
        parts.logger.error("too many mails wait", metadata: ["dropped": "\(dropped)"])
    }

    func forgetOld() async throws {
        metrics.drop(
            try await parts.database.write { tx in try LetterStore.forget(before: tx.now - Self.memory, tx) })
    }
}
