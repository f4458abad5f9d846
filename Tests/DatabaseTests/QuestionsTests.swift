import Foundation
import Logging
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
        ("SELECT * FROM things", true), ("things", true), ("SELECT a FROM b,things;", true),
        ("SELECT things.a FROM \"things\"", true), ("SELECT many_things, things FROM b", true),
        ("SELECT things_changed FROM b", false), ("SELECT many_things FROM b", false), ("SELECT a FROM things2", false),
        ("", false),
    ])
    func `A name that only has that of the table in it is another one`(_ question: String, isForgotten: Bool) {
        var answers = ForeseenAnswers<String>([Questions(Self.question(StaticSQL(generated: question), 1))])
        answers.answers = ["known"]
        answers.beginClosure()
        answers.note(changesBy: "DELETE FROM things")
        #expect(answers.answers(to: [(StaticSQL(generated: question), [.integer(1)])]) == [isForgotten ? nil : "known"])
    }

    @Test(arguments: [
        "WITH gone AS (DELETE FROM things RETURNING id) SELECT id FROM gone", "TRUNCATE things",
        "update things SET amount = 1", "  UPDATE things SET amount = 1", "UPDATE \"things\" SET amount = 1",
        "UPDATE public.things SET amount = 1", "UPDATE only things SET amount = 1", "UPDATE things2 SET amount = 1",
    ])
    func `After a change whose table does not stand at its beginning nothing is known`(_ change: String) {
        var answers = answers()
        answers.note(changesBy: StaticSQL(generated: change))
        #expect(known(answers) == [nil, nil])
    }

    @Test
    func `A change that is said to show elsewhere is seen by its own closure, and by those who ask what it answers`() {
        var answers = answers()
        answers.note(changesBy: "UPDATE things SET amount = 1", only: .none)
        #expect(known(answers) == [nil, "name of 1"])
        answers.beginClosure()
        #expect(known(answers, name: 2) == ["amount of 1", "name of 2"])
        answers.note(changesBy: "UPDATE people SET name = 'a'", only: Questions(Self.question(Self.name, 2)))
        #expect(known(answers, name: 2) == ["amount of 1", nil])
        answers.note(changesBy: "UPDATE things SET amount = 1", only: Questions(Self.question(Self.amount, 1)))
        answers.beginClosure()
        #expect(known(answers) == [nil, nil])
    }

    @Test(arguments: [
        (SQLValue.text("\u{e9}"), SQLValue.text("e\u{301}")), (.texts(["\u{e9}"]), .texts(["e\u{301}"])),
        (.integer(1), .bool(true)), (.null, .text("")),
    ])
    func `What is the same to Swift alone is asked apart`(_ one: SQLValue, _ other: SQLValue) {
        let questions = [one, other, other].map { Questions(Query<Int?>.first(Self.name, [$0]) { $0.int(0) }) }
        var answers = ForeseenAnswers<String>(questions)
        #expect(answers.statements.count == 2)
        answers.answers = ["of one", "of the other"]
        answers.beginClosure()
        #expect(answers.answers(to: [(Self.name, [other])]) == [nil])
        #expect(answers.answers(to: [(Self.name, [one])]) == ["of one"])
    }

    // MARK: In groups

    /// A question to which everybody who asks it by himself gets another answer.
    private static var number: Query<Int?> { .first("SELECT nextval('numbers')", []) { $0.int(0) } }
    private static var amountOfFirst: Query<Int?> { question(amount, 1) }
    private static var wrong: Query<Int?> { .first("SELECT 1 / amount FROM things WHERE id = $1", [1]) { $0.int(0) } }
    private static let migrations = [
        Migration.things, Migration(2, "numbers") { _ in ["CREATE SEQUENCE numbers"] },
    ]

    private typealias Closure = (questions: Questions, body: @Sendable (Transaction) throws -> Void)

    /// Runs closures as one group, in this order.
    /// - Returns: with what each of them failed, and the amount of the first thing afterwards.
    private func write(
        _ closures: [Closure], beginning: @escaping @Sendable (Transaction) throws -> Void = { try $0.addThing(1) }
    ) async throws -> (errors: [(any Error)?], amount: Int?) {
        var outcome: (errors: [(any Error)?], amount: Int?) = ([], nil)
        try await TestDatabase.withPlace(.postgresql) { place in
            try await place.withPostgreSQL(migrations: Self.migrations) { database in
                try await database.write(beginning)
                outcome.errors = await Self.write(closures, to: place.address)
                outcome.amount = try await database.read { try $0.amount(1) }
            }
        }
        return outcome
    }

    private static func write(_ closures: [Closure], to url: String) async -> [(any Error)?] {
        let surroundings = PostgreSQLSurroundings(
            url: url,
            configuration: DatabaseConfiguration(
                migrations: migrations, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }),
            limits: .init(),
            outage: NIOLockedValueBox(PostgreSQLOutage(limits: .init())), isClosing: { false })
        let gathered = NIOLockedValueBox<[Int: WriteJob]>([:])
        let submit = { @Sendable (index: Int, continuation: CheckedContinuation<Void, any Error>) in
            let job = WriteJob(in: .same(7, asking: closures[index].questions), closures[index].body, continuation)
            let all = gathered.withLockedValue { gathered in
                gathered[index] = job
                return gathered.count == closures.count ? gathered : nil
            }
            guard let jobs = all?.sorted(by: { $0.key < $1.key }).map(\.value) else { return }
            Thread {
                PostgreSQLSession(surroundings).write(jobs[0], beside: Array(jobs[1...])) { _, _ in [] }
            }.start()
        }
        return await withTaskGroup(of: (Int, (any Error)?).self) { group in
            for index in closures.indices {
                group.addTask {
                    do {
                        try await withCheckedThrowingContinuation { (caller: CheckedContinuation<Void, any Error>) in
                            submit(index, caller)
                        }
                        return (index, nil)
                    } catch { return (index, error) }
                }
            }
            return await group.reduce(into: []) { $0.append($1) }.sorted { $0.0 < $1.0 }.map(\.1)
        }
    }

    @Test func `Closures of a group that ask the same are answered together`() async throws {
        let heard = Heard()
        let closure: Closure = (Questions(Self.number), { heard.add(try $0.ask(Self.number) ?? 0) })
        let (errors, _) = try await write(Array(repeating: closure, count: 20))
        #expect(errors.allSatisfy { $0 == nil })
        #expect(heard.values == Array(repeating: 1, count: 20))
    }

    @Test func `A closure sees what those before it have changed, whatever was asked for all of them`() async throws {
        let heard = Heard()
        let question = Self.amountOfFirst.and(Self.number)
        let closure: Closure = (
            Questions(question),
            { tx in
                let (amount, number) = try tx.ask(question)
                heard.add(number ?? 0)
                try tx.setAmount(1, (amount ?? 0) + 1)
            }
        )
        let (errors, amount) = try await write(Array(repeating: closure, count: 30))
        #expect(errors.allSatisfy { $0 == nil })
        #expect(amount == 30)
        #expect(heard.values == Array(repeating: 1, count: 30))
    }

    @Test func `A change that is said to show elsewhere shows to its own closure, and to who asks something else`()
        async throws
    {
        let heard = Heard()
        let closure: Closure = (
            Questions(Self.amountOfFirst),
            { tx in
                heard.add(try tx.ask(Self.amountOfFirst) ?? -1)
                heard.add(try tx.first("SELECT 10 + amount FROM things WHERE id = $1", [1]) { $0.int(0) } ?? -1)
                try tx.execute("UPDATE things SET amount = amount + 1 WHERE id = $1", [1], changingOnly: .none)
                heard.add(try tx.ask(Self.amountOfFirst) ?? -1)
            }
        )
        let (_, amount) = try await write([closure, closure])
        #expect(amount == 2)
        #expect(heard.values == [0, 10, 1, 0, 11, 2])
    }

    @Test func `A change that answers a question is seen by those who ask it`() async throws {
        let heard = Heard()
        let closure: Closure = (
            Questions(Self.amountOfFirst),
            { tx in
                heard.add(try tx.ask(Self.amountOfFirst) ?? -1)
                try tx.execute(
                    "UPDATE things SET amount = amount + 1 WHERE id = $1", [1],
                    changingOnly: Questions(Self.amountOfFirst))
            }
        )
        let (_, amount) = try await write([closure, closure, closure])
        #expect(amount == 3)
        #expect(heard.values == [0, 1, 2])
    }

    @Test func `Who fails after a change is not seen by those who come after, whatever was asked for all of them`()
        async throws
    {
        struct Refusal: Error {}
        let heard = Heard()
        let closures: [Closure] = (0..<4).map { index in
            (
                Questions(Self.amountOfFirst),
                { tx in
                    let amount = try tx.ask(Self.amountOfFirst) ?? -1
                    try tx.setAmount(1, amount + 1)
                    if index == 1 { throw Refusal() }
                    heard.add(amount)
                }
            )
        }
        let (errors, amount) = try await write(closures)
        #expect(errors.map { $0 is Refusal } == [false, true, false, false])
        #expect(amount == 3)
        #expect(Array(heard.values.suffix(3)) == [0, 1, 2])
    }

    private static let names = [
        "a", "\u{e9}", "e\u{301}", "\"{,}\\", "", "NULL", "null", "👩‍👩‍👧", "a\nb", "'; --", "{}", "$1", "v.v1", " a",
        // A sign with a mark upon it, or behind a letter that takes to the next one, is another character to Swift.
        "\"\u{301}", "\\\u{301}", "\u{D4E}\"", "\u{D4E}\\", "x\u{D4E}\",", ",\"\u{301}q", "{\u{301}", ",\u{338}",
    ]

    /// The same question twice, of which a group foresees the first alone.
    private static func twice(
        _ sql: StaticSQL, _ values: [any SQLBindable], heard: Heard
    ) -> Closure {
        let values = values.map(\.sqlValue)
        let foreseen = Query<[String]>.all(sql, values) { $0.text(0) }
        let alone = Query<[String]>.all(StaticSQL(generated: sql.text + " "), values) { $0.text(0) }
        return (
            Questions(foreseen),
            { tx in
                let (one, other) = (try tx.ask(foreseen), try tx.ask(alone))
                #expect(one.elementsEqual(other) { $0.utf8.elementsEqual($1.utf8) }, "\(values)")
                heard.add(one.count)
            }
        )
    }

    private static func addNames(_ tx: Transaction) throws {
        for (index, name) in names.enumerated() { try tx.addThing(index, name: name, amount: index % 3) }
    }

    @Test func `Questions that differ in their values alone have each the answer that they have alone`() async throws {
        let heard = Heard()
        let closures = Self.names.indices.map { index in
            Self.twice(
                """
                SELECT name FROM things WHERE name = $1 OR id = ANY ($2) OR name = ANY ($3) OR amount = 1 AND $4
                ORDER BY id DESC LIMIT $5
                """,
                [
                    Self.names[index], SQLList((0..<Int64(index)).filter { $0 % 4 == 1 }),
                    SQLList(Self.names[index...].prefix(2)), index % 2 == 0, 30 - index,
                ], heard: heard)
        }
        // With others between, so that the rows of one are not those of its neighbour.
        let others = (0..<5).map { Self.twice("SELECT name FROM things WHERE amount = $1", [$0], heard: heard) }
        let (errors, _) = try await write(Array((closures + others).shuffled()), beginning: Self.addNames)
        #expect(errors.allSatisfy { $0 == nil }, "\(errors)")
        #expect(heard.values.count == closures.count + others.count && heard.values.reduce(0, +) > 40)
    }

    @Test func `What has no type, and what can't be stored, is asked by itself`() async throws {
        let heard = Heard()
        let sql: StaticSQL = "SELECT name FROM things WHERE name = $1 OR $1::text IS NULL"
        let values: [String?] = ["a", nil, "b", nil]
        let closures = values.map { Self.twice(sql, [$0], heard: heard) }
        let (errors, _) = try await write(closures, beginning: Self.addNames)
        #expect(errors.allSatisfy { $0 == nil }, "\(errors)")
        #expect(heard.values == [1, Self.names.count, 0, Self.names.count])

        let wrong: [any SQLBindable] = ["a\u{0}", SQLList(["a\u{0}"])]
        for (value, sql): (any SQLBindable, StaticSQL) in zip(
            wrong, ["SELECT name FROM things WHERE name = $1", "SELECT name FROM things WHERE name = ANY ($1)"])
        {
            let right: any SQLBindable = value is String ? "a" : SQLList(["a"])
            let closures = [right, value, right].map { Self.twice(sql, [$0], heard: heard) }
            let (errors, _) = try await write(closures, beginning: Self.addNames)
            #expect(errors.map { ($0 as? DatabaseError)?.kind } == [nil, .statement, nil])
        }
    }

    @Test func `A question that fails fails those who ask it, and nobody else`() async throws {
        let closures: [Closure] = (0..<10).map { index in
            let question = index == 3 ? Self.wrong : Self.number
            return (Questions(question), { _ = try $0.ask(question) })
        }
        let (errors, _) = try await write(closures)
        #expect(errors.map { $0 == nil } == (0..<10).map { $0 != 3 })
    }
}

/// What closures have heard, in order.
private final class Heard: Sendable {
    private let state = NIOLockedValueBox<[Int]>([])

    var values: [Int] { state.withLockedValue { $0 } }

    func add(_ value: Int) { state.withLockedValue { $0.append(value) } }
}
