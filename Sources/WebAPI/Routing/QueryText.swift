import Foundation

/// Reads the query of an address as browsers and libraries write it (URL Standard, section 5.1): a `+` is a space.
enum QueryText {
    /// The names and values in their order. What is not well encoded is taken as it stands.
    static func parameters(of query: String) -> [(name: String, value: String)] {
        query.split(separator: "&").map { part in
            let halves = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return (decoded(halves[0]), halves.count == 2 ? decoded(halves[1]) : "")
        }
    }

    private static func decoded(_ text: Substring) -> String {
        let spaced = text.contains("+") ? text.replacing("+", with: " ") : text
        guard spaced.contains("%") else { return String(spaced) }
        return String(spaced).removingPercentEncoding ?? String(spaced)
    }
}
