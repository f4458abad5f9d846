import Database
import Events
import Features
import Kernel

/// What has happened to one's account: kept for half a year, and told at once where it matters.
package struct SecurityLog: Sendable {
    static let cap = Cap("entries of one kind in the security log", per: .person, 500, .oldestGoes)
    private static let lifetime = Duration.seconds(180 * 86_400)
    private static let addressLifetime = Duration.seconds(90 * 86_400)

    let parts: Parts
    let letters: Letters

    package struct Page: Sendable {
        let limit: Int
        let before: SecurityEntryID?
        let action: SecurityAction?
    }

    // MARK: Writing

    /// Writes down what happens, in the transaction in which it does.
    package static func record(
        _ action: SecurityAction, of user: UserID, from client: ClientInformation?, session: SessionID? = nil,
        with details: [String: JSON] = [:], _ parts: Parts, _ tx: Transaction
    ) throws {
        try record(action, action.severity, of: user, from: client, session: session, details, parts, tx)
    }

    /// Writes down a login. One from an address and a browser that were not seen for ninety days, of somebody who was seen
    /// elsewhere, is told at once.
    static func recordLogin(
        of user: UserID, from client: ClientInformation, session: SessionID, _ parts: Parts, _ tx: Transaction
    ) throws {
        let isKnown = try isKnown(client, of: user, tx)
        try record(
            .login, isKnown ? .info : .warning, of: user, from: client, session: session,
            ["new_place": .bool(!isKnown)], parts, tx)
    }

    /// Writes down that somebody knows the password and was asked for the second factor, where its owner was not seen: if no
    /// login follows, it is time for another password.
    static func recordChallenge(
        of user: UserID, from client: ClientInformation, _ parts: Parts, _ tx: Transaction
    ) throws {
        guard try !isKnown(client, of: user, tx) else { return }
        try record(
            .loginFailed, .warning, of: user, from: client, session: nil, ["password_was_right": .bool(true)], parts, tx
        )
    }

    /// Whether somebody was seen there, or nowhere at all.
    private static func isKnown(_ client: ClientInformation, of user: UserID, _ tx: Transaction) throws -> Bool {
        let known = try SecurityLogStore.places(
            of: user, since: SecurityEntryID(earliestAt: tx.now - addressLifetime), limit: cap.maximum, tx)
        return known.isEmpty || known.contains(LoginPlace(address: client.address, userAgent: client.userAgent))
    }

    private static func record(
        _ action: SecurityAction, _ severity: SecuritySeverity, of user: UserID, from client: ClientInformation?,
        session: SessionID?, _ details: [String: JSON], _ parts: Parts, _ tx: Transaction
    ) throws {
        guard !parts.configuration.disabledModules.contains(.securityLog) else { return }
        if action.isCounted, let client {
            let hour = Timestamp(seconds: tx.now.seconds / 3600 * 3600)
            let since = SecurityEntryID(earliestAt: hour)
            if try SecurityLogStore.countAgain(action, severity, of: user, from: client.address, since: since, tx) {
                return
            }
        }
        let entry = SecurityEntry(
            id: parts.ids.next(), user: user, action: action, severity: severity, address: client?.address,
            userAgent: client?.userAgent?.beginning(.scalars(512)), session: session, details: details,
            createdAt: tx.now)
        let isTold = try severity != .info && !wasTold(action, of: user, tx)
        let isMailed = isTold && parts.configuration.sendsMail && !action.hasLetterOfItsOwn
        try SecurityLogStore.insert(entry, mailing: isMailed ? .wanted : .unwanted, tx)
        try SecurityLogStore.trim(action, severity, of: user, to: cap.maximum, tx)
        guard isTold else { return }
        tx.emit(.securityAlert, SecurityAlert(entry: entry), to: .user(user))
        try parts.features.accountIsTouched(user, parts, tx)
    }

    /// Whether it was told within the hour, from wherever it comes: who guesses from a thousand addresses shall not send a
    /// thousand mails.
    private static func wasTold(_ action: SecurityAction, of user: UserID, _ tx: Transaction) throws -> Bool {
        guard action.isCounted else { return false }
        return try SecurityLogStore.wasTold(
            action, of: user, since: SecurityEntryID(earliestAt: tx.now - .seconds(3600)), tx)
    }

    // MARK: Reading

    package func list(_ page: Page, of user: UserID) async throws -> [SecurityEntry] {
        try await parts.database.read { tx in
            try SecurityLogStore.entries(of: user, page.action, before: page.before, limit: page.limit, tx)
        }
    }

    /// The newest.
    package func entries(_ action: SecurityAction?, limit: Int, of user: UserID) async throws -> [SecurityEntry] {
        try await list(Page(limit: limit, before: nil, action: action), of: user)
    }

    // MARK: Later

    /// Tells owners by mail.
    /// - Returns: whether there may be more.
    func postAlerts() async throws -> Bool {
        guard letters.areSent else { return false }
        return try await parts.database.write { tx in
            let entries = try SecurityLogStore.takeUnmailed(limit: 100, tx)
            let users = try UserStore.users(Set(entries.map(\.user)), tx)
            for entry in entries {
                guard let user = users[entry.user], user.deletedAt == nil else { continue }
                try letters.post(.securityAlert, to: user, with: ["entry": .string(entry.id.description)], tx)
            }
            return entries.count == 100
        }
    }

    /// What a letter is about, if it is about an entry, and that is still there.
    static func entry(toldIn letter: Letter, _ tx: Transaction) throws -> SecurityEntry? {
        guard let text = letter.details["entry"]?.string, let id = try? SecurityEntryID(parsing: text) else {
            return nil
        }
        return try SecurityLogStore.entry(id, tx)
    }

    /// - Returns: whether there may be more.
    func forgetOld() async throws -> Bool {
        try await parts.database.write { tx in
            let entries = try SecurityLogStore.forget(
                before: SecurityEntryID(earliestAt: tx.now - Self.lifetime), limit: 500, tx)
            let addresses = try SecurityLogStore.forgetAddresses(
                before: SecurityEntryID(earliestAt: tx.now - Self.addressLifetime), limit: 500, tx)
            return entries || addresses
        }
    }
}
