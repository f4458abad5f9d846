import Features
import Kernel

/// What is looked for (contract: REST, Search).
struct SearchQuery: Sendable {
    /// Something that a message can have.
    enum Kind: String, CaseIterable, Sendable {
        case link
        case embed
        case poll
        /// Of any kind.
        case file
        case image
        case video
        case sound
    }

    enum Order: String, CaseIterable, Sendable {
        case newest
        /// Whole words first, then more of them, then newer ones.
        case best
    }

    /// Each has to stand somewhere in the message.
    let terms: [SearchTerm]
    var author: UserID?
    var has: Kind?
    var before: MessageID?
    var after: MessageID?
    var mentions: UserID?
    var isPinned: Bool?
    var order = Order.newest
    var limit = 25

    static let maximumTerms = 10

    /// The numbers that a message must have in the index, besides its place.
    var tokens: Set<Int32> {
        var tokens = terms.reduce(into: Set<Int32>()) { $0.formUnion(TextPieces.needed(for: $1.text)) }
        if let author { tokens.insert(SearchToken.author(author)) }
        if let has { tokens.insert(SearchToken.has(has)) }
        if let mentions { tokens.insert(SearchToken.mention(Mentions.token(mentions))) }
        return tokens
    }

    /// Whether a message is what was looked for.
    func matches(_ candidate: SearchCandidate) -> Bool {
        if let author, candidate.author != author { return false }
        if let has, !candidate.kinds.contains(has) { return false }
        if let before, candidate.id >= before { return false }
        if let after, candidate.id <= after { return false }
        if let mentions, !candidate.mentions.users.contains(mentions) { return false }
        if let isPinned, candidate.isPinned != isPinned { return false }
        guard !terms.isEmpty else { return true }
        let texts = candidate.texts.map { SearchText($0) }
        return terms.allSatisfy { term in texts.contains { $0.contains(term) } }
    }

    /// How well a message fits, for the order "best".
    func score(of candidate: SearchCandidate) -> Int {
        let texts = candidate.texts.map { SearchText($0) }
        return terms.reduce(0) { score, term in
            let found = texts.map { $0.occurrences(of: term, stoppingAt: 10) }
            let count = found.reduce(0) { $0 + $1.count }
            return score + (found.contains(where: \.hasWord) ? 100 : 0) + min(count, 10)
        }
    }
}
