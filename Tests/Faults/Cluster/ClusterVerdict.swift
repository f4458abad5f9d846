/// What everybody saw of a run over several nodes, held against each other.
struct ClusterVerdict: Sendable {
    /// What has to hold.
    enum Check: String, CaseIterable, Sendable {
        case something = "something was acknowledged"
        case kept = "what was acknowledged is in the history"
        case gone = "what was taken back is not"
        case known = "what is in the history was acknowledged"
        case onceInHistory = "the history has each message once"
        case onceAcknowledged = "each acknowledgement names a message of its own"
        case writersOrder = "each writer's messages are in order in each channel"
        case idsGrow = "ids grow within a channel, in the order of the log"
        case heard = "everybody heard what they were to hear"
        case heardOnce = "nobody heard anything twice"
        case heardInOrder = "everybody heard it in the order of the log"
        case unseen = "nobody heard what they could not see"
        case onePosition = "everybody heard the same at the same position"
        case resumed = "no session was refused"
        case replayed = "a replay has what was heard, less what was taken back or hidden since"
        case obeyed = "everything asked for was answered as it has to be"
        case quiet = "no answer of 500 or more outside of a fault"
        case recovered = "everything went on after each fault"
    }

    struct Observations: Sendable {
        var stage: Stage
        var acknowledged: [Ledger.Sent] = []
        var deleted: Set<String> = []
        var history: [String: [Sighting]] = [:]
        var accounts: [Account] = []
        var replays: [Account] = []
        var failures: [Ledger.Failure] = []
        var windows: [Ledger.Window] = []
        var oddities: [String] = []
        var stalls: [String] = []
        /// Whether nodes were to read late what others have written.
        var nodesMayBeLate = false
    }

    private var found: [Check: [String]] = [:]
    private let observations: Observations
    private let timeline: Timeline

    init(_ observations: Observations) {
        self.observations = observations
        timeline = Timeline(
            owners: observations.accounts.filter { $0.viewer == nil },
            guests: observations.accounts.filter { $0.viewer != nil }, scene: observations.stage)
        checkHistory()
        checkOrder()
        checkTold()
        for account in observations.accounts { check(account) }
        for replay in observations.replays { checkReplay(replay) }
        checkPositions()
        require(.obeyed, observations.oddities)
        require(.quiet, failuresOutside.map { "\($0.place) answered \($0.status) after \($0.at)" })
        require(.recovered, observations.stalls)
    }

    var failuresOutside: [Ledger.Failure] {
        observations.failures.filter { failure in !observations.windows.contains { $0.covers(failure) } }
    }

    private mutating func require(_ check: Check, _ faults: [String]) {
        if !faults.isEmpty { found[check, default: []] += faults }
    }

    /// What does not hold, with some examples.
    var faults: [(check: Check, what: String)] {
        Check.allCases.compactMap { check in
            guard let faults = found[check] else { return nil }
            let others = faults.count > 3 ? "; \(faults.count) such" : ""
            return (check, faults.prefix(3).joined(separator: "; ") + others)
        }
    }

    // MARK: The history

    private mutating func checkHistory() {
        let (sent, history) = (observations.acknowledged, observations.history.mapValues { $0 })
        let stored = Set(
            history.flatMap { channel, messages in messages.map { Ledger.Sent(message: $0, channel: channel) } })
        let kept = sent.filter { !observations.deleted.contains($0.message.id) }
        require(.something, sent.isEmpty ? ["nothing"] : [])
        require(.kept, kept.filter { !stored.contains($0) }.map(\.message.nonce))
        require(.gone, stored.map(\.message).filter { observations.deleted.contains($0.id) }.map(\.nonce))
        let nonces = Set(sent.map(\.message.nonce))
        require(.known, stored.map(\.message.nonce).filter { !nonces.contains($0) })
        require(.onceInHistory, Self.repeated(history.values.flatMap { $0 }.map(\.nonce)))
        require(.onceAcknowledged, Self.repeated(sent.map(\.message.id)))
        require(
            .writersOrder,
            history.values.flatMap { messages in
                Dictionary(grouping: messages, by: \.writer).values.flatMap { own in
                    zip(own, own.dropFirst()).filter { $0.number > $1.number }.map { "\($1.nonce) after \($0.nonce)" }
                }
            })
    }

    private static func repeated(_ names: [String]) -> [String] {
        var seen: Set<String> = []
        return names.filter { !seen.insert($0).inserted }
    }

    private mutating func checkOrder() {
        var newest: [String: Int64] = [:]
        var faults: [String] = []
        for item in timeline.items {
            guard case .message(let text, let channel, let nonce) = item.occurrence, let id = Int64(text) else {
                continue
            }
            if id <= newest[channel] ?? 0 { faults.append("\(nonce) at \(item.position) has the id \(id)") }
            newest[channel] = max(newest[channel] ?? 0, id)
        }
        require(.idsGrow, faults)
    }

