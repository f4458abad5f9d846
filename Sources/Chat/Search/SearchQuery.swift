import Kernel
import Media

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

    /// Each has to stand somewhere in the message. Quoted words are one term.
    let terms: [SearchText]
    var author: UserID?
    var has: Kind?
    var before: MessageID?
    var after: MessageID?
    var mentions: UserID?
    var isPinned: Bool?
    var order = Order.newest
    var limit = 25

    static let maximumTerms = 10

    /// Takes a text apart into terms.
    static func terms(_ text: String) -> [SearchText] {
        var terms: [String] = []
        for (index, part) in text.split(separator: "\"", omittingEmptySubsequences: false).enumerated() {
            // What stands between quotation marks is every second part.
            if index % 2 == 1 {
                terms.append(String(part))
            } else {
                terms += part.split(whereSeparator: \.isWhitespace).map(String.init)
            }
        }
        return terms.map { SearchText($0) }.filter { !$0.words.isEmpty }
    }

    /// The numbers that a message must have in the index, besides its place.
    var tokens: Set<Int32> {
        var tokens = terms.reduce(into: Set<Int32>()) { $0.formUnion(SearchToken.needed(for: $1)) }
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
        let text = SearchText(candidate.content)
        return terms.allSatisfy(text.contains)
    }

    /// How well a message fits, for the order "best".
    func score(of candidate: SearchCandidate) -> Int {
        let text = SearchText(candidate.content)
        return terms.reduce(0) { score, term in
            score + (text.containsWord(term) ? 100 : 0) + min(text.count(of: term, stoppingAt: 10), 10)
        }
    }
}

/// A message that may be what is looked for.
struct SearchCandidate: Sendable, Equatable {
    let id: MessageID
    let channel: ChannelID
    let author: UserID
    let content: String
    let mentions: Mentions
    let isPinned: Bool
    let kinds: Set<SearchQuery.Kind>

    static func kinds(
        content: String, hasEmbeds: Bool, hasPoll: Bool, files: Set<MediaType.Kind>
    ) -> Set<SearchQuery.Kind> {
        var kinds: Set<SearchQuery.Kind> = []
        if content.contains("http://") || content.contains("https://") { kinds.insert(.link) }
        if hasEmbeds { kinds.insert(.embed) }
        if hasPoll { kinds.insert(.poll) }
        if !files.isEmpty { kinds.insert(.file) }
        if files.contains(.picture) { kinds.insert(.image) }
        if files.contains(.video) { kinds.insert(.video) }
        if files.contains(.audio) { kinds.insert(.sound) }
        return kinds
    }

    /// Everything that the index is told of the message.
    func tokens(in server: ServerID?) -> Set<Int32> {
        var tokens = SearchToken.pieces(of: SearchText(content))
        tokens.insert(SearchToken.channel(channel))
        if let server { tokens.insert(SearchToken.server(server)) }
        tokens.insert(SearchToken.author(author))
        for kind in kinds { tokens.insert(SearchToken.has(kind)) }
        for user in mentions.users { tokens.insert(SearchToken.mention(Mentions.token(user))) }
        return tokens
    }
}
