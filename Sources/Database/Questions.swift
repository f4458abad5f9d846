import Foundation

/// What a closure that writes will ask first, so that it can be asked for many closures at once, before the first of them runs.
///
/// PostgreSQL answers the questions of a whole group on one way, and those that several ask alike once. The closure asks as if
/// nobody had: whether it is answered from here makes no difference but time.
public struct Questions: Sendable {
    /// Nothing is known of what is asked.
    public static let none = Questions(statements: { [] })

    let statements: @Sendable () -> [(StaticSQL, [SQLValue])]

    private init(statements: @escaping @Sendable () -> [(StaticSQL, [SQLValue])]) { self.statements = statements }

    public init<Answer>(_ query: @escaping @Sendable () -> Query<Answer>) {
        self.init(statements: { query().statements })
    }
}

/// Answers that a transaction has before its closures ask for them, until what they were read from changes.
struct ForeseenAnswers<Answer> {
    private var answers: [String: [[SQLValue]: Answer]] = [:]
    /// What the closure that runs has changed, and later ones need not see.
    private var unseenChanges: [StaticSQL] = []

    /// Those of the questions that have no answer yet, each once.
    func unknown(_ questions: [(StaticSQL, [SQLValue])]) -> [(StaticSQL, [SQLValue])] {
        var seen: [String: Set<[SQLValue]>] = [:]
        return questions.filter { sql, values in
            self[sql, values] == nil && seen[sql.text, default: []].insert(values).inserted
        }
    }

    subscript(sql: StaticSQL, values: [SQLValue]) -> Answer? {
        get {
            guard let answer = answers[sql.text]?[values] else { return nil }
            return unseenChanges.contains { $0.mayChangeAnswers(to: sql.text) } ? nil : answer
        }
        set { answers[sql.text, default: [:]][values] = newValue }
    }

    /// Another closure runs from here on.
    mutating func beginClosure() { unseenChanges = [] }

    /// Forgets what may be different after a statement.
    mutating func note(changesBy sql: StaticSQL) {
        for text in answers.keys where sql.mayChangeAnswers(to: text) { answers[text] = nil }
    }

    /// Takes note of what only the closure that runs has to see.
    mutating func note(unseenChangesBy sql: StaticSQL) { if !answers.isEmpty { unseenChanges.append(sql) } }
}

extension StaticSQL {
    /// Whether a question asks about what this statement changes: there are neither triggers nor keys that change other tables
    /// with the one that it names.
    fileprivate func mayChangeAnswers(to question: String) -> Bool {
        changedTable.map { strstr(question, String($0)) != nil } ?? true
    }

    /// The one table that a statement changes; nil where that does not stand at its beginning.
    private var changedTable: Substring? {
        for beginning in ["INSERT INTO ", "UPDATE ", "DELETE FROM "] where text.hasPrefix(beginning) {
            return text.dropFirst(beginning.utf8.count).prefix { $0.isLetter || $0.isNumber || $0 == "_" }
        }
        return nil
    }
}