    // MARK: What was heard

    /// What nobody heard at all is in no account to hold others against.
    private mutating func checkTold() {
        let told = Set(
            timeline.items.compactMap { if case .message(let id, _, _) = $0.occurrence { id } else { nil } })
        let untold = observations.acknowledged.map(\.message).filter {
            observations.deleted.contains($0.id) ? timeline.deletions[$0.id] == nil : !told.contains($0.id)
        }
        require(.heard, untold.map { "nobody heard of \($0.nonce)" })
    }

    private struct Listening {
        var missing: [String] = []
        var twice: [String] = []
        var late: [String] = []
        var unseen: [String] = []
    }

    private mutating func check(_ account: Account) {
        let found = compare(account)
        require(.heard, found.missing)
        require(.heardOnce, found.twice)
        require(.heardInOrder, found.late)
        require(.unseen, found.unseen)
        require(.resumed, account.refusals > 0 ? [account.name] : [])
    }

    private mutating func checkReplay(_ replay: Account) {
        let found = compare(replay)
        require(.replayed, found.missing + found.twice + found.late + found.unseen)
        require(.resumed, replay.refusals > 0 ? [replay.name] : [])
    }

    private func compare(_ account: Account) -> Listening {
        var found = Listening()
        var seen: Set<Occurrence> = []
        var last = account.start
        for heard in account.heard {
            switch heard.occurrence {
            case .message(_, let channel, _), .deletion(_, let channel):
                let description = "\(account.name): \(heard.occurrence) at \(heard.position)"
                if !seen.insert(heard.occurrence).inserted {
                    found.twice.append(description)
                } else if heard.position <= last {
                    found.late.append(description)
                }
                last = max(last, heard.position)
                let item = Timeline.Item(position: heard.position, channel: channel, occurrence: heard.occurrence)
                if expectation(of: item, by: account) == .never { found.unseen.append(description) }
            case .typing(let channel):
                if timeline.sight(of: account.viewer, in: channel, at: heard.position) == .unseen {
                    found.unseen.append("\(account.name): typing in \(channel) at \(heard.position)")
                }
            default: break
            }
        }
        for item in timeline.items where item.position > account.start {
            if !seen.contains(item.occurrence), expectation(of: item, by: account) == .always,
                !mayBeForgotten(item)
            {
                found.missing.append("\(account.name): \(item.occurrence) at \(item.position)")
            }
        }
        return found
    }

    /// What is taken back is taken from the log, so a node that hears of it late does not find it there any more.
    private func mayBeForgotten(_ item: Timeline.Item) -> Bool {
        observations.nodesMayBeLate && deletion(of: item) != nil
    }

    /// Where a message was taken back.
    private func deletion(of item: Timeline.Item) -> Int64? {
        if case .message(let id, _, _) = item.occurrence { timeline.deletions[id] } else { nil }
    }

    private enum Expectation {
        case always
        case perhaps
        case never
    }

    private func expectation(of item: Timeline.Item, by account: Account) -> Expectation {
        let then = timeline.sight(of: account.viewer, in: item.channel, at: item.position)
        guard then != .unseen else { return .never }
        let expectation: Expectation = then == .seen ? .always : .perhaps
        guard let resume = account.resume(covering: item.position) else { return expectation }
        // The connection broke, so that nobody can say what was seen when that was shown.
        guard let end = resume.decidedBefore else { return .perhaps }
        if let deleted = deletion(of: item) {
            return deleted <= resume.decidedAfter ? .never : .perhaps
        }
        let first = max(item.position, resume.decidedAfter)
        let sights = timeline.sights(of: account.viewer, in: item.channel, from: min(first, end), through: end)
        if sights == [.seen] { return expectation }
        // That a message is gone may be told to whom the channel is gone, too.
        if sights == [.unseen], case .message = item.occurrence { return .never }
        return .perhaps
    }

    private mutating func checkPositions() {
        var positions: [Occurrence: Int64] = [:]
        for item in timeline.items { positions[item.occurrence] = item.position }
        var faults: [String] = []
        for account in observations.accounts + observations.replays {
            for heard in account.heard {
                switch heard.occurrence {
                case .message, .deletion:
                    if let position = positions[heard.occurrence] {
                        if position != heard.position {
                            faults.append(
                                "\(account.name): \(heard.occurrence) at \(heard.position), not at \(position)")
                        }
                    } else {
                        faults.append("\(account.name): \(heard.occurrence), of which no witness knows")
                    }
                default: break
                }
            }
        }
        require(.onePosition, faults)
    }
}
