import Community
import Database
import Events
import Features
import Kernel
import People

/// Telling people of words that they wait for.
///
/// Nothing of it happens when a message is sent: the log of events is read behind the senders, a few hundred messages at a time,
/// and only who waits for a word of them is looked at.
struct KeywordAlerts: Sendable {
    static let keywordCap = Cap("keywords", per: .person, 50, .refused(field: "keywords"))
    static let maximumPlaces = 100
    /// In one channel somebody is told once in so long.
    private static let pause = Duration.seconds(60)
    /// So many messages are looked at in one go, and so many events passed by.
    private static let batch = 500
    private static let stride = 5000
    /// So many people are told in one transaction, so that nobody who writes waits for long.
    private static let atOnce = 50
    /// Of the places that a word was said in, so many are told of in one go: a word that everybody waits for is no news.
    private static let maximumMatches = 1000

    let parts: Parts
    let notifications: Notifications

    /// Somebody waits for a word that a message has.
    private struct Match: Sendable {
        let message: MessageStore.Text
        let user: UserID
        let keyword: String
    }

    // MARK: Setting

    func read(of caller: Caller) async throws -> KeywordAlert {
        try await parts.database.read { tx in try KeywordAlertStore.alert(of: caller.user, tx) }
    }

    /// Puts these in the place of what was there.
    func set(_ alert: KeywordAlert, by caller: Caller) async throws -> KeywordAlert {
        try await parts.database.write { tx in
            if try KeywordAlertStore.isEmpty(tx) {
                // Nobody has waited until now, so nothing was looked at.
                let position = try KeywordAlertStore.position(tx)
                _ = try KeywordAlertStore.move(from: position, to: max(position, parts.log.newestPosition(tx)), tx)
            }
            try KeywordAlertStore.set(alert, of: caller.user, tx)
            return try KeywordAlertStore.alert(of: caller.user, tx)
        }
    }

    /// Folds anew what another version has folded otherwise.
    /// - Returns: whether there may be more.
    func foldAnew() async throws -> Bool {
        try await parts.database.write { tx in
            let users = try KeywordAlertStore.outdated(limit: 100, tx)
            for user in users { try KeywordAlertStore.set(try KeywordAlertStore.alert(of: user, tx), of: user, tx) }
            return users.count == 100
        }
    }

    func forgetMarks() async throws -> Bool {
        try await parts.database.write { tx in
            try KeywordAlertStore.forgetMarks(before: tx.now - Self.pause, limit: 500, tx)
        }
    }

    // MARK: Looking

    /// Looks at the next messages.
    /// - Returns: whether there may be more.
    func lookNext() async throws -> Bool {
        guard !parts.configuration.disabledModules.contains(.keywordAlerts) else { return false }
        let page = try await parts.database.read { tx -> (start: Int64, end: Int64, messages: [MessageStore.Text])? in
            guard try !KeywordAlertStore.isEmpty(tx) else { return nil }
            let start = try KeywordAlertStore.position(tx)
            let things = try parts.log.things(.messageCreate, after: start, among: Self.stride, limit: Self.batch, tx)
            guard things.end > start else { return nil }
            return (start, things.end, try MessageStore.texts(of: things.ids.map(MessageID.init(rawValue:)), tx))
        }
        guard let page else { return false }
        let matches = try await matches(in: page.messages)
        for start in Swift.stride(from: 0, to: matches.count, by: Self.atOnce) {
            let some = matches[start..<min(start + Self.atOnce, matches.count)]
            try await parts.database.write { tx in
                // Another node may be ahead.
                guard try KeywordAlertStore.position(tx) == page.start else { return }
                for match in some { try tell(match, tx) }
            }
        }
        return try await parts.database.write { tx in
            try KeywordAlertStore.move(from: page.start, to: page.end, tx)
        }
    }

    /// Who waits for what the messages say: of several in a channel the first.
    private func matches(in messages: [MessageStore.Text]) async throws -> [Match] {
        let texts = messages.map { ($0, SearchText($0.content)) }
        var asked: [String: [Int]] = [:]
        for (index, text) in texts.enumerated() {
            for piece in Keyword.pieces(of: text.1) { asked[piece, default: []].append(index) }
        }
        guard !asked.isEmpty else { return [] }
        let hints = asked.keys.sorted()
        let candidates = try await parts.database.read { tx in try KeywordAlertStore.candidates(having: hints, tx) }
        var seen: Set<String> = []
        var known: [String: Keyword] = [:]
        var matches: [Match] = []
        for candidate in candidates {
            guard let keyword = known[candidate.keyword] ?? Keyword(candidate.keyword) else { continue }
            known[candidate.keyword] = keyword
            for index in asked[candidate.hint] ?? [] {
                let (message, text) = texts[index]
                guard message.author != candidate.user, keyword.isIn(text),
                    seen.insert("\(candidate.user) \(message.id)").inserted
                else { continue }
                matches.append(Match(message: message, user: candidate.user, keyword: candidate.keyword))
            }
        }
        return Array(matches.sorted { $0.message.id < $1.message.id }.prefix(Self.maximumMatches))
    }

    /// Tells somebody of a word, if it is theirs to read at this moment.
    private func tell(_ match: Match, _ tx: Transaction) throws {
        let (message, user) = (match.message, match.user)
        if let last = try KeywordAlertStore.lastTold(of: user, in: message.channel, tx), tx.now < last + Self.pause {
            return
        }
        guard try MessageStore.exists(message.id, in: message.channel, tx), let place = try place(of: match, tx),
            let alert = try KeywordAlertStore.alerts(of: [user], tx)[user], Self.wants(alert, place.channel),
            try !UserStore.required(message.author, tx).isBot,
            try !RelationshipStore.isBlocked(between: user, and: message.author, tx),
            try !NotificationSettings.attention(of: user, to: place.channel, tx).isMuted,
            // Whom it names is told of it already.
            try !Notifications.isTold(user, of: message.id, tx)
        else { return }
        try KeywordAlertStore.setTold(of: user, in: message.channel, tx)
        try notifications.notify(
            user, .keyword, from: message.author, note: match.keyword,
            about: .init(server: place.channel.server, channel: message.channel, message: message.id), tx)
    }

    private func place(of match: Match, _ tx: Transaction) throws -> Place? {
        do {
            return try Messages.place(match.message.channel, for: match.user, requiring: .messagesRead, tx)
        } catch is APIError {
            return nil
        }
    }

    private static func wants(_ alert: KeywordAlert, _ channel: Channel) -> Bool {
        if let servers = alert.servers {
            guard let server = channel.server, servers.contains(server) else { return false }
        }
        let places = [channel.id, channel.thread?.parent].compactMap { $0 }
        return !places.contains(where: alert.excludedChannels.contains)
    }
}
