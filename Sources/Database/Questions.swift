import Foundation

/// What a closure that writes will ask first, so that it can be asked for many closures at once, before the first of them runs.
///
/// PostgreSQL answers the questions of a whole group on one way, and those once that several ask alike. The closure asks as if
/// nobody had: whether it is answered from here makes no difference but time.
public struct Questions: Sendable {
    /// Nothing is known of what is asked.
    public static let none = Questions(.known(()))

    let statements: [Statement]

    typealias Statement = (sql: StaticSQL, values: [SQLValue])

    public init<Answer>(_ query: Query<Answer>) { statements = query.statements.map { ($0, $1) } }
}

/// Answers that a transaction has before its closures ask for them, until what they were read from changes.
struct ForeseenAnswers<Answer> {
    /// What is to be asked, each once.
    private(set) var statements: [Questions.Statement] = []
    var answers: [Answer] = []

    /// For each closure that has not begun, the last one first, what of the above it will ask.
    private var places: [[Int]] = []
    /// Of the closure that runs.
    private var ownPlaces: [Int] = []
    private var changedTables: [Substring] = []
    /// What only the closure that runs has to see.
    private var ownChangedTables: [Substring] = []
    /// By the place of the statement.
    private var isOutdated: [Bool] = []

    /// - Parameter questions: of each closure, in the order in which they will run. Those of one channel are neighbours, and ask
    ///   much alike.
    init(_ questions: [Questions] = []) {
        var before: [Int] = []
        for closure in questions {
            before = closure.statements.enumerated().map { index, statement in
                if before.indices.contains(index), statements[before[index]] == statement { return before[index] }
                statements.append(statement)
                return statements.count - 1
            }
            places.append(before)
        }
        places.reverse()
        isOutdated = Array(repeating: false, count: statements.count)
    }

    /// The next closure runs from here on.
    mutating func beginClosure() {
        ownPlaces = places.popLast() ?? []
        ownChangedTables = []
    }

    /// - Returns: what is known of the first things that a closure asks.
    func answers(to questions: [Questions.Statement]) -> [Answer?] {
        questions.enumerated().map { index, question in
            guard ownPlaces.indices.contains(index), answers.indices.contains(ownPlaces[index]) else { return nil }
            let place = ownPlaces[index]
            guard !isOutdated[place], statements[place] == question else { return nil }
            return ownChangedTables.contains { question.sql.asks($0) } ? nil : answers[place]
        }
    }

    /// Takes note of a statement that may change something.
    mutating func note(changesBy sql: StaticSQL) {
        guard !answers.isEmpty else { return }
        guard let table = sql.changedTable else { return answers = [] }
        guard !changedTables.contains(table) else { return }
        changedTables.append(table)
        for place in statements.indices where statements[place].sql.asks(table) { isOutdated[place] = true }
    }

    /// Takes note of what only the closure that runs has to see.
    mutating func note(unseenChangesBy sql: StaticSQL) {
        guard !answers.isEmpty else { return }
        guard let table = sql.changedTable else { return answers = [] }
        ownChangedTables.append(table)
    }
}

private func == (left: Questions.Statement, right: Questions.Statement) -> Bool {
    left.sql == right.sql && left.values == right.values
}

extension StaticSQL {
    /// The one table that a statement changes, since there are neither triggers nor keys that change others with it; nil where its
    /// name does not stand at the beginning.
    fileprivate var changedTable: Substring? {
        for beginning in ["INSERT INTO ", "UPDATE ", "DELETE FROM "] where text.hasPrefix(beginning) {
            let rest = text.utf8.dropFirst(beginning.utf8.count)
            return Substring(rest.prefix { $0 == UInt8(ascii: "_") || UInt8(ascii: "a")...UInt8(ascii: "z") ~= $0 })
        }
        return nil
    }

    /// Whether a table is named, or something whose name has that of the table in it.
    fileprivate func asks(_ table: Substring) -> Bool { strstr(text, String(table)) != nil }
}
