import NIOConcurrencyHelpers
import TestDatabase
import Testing

@testable import Database

/// What is asked for many closures at once, before they run.
@Suite struct QuestionsTests {
    // MARK: What is kept

    private static let amount: StaticSQL = "SELECT amount FROM things WHERE id = $1"
    private static let name: StaticSQL = "SELECT name FROM people WHERE id = $1"

    private static func question(_ sql: StaticSQL, _ id: Int) -> Query<Int?> { .first(sql, [id]) { $0.int(0) } }

    /// Two closures that ask for both, of the same and of different things.
    private func answers() -> ForeseenAnswers<String> {
        var answers = ForeseenAnswers<String>(
            [1, 2].map { Questions(Self.question(Self.amount, 1).and(Self.question(Self.name, $0))) })
        answers.answers = ["amount of 1", "name of 1", "name of 2"]
        answers.beginClosure()
        return answers
    }

    private func known(_ answers: ForeseenAnswers<String>, name id: Int64 = 1) -> [String?] {
        answers.answers(to: [(Self.amount, [.integer(1)]), (Self.name, [.integer(id)])])
    }

    @Test func `What neighbours ask alike is asked once`() {
        let statements = answers().statements
        #expect(statements.map(\.sql) == [Self.amount, Self.name, Self.name])
        #expect(statements.map(\.values) == [[.integer(1)], [.integer(1)], [.integer(2)]])
    }

    @Test func `Each closure has the answers to what it asks, and to nothing else`() {
        var answers = answers()
        #expect(known(answers) == ["amount of 1", "name of 1"])
        #expect(known(answers, name: 2) == ["amount of 1", nil])
        #expect(answers.answers(to: [(Self.name, [.integer(1)])]) == [nil])
        #expect(answers.answers(to: [(Self.amount, [.text("1")])]) == [nil])
        answers.beginClosure()
        #expect(known(answers, name: 2) == ["amount of 1", "name of 2"])
        answers.beginClosure()
        #expect(known(answers, name: 2) == [nil, nil])
    }

    @Test(arguments: [
        "INSERT INTO things (id) VALUES ($1)", "UPDATE things SET amount = $1", "DELETE FROM things WHERE id = $1",
        "INSERT INTO things(id) VALUES ($1)", "UPDATE things\nSET amount = $1",
    ])
    func `What is read from a table is forgotten when it changes`(_ change: String) {
        var answers = answers()
        answers.note(changesBy: StaticSQL(generated: change))
        #expect(known(answers) == [nil, "name of 1"])
        answers.beginClosure()
        #expect(known(answers, name: 2) == [nil, "name of 2"])
    }

    @Test(arguments: [
        "WITH gone AS (DELETE FROM things RETURNING id) SELECT id FROM gone", "TRUNCATE things",
        "update things SET amount = 1", "  UPDATE things SET amount = 1", "UPDATE \"things\" SET amount = 1",
    ])
    func `After a change whose table does not stand at its beginning nothing is known`(_ change: String) {
        var answers = answers()
        answers.note(changesBy: StaticSQL(generated: change))
        #expect(known(answers) == [nil, nil])
    }

    @Test func `What a closure has changed for itself is forgotten only by it`() {
        var answers = answers()
        answers.note(unseenChangesBy: "UPDATE things SET amount = 1")
        #expect(known(answers) == [nil, "name of 1"])
        answers.beginClosure()
        #expect(known(answers, name: 2) == ["amount of 1", "name of 2"])
    }

    // MARK: In groups

    /// A question that everybody who asks it by himself gets another answer to.
    private static var number: Query<Int?> { .first("SELECT nextval('numbers')", []) { $0.int(0) } }
    private static var amountOfFirst: Query<Int?> { .first(amount, [1]) { $0.int(0) } }
    private static var wrong: Query<Int?> { .first("SELECT 1 / amount FROM things WHERE id = $1", [1]) { $0.int(0) } }
    private static let migrations = [
        Migration.things, Migration(2, "numbers") { _ in ["CREATE SEQUENCE numbers"] },
    ]

