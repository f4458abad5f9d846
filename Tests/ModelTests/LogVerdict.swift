import Events
import Kernel

/// What was said, whoever may have heard it.
struct LogHistory {
    /// From here on tags are those of what is typed.
    private static let firstTyped = 1_000_000

    /// What each user saw at the beginning.
    var sight: [Set<Audience>] = []
    /// How many transactions were committed when that of a tag began.
    private(set) var begun: [Int] = []
    /// As which one it was committed; nil when it was not.
    private(set) var committed: [Int?] = []
    private var typed: [(audience: Audience, horizon: Int64)] = []
    private var commitCount = 0

    mutating func begins() -> Int {
        begun.append(commitCount)
        committed.append(nil)
        return begun.count - 1
    }

    mutating func commits(_ tags: [Int]) {
        for tag in tags { committed[tag] = commitCount }
        commitCount += 1
    }

    mutating func types(to audience: Audience, knowing horizon: Int64) -> Int {
        typed.append((audience, horizon))
        return Self.firstTyped + typed.count - 1
    }

    /// Who typed where, knowing what; nil for the tag of an event.
    func typing(_ tag: Int) -> (audience: Audience, horizon: Int64)? {
        tag < Self.firstTyped ? nil : typed[tag - Self.firstTyped]
    }
}

/// Holds what clients were told against the log, and the log against what was committed.
struct LogVerdict {
    private let database: ModelDatabase
    private let history: LogHistory
    private let clients: [ModelClient]
    /// What each user sees after each event, the first before all of them.
    private let sights: [[Set<Audience>]]

    init(_ database: ModelDatabase, _ history: LogHistory, _ clients: [ModelClient]) {
        self.database = database
        self.history = history
        self.clients = clients
        sights = history.sight.indices.map { user in
            database.log.reduce(into: [history.sight[user]]) { sights, event in
                sights.append(Self.sight(after: event, sights[sights.count - 1]))
            }
        }
    }

    private static func sight(after event: Event, _ sight: Set<Audience>) -> Set<Audience> {
        guard let change = event.sightChange, event.audiences.contains(where: sight.contains),
            !change.except.contains(where: sight.contains)
        else { return sight }
        return sight.subtracting(change.lost).union(change.gained)
    }

    /// - Throws: `Breach`.
    func judge() throws {
        try judgeLog()
        for (number, client) in clients.enumerated() {
            guard client.isLive, client.socket.isEmpty else { throw Breach("client \(number) does not come in") }
            try judge(client, "client \(number)")
        }
    }

    // MARK: The log

    private func judgeLog() throws {
        guard database.outbox.isEmpty else { throw Breach("\(database.outbox.count) events got no position") }
        let tags = database.log.map { database.tags[$0.position] ?? -1 }
        let committed = history.committed.indices.filter { history.committed[$0] != nil }
        guard tags.sorted() == committed else {
            throw Breach("the log has \(tags.sorted()), committed was \(committed)")
        }
        guard zip(database.log, database.log.dropFirst()).allSatisfy({ $0.position < $1.position }) else {
            throw Breach("a position is used twice")
        }
        var latest = 0
        for tag in tags {
            // Whoever began after the commit of another comes after it.
            guard (history.committed[tag] ?? 0) >= latest else {
                throw Breach("event \(tag) comes after what came of it")
            }
            latest = max(latest, history.begun[tag])
        }
        for user in history.sight.indices where sights[user].last != database.sight[user] {
            throw Breach("the log leads user \(user) to another sight than the database")
        }
    }

    // MARK: Clients

    /// How many events there are up to a position.
    private func count(through position: Int64) -> Int { database.log.count { $0.position <= position } }

    private func judge(_ client: ModelClient, _ name: String) throws {
        for (index, span) in client.spans.enumerated() {
            let next = index + 1 < client.spans.count ? client.spans[index + 1] : nil
            // Who comes anew needs nothing of before.
            let known = span.heard.last?.s ?? span.start
            let through = next.map { $0.isFresh ? known : max($0.start, known) } ?? .max
            try judge(span, through: through, of: client.user, name)
        }
    }

    private func judge(_ span: ModelClient.Span, through: Int64, of user: Int, _ name: String) throws {
        let expected = database.log.indices.filter { index in
            let event = database.log[index]
            guard event.position > span.start, event.position <= through, !event.name.isInternal else { return false }
            guard event.audiences.contains(where: sights[user][index].contains) else { return false }
            return event.position > span.end
                || event.audiences.contains(where: sights[user][count(through: span.end)].contains)
        }.map { database.log[$0].position }
        var heard: [Int64] = []
        var latest = span.start
        for (s, tag) in span.heard {
            guard s >= latest else { throw Breach("\(name) was told \(s) after \(latest)") }
            latest = s
            if let typing = history.typing(tag) {
                guard s >= typing.horizon, sights[user][count(through: s)].contains(typing.audience) else {
                    throw Breach("\(name) heard at \(s) of \(typing), which they do not see")
                }
            } else {
                guard database.tags[s] == tag else { throw Breach("\(name) heard event \(tag) as \(s)") }
                heard.append(s)
            }
        }
        guard heard == expected else {
            throw Breach("\(name) heard \(heard) after \(span.start), and was to hear \(expected)")
        }
    }
}
