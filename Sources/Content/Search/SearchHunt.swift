import Database
import Kernel

/// The course of one search: the line first, then the index, then what the index does not have yet.
struct SearchHunt {
    /// So many places are named to the index at a time.
    private static let maximumScope = 200
    private static let batch = 100

    /// What a search may cost: it ends with what it has after so many candidates, or so much text.
    struct Budget {
        var candidates = 20_000
        var text_bytes = 8 << 20

        var isSpent: Bool { candidates <= 0 || text_bytes <= 0 }
    }

    let query: SearchQuery
    let limit: Int
    var ground: SearchGround
    private(set) var budget = Budget()
    private var found: [SearchCandidate] = []

    init(_ query: SearchQuery, in ground: SearchGround, limit: Int, budget: Budget = Budget()) {
        self.query = query
        self.ground = ground
        self.limit = limit
        self.budget = budget
    }

    /// - Returns: what was found, the newest first.
    mutating func run(_ tx: Transaction) throws -> [SearchCandidate] {
        // Pins are few, and the index does not know them.
        if query.isPinned == true {
            try take(
                SearchStore.pinnedCandidates(
                    in: Array(ground.channels.keys), andThreadsOf: Array(ground.parents), tx), tx)
        } else {
            let beginning = try SearchStore.beginning(tx)
            try take(SearchStore.queuedCandidates(tx).filter { $0.id >= beginning }, tx)
            try askIndex(from: beginning, tx)
            try readOlder(than: beginning, tx)
        }
        return Array(found.sorted { $0.id > $1.id }.prefix(limit))
    }

    private mutating func askIndex(from beginning: MessageID, _ tx: Transaction) throws {
        let after = max(query.after ?? MessageID(rawValue: 0), MessageID(rawValue: beginning.rawValue - 1))
        for scope in ground.scopes(ofAtMost: Self.maximumScope) {
            try walk(from: query.before ?? MessageID(rawValue: .max), wanting: limit, tx) { [query] before in
                try SearchStore.candidates(
                    having: query.tokens, anyOf: scope, before: before, after: after, limit: Self.batch, tx)
            }
        }
    }

    private mutating func readOlder(than beginning: MessageID, _ tx: Transaction) throws {
        guard found.count < limit, beginning > MessageID(rawValue: 0) else { return }
        let first = min(query.before ?? MessageID(rawValue: .max), beginning)
        try walk(from: first, wanting: limit - found.count, tx) { [query, ground] before in
            try SearchStore.unindexed(
                in: ground.onlyChannel, before: before, after: query.after ?? MessageID(rawValue: 0),
                limit: Self.batch, tx)
        }
    }

    /// Goes back from page to page until there is enough.
    private mutating func walk(
        from first: MessageID, wanting count: Int, _ tx: Transaction, _ page: (MessageID) throws -> [SearchCandidate]
    ) throws {
        let enough = found.count + count
        var before = first
        while found.count < enough, !budget.isSpent {
            let candidates = try page(before)
            try take(candidates, tx)
            guard let last = candidates.last, candidates.count == Self.batch else { break }
            before = last.id
        }
    }

    private mutating func take(_ candidates: [SearchCandidate], _ tx: Transaction) throws {
        for candidate in candidates where !budget.isSpent {
            budget.candidates -= 1
            budget.text_bytes -= candidate.length_bytes
            guard !ground.isKnownHidden(candidate.channel), query.matches(candidate),
                try ground.channel(candidate.channel, tx) != nil
            else { continue }
            found.append(candidate)
        }
    }
}
