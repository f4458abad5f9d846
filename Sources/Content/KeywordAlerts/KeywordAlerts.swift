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
    /// Of the messages of one place, so many are looked at until one is somebody's to be told of.
    private static let maximumTries = 20

    let parts: Parts
    let notifications: Notifications

    /// A message with all the words that its author has said in it: what is handed on was said elsewhere.
    private struct Said: Sendable {
        let message: MessageStore.Text
        let text: SearchText
    }

    /// Somebody waits for words that messages of a channel have, in their order.
    private struct Match: Sendable {
        let place: KeywordAlertStore.Place
        let said: [(message: MessageStore.Text, keyword: String)]
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
        let page = try await parts.database.read { tx -> (start: Int64, end: Int64, messages: [Said])? in
            guard try !KeywordAlertStore.isEmpty(tx) else { return nil }
            let start = try KeywordAlertStore.position(tx)
            let things = try parts.log.things(.messageCreate, after: start, among: Self.stride, limit: Self.batch, tx)
            guard things.end > start else { return nil }
            return (start, things.end, try Self.said(things.ids.map(MessageID.init(rawValue:)), tx))
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

    private static func said(_ ids: [MessageID], _ tx: Transaction) throws -> [Said] {
        let messages = try MessageStore.texts(of: ids, tx).sorted { $0.id < $1.id }
        let polls = try PollStore.polls(messages.compactMap(\.poll), for: nil, tx)
        return messages.map { message in
            let asked = message.poll.flatMap { polls[$0]?.searchedTexts } ?? []
            return Said(message: message, text: SearchText(([message.content] + asked).joined(separator: "\n")))
        }
    }

    /// Who waits for what the messages say, and was not told a moment ago.
    private func matches(in texts: [Said]) async throws -> [Match] {
        var asked: [String: [ChannelID: [Int]]] = [:]
        for (index, said) in texts.enumerated() {
            for piece in Keyword.pieces(of: said.text) {
                asked[piece, default: [:]][said.message.channel, default: []].append(index)
            }
        }
        guard !asked.isEmpty else { return [] }
        let (hints, channels) = (asked.keys.sorted(), Set(texts.map(\.message.channel)).sorted())
        let (candidates, told) = try await parts.database.read { tx in
            (
                try KeywordAlertStore.candidates(having: hints, tx),
                Set(try KeywordAlertStore.told(in: channels, after: tx.now - Self.pause, tx))
            )
        }
        var said: [KeywordAlertStore.Place: [Int: String]] = [:]
        var known: [String: Keyword] = [:]
        for candidate in candidates {
            guard let keyword = known[candidate.keyword] ?? Keyword(candidate.keyword) else { continue }
            known[candidate.keyword] = keyword
            for (channel, indices) in asked[candidate.hint] ?? [:] {
                let place = KeywordAlertStore.Place(user: candidate.user, channel: channel)
                guard !told.contains(place) else { continue }
                for index in indices
                where texts[index].message.author != candidate.user && keyword.isIn(texts[index].text) {
                    said[place, default: [:]][index] = said[place]?[index] ?? candidate.keyword
                }
            }
        }
        let ordered = said.sorted { ($0.value.keys.min() ?? 0, $0.key.user) < ($1.value.keys.min() ?? 0, $1.key.user) }
        return ordered.prefix(Self.maximumMatches).map { place, words in
            Match(place: place, said: words.sorted { $0.key < $1.key }.map { (texts[$0.key].message, $0.value) })
        }
    }

    /// Tells somebody of the first word that is theirs to hear of at this moment.
    private func tell(_ match: Match, _ tx: Transaction) throws {
        let user = match.place.user
        if let last = try KeywordAlertStore.lastTold(match.place, tx), tx.now < last + Self.pause { return }
        guard let channel = try Channels.readable(match.place.channel, by: user, tx)?.channel,
            let alert = try KeywordAlertStore.alerts(of: [user], tx)[user], Self.wants(alert, channel),
            try !NotificationSettings.attention(of: user, to: channel, tx).isMuted
        else { return }
        for (message, keyword) in match.said.prefix(Self.maximumTries) where try Self.isNews(message, for: user, tx) {
            try KeywordAlertStore.setTold(match.place, tx)
            return try notifications.notify(
                user, .keyword, from: message.author, note: keyword,
                about: .init(server: channel.server, channel: channel.id, message: message.id), tx)
        }
    }

    private static func isNews(_ message: MessageStore.Text, for user: UserID, _ tx: Transaction) throws -> Bool {
        try MessageStore.exists(message.id, in: message.channel, tx)
            && !UserStore.required(message.author, tx).isBot
            && !RelationshipStore.isBlocked(between: user, and: message.author, tx)
            // Whom it names is told of it already.
            && !Notifications.isTold(user, of: message.id, tx)
    }

    private static func wants(_ alert: KeywordAlert, _ channel: Channel) -> Bool {
        if let servers = alert.servers {
            guard let server = channel.server, servers.contains(server) else { return false }
        }
        let places = [channel.id, channel.thread?.parent].compactMap { $0 }
        return !places.contains(where: alert.excludedChannels.contains)
    }
}