    /// Lends a database in which what is submitted meanwhile goes into one transaction.
    private func withGroup(
        _ submit: @escaping @Sendable (PostgreSQLDatabase, inout ThrowingTaskGroup<Void, any Error>) -> Void,
        isolation: isolated (any Actor)? = #isolation,
        then check: (PostgreSQLDatabase) async throws -> Void
    ) async throws {
        try await TestDatabase.withPlace(.postgresql) { place in
            try await place.withPostgreSQL(migrations: Self.migrations) { database in
                try await database.write { try $0.addThing(1) }
                let (isUnderWay, mayEnd) = (Signal(), Barrier())
                async let first: Void = database.write(.own) { _ in
                    isUnderWay.fire()
                    mayEnd.wait()
                }
                await isUnderWay.wait()
                try await withThrowingTaskGroup(of: Void.self) { group in
                    submit(database, &group)
                    group.addTask { mayEnd.open() }
                    try await group.waitForAll()
                }
                try await first
                try await check(database)
            }
        }
    }

    @Test func `Closures of a group that ask the same are answered together`() async throws {
        let heard = Heard()
        try await withGroup { database, group in
            for _ in 0..<20 {
                group.addTask {
                    try await database.write(.same(7, asking: Questions(Self.number))) { tx in
                        heard.add(try tx.ask(Self.number) ?? 0)
                    }
                }
            }
        } then: { _ in
            #expect(heard.values.count == 20)
            // Where some came too late, there were two groups; one by one they would have heard twenty numbers.
            #expect(Set(heard.values).count <= 5)
        }
    }

    @Test func `A closure sees what those before it have changed, whatever was asked for all of them`() async throws {
        try await withGroup { database, group in
            for _ in 0..<30 {
                group.addTask {
                    let question = Self.amountOfFirst.and(Self.number)
                    try await database.write(.same(7, asking: Questions(question))) { tx in
                        let (amount, number) = try tx.ask(Self.amountOfFirst.and(Self.number))
                        #expect(number != nil)
                        try tx.setAmount(1, (amount ?? 0) + 1)
                    }
                }
            }
        } then: { database in
            try await #expect(database.read { try $0.amount(1) } == 30)
        }
    }

    @Test
    func
        `A change that others need not see shows to its own closure, to who asks something else, and after the commit`()
        async throws
    {
        let heard = Heard()
        try await withGroup { database, group in
            for _ in 0..<2 {
                group.addTask {
                    try await database.write(.same(7, asking: Questions(Self.amountOfFirst))) { tx in
                        let before = try tx.ask(Self.amountOfFirst) ?? -1
                        let really =
                            try tx.first("SELECT 10 + amount FROM things WHERE id = $1", [1]) { $0.int(0) } ?? -1
                        try tx.executeUnseen("UPDATE things SET amount = amount + 1 WHERE id = $1", [1])
                        let after = try tx.ask(Self.amountOfFirst) ?? -1
                        for value in [before, really, after] { heard.add(value) }
                    }
                }
            }
        } then: { database in
            try await #expect(database.read { try $0.amount(1) } == 2)
            // One by one when they did not meet in a group, where nothing is asked beforehand.
            #expect([[0, 10, 1, 0, 11, 2], [0, 10, 1, 1, 11, 2]].contains(heard.values))
        }
    }

    @Test func `A question that fails fails those who ask it, and nobody else`() async throws {
        let outcomes = Heard()
        try await withGroup { database, group in
            for number in 0..<10 {
                group.addTask {
                    let questions = number == 3 ? Questions(Self.wrong) : Questions(Self.number)
                    do {
                        try await database.write(.same(7, asking: questions)) { tx in
                            if number == 3 { _ = try tx.ask(Self.wrong) } else { _ = try tx.ask(Self.number) }
                        }
                        outcomes.add(1)
                    } catch { outcomes.add(0) }
                }
            }
        } then: { _ in
            #expect(outcomes.values.sorted() == [0] + Array(repeating: 1, count: 9))
        }
    }
}

/// What closures have heard, in order.
private final class Heard: Sendable {
    private let state = NIOLockedValueBox<[Int]>([])

    var values: [Int] { state.withLockedValue { $0 } }

    func add(_ value: Int) { state.withLockedValue { $0.append(value) } }
}
