import NIOConcurrencyHelpers

/// Turns `$1` into `?1`, SQLite's spelling of a numbered parameter, and `= ANY ($1)` into what SQLite has for it: a list in JSON.
final class SQLiteSpelling: Sendable {
    static let shared = SQLiteSpelling()
    /// Statements are written in the source, so there are far fewer.
    private static let maximumCount = 4096
    /// How the value of a list's parameter is compared, and what SQLite says for it.
    private static let comparisons = [("= ANY (", "IN"), ("<> ALL (", "NOT IN")]

    private let known = NIOLockedValueBox<Set<StaticSQL>>([])

    /// Everything that the process has asked SQLite for; tests look at the plans.
    var statements: [StaticSQL] { known.withLockedValue { Array($0) } }

    func text(of sql: StaticSQL) -> String {
        known.withLockedValue { known in
            if known.count >= Self.maximumCount { known.removeAll() }
            known.insert(sql)
        }
        let parts = sql.text.split(separator: "$", omittingEmptySubsequences: false)
        return parts.dropFirst().reduce(into: String(parts.first ?? "")) { text, part in
            let number = part.prefix { "0"..."9" ~= $0 }
            Self.add(number, followedBy: part.dropFirst(number.count), to: &text)
        }
    }

    private static func add(_ number: Substring, followedBy rest: Substring, to text: inout String) {
        if number.isEmpty {
            text += "$\(rest)"
        } else if rest.hasPrefix(")"), let (beginning, word) = comparisons.first(where: { text.hasSuffix($0.0) }) {
            text.removeLast(beginning.count)
            text += "\(word) (SELECT value FROM json_each(?\(number))\(rest)"
        } else {
            text += "?\(number)\(rest)"
        }
    }
}
