import Community
import Database
import Features
import Kernel
import Logging
import Mail
import People

/// Mails of what people missed, to those who want them: of mentions and private messages a while after them, or of everything
/// once a day or a week.
///
/// What a mail tells is marked as told in the transaction in which it is written, and the mail is that node's to send. What was
/// told before is put back when the mail server did not take the mail, or when the node has ended before it noted that: after
/// a crash somebody may be written to twice, and misses nothing.
package struct NotificationMails: Sendable {
    /// Whoever is there reads it there; looked at again after so long.
    private static let patience = Duration.seconds(300)
    private static let firstPause = Duration.seconds(300)
    private static let attempts = 6
    private static let atOnce = 20

    let parts: Parts
    let presences: Presences
    /// Nil when there is no server for outgoing mail.
    let mailer: (any Mailer)?

    static func isOn(_ parts: Parts) -> Bool {
        parts.configuration.sendsMail && !parts.configuration.disabledModules.contains(.emailNotifications)
    }

    // MARK: Planning

    private static func plan(of user: UserID, _ parts: Parts, _ tx: Transaction) throws -> MailPlan {
        try MailPlanStore.plan(of: user, tx)
            ?? MailPlan(
                user: user, coveredAt: tx.now, token: Base64URL.encode(parts.randomness.bytes(24)))
    }

    /// Something happened that somebody may miss.
    static func somethingHappens(to user: UserID, _ parts: Parts, _ tx: Transaction) throws {
        guard isOn(parts), try NotificationSettings.preferences(of: user, tx).mail == .missed else { return }
        var plan = try plan(of: user, parts, tx)
        guard plan.dueAt == nil else { return }
        plan.dueAt = plan.momentForMissed(since: tx.now)
        try MailPlanStore.set(plan, tx)
    }

    /// In private everybody may miss it.
    static func messageComes(_ message: Message, in place: Place, _ parts: Parts, _ tx: Transaction) throws {
        guard place.isPrivate, isOn(parts) else { return }
        for user in place.participants where user != message.author { try somethingHappens(to: user, parts, tx) }
    }

    /// Somebody wants other mails, or at another time. They are written to of what comes from now on.
    static func wishesChange(of user: UserID, _ parts: Parts, _ tx: Transaction) throws {
        let known = try MailPlanStore.plan(of: user, tx)
        let preferences = try NotificationSettings.preferences(of: user, tx)
        guard preferences.mail != .off || known != nil else { return }
        var plan = try known ?? plan(of: user, parts, tx)
        plan.plannedAt = MailPlan.digest(
            after: tx.now, preferences, in: try NotificationSettings.timeZone(of: user, tx))
        if plan.dueAt == nil { plan.coveredAt = tx.now }
        plan.dueAt = plan.plannedAt
        try MailPlanStore.set(plan, tx)
    }

    // MARK: Sending

    private struct Departure: Sendable {
        let message: MailMessage
        /// The plan as it was before the mail was written.
        let before: MailPlan
        let takenUntil: Timestamp
    }

    /// Writes to those whose time has come.
    /// - Returns: whether there may be more.
    package func sendDue() async throws -> Bool {
        guard let mailer, Self.isOn(parts) else { return false }
        try await putBackAbandoned()
        let due = try await parts.database.read { tx in try MailPlanStore.due(limit: Self.atOnce, tx) }
        for user in due {
            try Task.checkCancellation()
            let departure = try await parts.database.write { tx in try prepare(user, tx) }
            if let departure { try await send(departure, by: mailer) }
        }
        return due.count == Self.atOnce
    }

    /// What is noted afterwards is noted also while the server stops: else what was sent would be sent once more.
    private func send(_ departure: Departure, by mailer: any Mailer) async throws {
        var isSent = true
        do {
            try await mailer.send(departure.message)
        } catch {
            isSent = false
            // The address stays out of the log.
            parts.logger.warning("a mail can't be sent", metadata: ["error": "\(error)"])
        }
        try await Task { [isSent] in
            try await parts.database.write { tx in
                let (before, moment) = (departure.before, departure.takenUntil)
                guard try MailPlanStore.end(before.user, takenUntil: moment, tx) else { return }
                if !isSent { try putBack(before, tx) }
            }
        }.value
    }

    /// Whether it was sent, the node that was to do it did not say any more.
    private func putBackAbandoned() async throws {
        let abandoned = try await parts.database.read { tx in try MailPlanStore.abandoned(limit: Self.atOnce, tx) }
        for before in abandoned {
            guard let moment = before.takenUntil else { continue }
            try await parts.database.write { tx in
                guard try MailPlanStore.end(before.user, takenUntil: moment, tx) else { return }
                try putBack(before, tx)
            }
        }
    }

    private func prepare(_ id: UserID, _ tx: Transaction) throws -> Departure? {
        guard let before = try MailPlanStore.plan(of: id, tx), let due = before.dueAt, due <= tx.now,
            before.takenUntil == nil
        else { return nil }
        let user = try UserStore.required(id, tx)
        let preferences = try NotificationSettings.preferences(of: id, tx)
        var plan = before
        guard user.isInUse, user.emailVerified, preferences.mail != .off else {
            (plan.dueAt, plan.plannedAt) = (nil, nil)
            try MailPlanStore.set(plan, tx)
            return nil
        }
        let news =
            preferences.mail == .missed
            ? try missed(&plan, tx) : try digest(&plan, preferences, tx)
        if news != nil { (plan.sentAt, plan.attempts) = (tx.now, 0) }
        try MailPlanStore.set(plan, tx)
        guard let news, let moment = try MailPlanStore.take(before, tx) else { return nil }
        let text = MailText(
            news: news, name: user.displayName ?? user.username, publicURL: parts.configuration.publicURL,
            unsubscribeURL: "\(parts.configuration.publicURL)/api/v1/unsubscribe/\(plan.token)")
        return Departure(message: text.message(to: user.email), before: before, takenUntil: moment)
    }

    private func missed(_ plan: inout MailPlan, _ tx: Transaction) throws -> MissedNews? {
        guard !presences.isActive(plan.user) else {
            plan.dueAt = tx.now + Self.patience
            return nil
        }
        let until = tx.now - MailPlan.delay
        let news = try MissedNews.missed(by: plan.user, since: plan.coveredAt, until: until, tx)
        let later = try MissedNews.missed(by: plan.user, since: until, until: tx.now, tx)
        plan.coveredAt = max(plan.coveredAt, until)
        (plan.dueAt, plan.plannedAt) = (nil, nil)
        if !later.isEmpty {
            plan.dueAt = news.isEmpty ? tx.now + Self.patience : tx.now + MailPlan.interval
        }
        return news.isEmpty ? nil : news
    }

    /// Who is there at that time gets none: the next one tells what is left.
    private func digest(
        _ plan: inout MailPlan, _ preferences: NotificationPreferences, _ tx: Transaction
    ) throws -> MissedNews? {
        let timeZone = try NotificationSettings.timeZone(of: plan.user, tx)
        let planned = plan.plannedAt
        plan.plannedAt = MailPlan.digest(after: tx.now, preferences, in: timeZone)
        plan.dueAt = plan.plannedAt
        // Somebody who lives by another clock meanwhile has another hour.
        let isStill = planned.map {
            MailPlan.digest(after: $0 - .seconds(1), preferences, in: timeZone) == $0
        }
        guard isStill == true, !presences.isActive(plan.user) else { return nil }
        let news = try MissedNews.digest(for: plan.user, since: plan.coveredAt, until: tx.now, tx)
        plan.coveredAt = tx.now
        return news.isEmpty ? nil : news
    }

    /// The mail server did not take it, or nobody knows.
    private func putBack(_ before: MailPlan, _ tx: Transaction) throws {
        guard var plan = try MailPlanStore.plan(of: before.user, tx), before.attempts + 1 < Self.attempts else {
            return
        }
        (plan.coveredAt, plan.sentAt, plan.plannedAt) = (before.coveredAt, before.sentAt, before.plannedAt)
        plan.attempts = before.attempts + 1
        var pause = Self.firstPause
        for _ in 1..<plan.attempts { pause = pause * 2 }
        plan.dueAt = tx.now + pause
        try MailPlanStore.set(plan, tx)
    }

    // MARK: Taking back

    /// - Throws: `.resourceNotFound`.
    func requireKnown(_ token: String) async throws {
        guard try await parts.database.read({ tx in try MailPlanStore.user(withToken: token, tx) }) != nil else {
            throw APIError.resourceNotFound
        }
    }

    /// Whoever has a mail needs no login to want no more of them (RFC 8058).
    /// - Throws: `.resourceNotFound`.
    func unsubscribe(_ token: String) async throws {
        try await parts.database.write { tx in
            guard let user = try MailPlanStore.user(withToken: token, tx) else { throw APIError.resourceNotFound }
            try NotificationSettings.endMails(to: user, tx)
            try Self.wishesChange(of: user, parts, tx)
        }
    }
}
