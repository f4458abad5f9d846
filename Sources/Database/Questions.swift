import Foundation

/// What a closure that writes will ask first, so that it can be asked for many closures at once, before the first of them runs.
///
/// PostgreSQL answers the questions of a whole group on one way, and those once that several ask alike. The closure asks them with
/// one `Transaction.ask`, as if nobody had: whether it is answered from here makes no difference but time, and but for changes that
/// are said to show only elsewhere (`Transaction.execute(_:_:changingOnly:)`).
public struct Questions: Sendable {
    /// Nothing is known of what is asked.
    public static let none = Questions(.known(()))

    let statements: [Statement]

    typealias Statement = (sql: StaticSQL, values: [SQLValue])

    public init<Answer>(_ query: Query<Answer>) { statements = query.statements.map { ($0, $1) } }

    fileprivate func contain(_ statement: Statement) -> Bool { statements.contains { $0 == statement } }
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

    /// - Returns: what is known of that with which a closure begins.
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

    /// Takes note of a change that later closures need only see in the answers to some questions.
    mutating func note(changesBy sql: StaticSQL, only questions: Questions) {
        guard !answers.isEmpty else { return }
        guard let table = sql.changedTable else { return answers = [] }
        ownChangedTables.append(table)
        for place in statements.indices where questions.contain(statements[place]) { isOutdated[place] = true }
    }
}

private func == (left: Questions.Statement, right: Questions.Statement) -> Bool {
    left.sql == right.sql && left.values.count == right.values.count
        && zip(left.values, right.values).allSatisfy { $0.isIdentical(to: $1) }
}

extension SQLValue {
    /// Whether it is the same to a database, for which letters differ that are the same to Swift, such as é and e with an accent.
    fileprivate func isIdentical(to other: SQLValue) -> Bool {
        switch (self, other) {
        case (.text(let left), .text(let right)): left.utf8.elementsEqual(right.utf8)
        case (.texts(let left), .texts(let right)): left.elementsEqual(right) { $0.utf8.elementsEqual($1.utf8) }
        default: self == other
        }
    }
}

extension StaticSQL {
    /// The one table that a statement changes, since no keys change others with it, and nobody asks beforehand for what triggers
    /// change; nil where its name does not stand by itself at the beginning.
    fileprivate var changedTable: Substring? {
        for beginning in ["INSERT INTO ", "UPDATE ", "DELETE FROM "] where text.hasPrefix(beginning) {
            let rest = text.utf8.dropFirst(beginning.utf8.count)
            let name = rest.prefix { $0 == UInt8(ascii: "_") || UInt8(ascii: "a")...UInt8(ascii: "z") ~= $0 }
            let isWhole = rest.dropFirst(name.count).first.map { " \n(".utf8.contains($0) } ?? true
            return isWhole && !name.isEmpty && !name.elementsEqual("only".utf8) ? Substring(name) : nil
        }
        return nil
    }

    /// Whether a table is named. What only has its name in it, such as a column, is something else.
    fileprivate func asks(_ table: Substring) -> Bool {
        func isPartOfName(_ byte: CChar) -> Bool {
            switch UInt8(bitPattern: byte) {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
                true
            default: false
            }
        }
        return text.withCString { text in
            let name = Array(String(table).utf8CString)
            var rest = text
            while let found = strstr(rest, name).map({ UnsafePointer($0) }) {
                // The names end with a zero, which is counted.
                if !isPartOfName(found > text ? found[-1] : 0), !isPartOfName(found[name.count - 1]) { return true }
                rest = found + 1
            }
            return false
        }
    }
}
