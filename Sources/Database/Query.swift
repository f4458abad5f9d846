/// A question to the database that can be asked together with others: on PostgreSQL they take one way to the server and back.
///
/// Inlinable, since its types are made at run time otherwise, for each question anew, which takes longer than many an answer.
public struct Query<Answer>: Sendable {
    @usableFromInline struct Reading {
        /// Takes a row of the statement with that index.
        @usableFromInline let row: (Int, SQLRow) throws -> Void
        @usableFromInline let answer: () throws -> Answer

        @inlinable init(row: @escaping (Int, SQLRow) throws -> Void, answer: @escaping () throws -> Answer) {
            self.row = row
            self.answer = answer
        }
    }

    @usableFromInline let statements: [(StaticSQL, [SQLValue])]
    @usableFromInline let begin: @Sendable () -> Reading

    @inlinable init(statements: [(StaticSQL, [SQLValue])], begin: @escaping @Sendable () -> Reading) {
        self.statements = statements
        self.begin = begin
    }

    /// What need not be asked.
    @inlinable public static func known(_ answer: Answer) -> Query where Answer: Sendable {
        Query(statements: []) { Reading(row: { _, _ in }, answer: { answer }) }
    }

    /// All rows, each made into a value; without those that make none.
    @inlinable public static func all<Value>(
        _ sql: StaticSQL, _ values: [any SQLBindable], _ make: @escaping @Sendable (SQLRow) throws -> Value?
    ) -> Query where Answer == [Value] {
        Query(statements: [(sql, values.map(\.sqlValue))]) {
            var found: [Value] = []
            return Reading(row: { _, row in if let value = try make(row) { found.append(value) } }, answer: { found })
        }
    }

    /// All rows, each read by its shape; without those that have a word which this version does not know.
    @inlinable public static func all<Value>(
        _ sql: StaticSQL, _ values: [any SQLBindable], as shape: RowShape<Value>
    ) -> Query where Answer == [Value] { all(sql, values) { try shape.read($0) } }

    /// The first row made into a value, or nil when there is none.
    @inlinable public static func first<Value>(
        _ sql: StaticSQL, _ values: [any SQLBindable], _ make: @escaping @Sendable (SQLRow) throws -> Value?
    ) -> Query where Answer == Value? {
        // Not `\.first`: a key path of a generic type is made anew each time, which takes longer than many a statement.
        Query<[Value]>.all(sql, values, make).map { $0.first }
    }

    /// The first row, read by its shape.
    @inlinable public static func first<Value>(
        _ sql: StaticSQL, _ values: [any SQLBindable], as shape: RowShape<Value>
    ) -> Query where Answer == Value? { first(sql, values) { try shape.read($0) } }

    @inlinable public func map<Other>(_ transform: @escaping @Sendable (Answer) throws -> Other) -> Query<Other> {
        Query<Other>(statements: statements) {
            let reading = begin()
            return Query<Other>.Reading(row: reading.row, answer: { try transform(reading.answer()) })
        }
    }

    /// Both, neither of which depends on the other's answer.
    @inlinable public func and<Other>(_ other: Query<Other>) -> Query<(Answer, Other)> {
        Query<(Answer, Other)>(statements: statements + other.statements) {
            let (first, second, count) = (begin(), other.begin(), statements.count)
            return Query<(Answer, Other)>.Reading(
                row: { index, row in
                    if index < count { try first.row(index, row) } else { try second.row(index - count, row) }
                },
                answer: { (try first.answer(), try second.answer()) })
        }
    }
}

extension Transaction {
    @inlinable public func ask<Answer>(_ query: Query<Answer>) throws -> Answer {
        let reading = query.begin()
        if !query.statements.isEmpty { try ask(query.statements, reading.row) }
        return try reading.answer()
    }
}
