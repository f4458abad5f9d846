import Features
import Kernel

/// What somebody looks for in the directory, and in which order.
struct ListingSearch: Sendable {
    enum Order: String, CaseIterable, Sendable {
        case relevance, members, active, new, bumped
    }

    let text: String?
    let tag: String?
    let category: Listing.Category?
    let language: String?
    let order: Order
    let limit: Int
    let offset: Int

    /// What of a listing decides its place.
    struct Candidate: Sendable {
        let server: ServerID
        /// Folded, as is the rest.
        let name: String
        let summary: String
        let tags: [String]
        let listedAt: Timestamp
        let bumpedAt: Timestamp?
    }

    /// Those that fit, the best first, in an order that is the same for each page.
    /// - Parameters:
    ///   - members: of each server that is there.
    ///   - online: of each, where it matters.
    func ranked(_ all: [Candidate], members: [ServerID: Int], online: [ServerID: Int]) -> [ServerID] {
        let query = DirectoryQuery(text ?? "")
        let found = all.compactMap { candidate -> (server: ServerID, key: (Int64, Int64))? in
            guard let members = members[candidate.server], tag.map(candidate.tags.contains) ?? true,
                let score = query.score(of: candidate)
            else { return nil }
            let key: (Int64, Int64) =
                switch order {
                case .relevance: (Int64(score), Int64(members))
                case .members: (Int64(members), 0)
                case .active: (Int64(online[candidate.server] ?? 0), Int64(members))
                case .new: (candidate.listedAt.milliseconds, 0)
                case .bumped: (candidate.bumpedAt?.milliseconds ?? .min, candidate.listedAt.milliseconds)
                }
            return (candidate.server, key)
        }
        return found.sorted { $0.key == $1.key ? $0.server < $1.server : $0.key > $1.key }.map(\.server)
    }
}

/// Words that all have to stand in what a server says of itself; those that stand in its name count most.
struct DirectoryQuery: Sendable {
    private let words: [String]
    private let whole: String

    init(_ text: String) {
        let folded = Self.folded(text)
        words = folded.split(separator: " ").map(String.init)
        whole = folded
    }

    /// As search compares texts.
    static func folded(_ text: String) -> String {
        String(String.UnicodeScalarView(SearchText(text.replacing("\0", with: " ")).scalars))
    }

    /// - Returns: nil for a server that does not fit.
    func score(of candidate: ListingSearch.Candidate) -> Int? {
        guard !words.isEmpty else { return 0 }
        var score = candidate.name == whole ? 8 : candidate.name.hasPrefix(whole) ? 4 : 0
        for word in words {
            if Self.stands(word, in: candidate.name) {
                score += 3
            } else if candidate.tags.contains(word) {
                score += 2
            } else if ([candidate.summary] + candidate.tags).contains(where: { Self.stands(word, in: $0) }) {
                score += 1
            } else {
                return nil
            }
        }
        return score
    }

    /// By scalars: in many scripts one letter more makes another character of the last one.
    private static func stands(_ word: String, in text: String) -> Bool {
        text.unicodeScalars.contains(word.unicodeScalars)
    }
}
