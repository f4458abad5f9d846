/// What somebody types to find a person: parts of words, each of which stands in one of the person's names.
package struct NameQuery: Sendable {
    private let terms: [SearchTerm]

    package init(_ text: String) {
        let name = text.hasPrefix("@") ? String(text.dropFirst()) : text
        terms = SearchText(name).words.map { SearchTerm(SearchText(folded: $0)) }
    }

    /// Nobody is found by nothing.
    package var isEmpty: Bool { terms.isEmpty }

    /// What the names of whoever is meant have among their pieces (`TextPieces`); none where it does not say that much.
    package var pieces: Set<Int32> { terms.reduce(into: []) { $0.formUnion(TextPieces.needed(for: $1.text)) } }

    /// - Parameter names: all that the person is called.
    package func matches(_ names: [String?]) -> Bool {
        guard !isEmpty else { return false }
        let texts = names.compactMap { $0.map { SearchText($0) } }
        return terms.allSatisfy { term in texts.contains { $0.contains(term) } }
    }
}
