import Database
import NIOConcurrencyHelpers
import TestDatabase
import Testing

@Suite struct OutboxTests {
    /// Writes what it records into a table, and remembers what it announced.
    private final class Notes: Outbox {
        private let announcements = NIOLockedValueBox<[String]>([])
        let records = Counter()

        var announced: [String] { announcements.withLockedValue { $0 } }

        func record(_ items: [any Sendable], in transaction: Transaction) throws -> [any Sendable] {
            records.increment()
            return try items.compactMap { $0 as? String }.map { note in
                if note == "unspeakable" { throw Refusal(note) }
                try transaction.execute("INSERT INTO notes (note) VALUES ($1)", [note])
                return note + "!"
            }
        }

        func announce(_ records: [any Sendable]) {
            announcements.withLockedValue { $0 += records.compactMap { $0 as? String } }
        }
    }

    private static let schema = [
        Migration.things,
        Migration(2, "notes") { _ in ["CREATE TABLE notes (note TEXT NOT NULL)"] },
    ]

    private func recorded(in database: any SQLDatabase) async throws -> [String] {
        try await database.read { tx in try tx.all("SELECT note FROM notes ORDER BY note") { $0.text(0) } }
    }

    @Test(arguments: DatabaseKind.allCases)
    func `What is left in the outbox is recorded with the transaction and announced once`(
        _ kind: DatabaseKind
    ) async throws {
        let notes = Notes()
        try await TestDatabase.with(kind, migrations: Self.schema, outbox: notes) { database in
            try await database.write { tx in
                tx.leave(inOutbox: "a")
                try tx.addThing(1)
                tx.leave(inOutbox: "b")
            }
            #expect(notes.announced == ["a!", "b!"])
            #expect(notes.records.value == 1)
            try await #expect(recorded(in: database) == ["a", "b"])
        }
    }

    @Test(arguments: DatabaseKind.allCases)
    func `A writer that leaves nothing has nothing recorded`(_ kind: DatabaseKind) async throws {
        let notes = Notes()
        try await TestDatabase.with(kind, migrations: Self.schema, outbox: notes) { database in
            try await database.write { try $0.addThing(1) }
            #expect(notes.records.value == 0)
        }
    }

    @Test(arguments: DatabaseKind.allCases)
    func `What is rolled back is neither recorded nor announced`(_ kind: DatabaseKind) async throws {
        let notes = Notes()
        try await TestDatabase.with(kind, migrations: Self.schema, outbox: notes) { database in
            try await database.write { try $0.addThing(1) }
            await #expect(throws: Refusal()) {
                try await database.write { tx in
                    tx.leave(inOutbox: "thrown")
                    throw Refusal()
                }
            }
            await expect(.uniqueViolation) {
                try await database.write { tx in
                    tx.leave(inOutbox: "a violation")
                    try tx.addThing(1)
                }
            }
            #expect(notes.announced == [])
            try await #expect(recorded(in: database) == [])
        }
    }

    @Test(arguments: DatabaseKind.allCases)
    func `A record that fails takes the transaction with it`(_ kind: DatabaseKind) async throws {
        let notes = Notes()
        try await TestDatabase.with(kind, migrations: Self.schema, outbox: notes) { database in
            await #expect(throws: Refusal("unspeakable")) {
                try await database.write { tx in
                    try tx.addThing(1)
                    tx.leave(inOutbox: "fine")
                    tx.leave(inOutbox: "unspeakable")
                }
            }
            #expect(notes.announced == [])
            try await #expect(recorded(in: database) == [])
            try await #expect(database.thingCount() == 0)
        }
    }

    @Test(arguments: DatabaseKind.allCases)
    func `Transactions that have to run again announce once`(_ kind: DatabaseKind) async throws {
        let notes = Notes()
        try await TestDatabase.with(kind, migrations: Self.schema, outbox: notes, maximumConnections: 8) { database in
            try await database.write { try $0.addThing(1) }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 1...60 {
                    group.addTask {
                        try await database.write { tx in
                            try tx.setAmount(1, (try tx.amount(1) ?? 0) + 1)
                            tx.leave(inOutbox: "\(number)")
                        }
                        // Announced before the writer learns of the commit.
                        #expect(notes.announced.contains("\(number)!"))
                    }
                }
                try await group.waitForAll()
            }
            #expect(notes.announced.sorted() == (1...60).map { "\($0)!" }.sorted())
            try await #expect(recorded(in: database).count == 60)
            try await #expect(database.read { try $0.amount(1) } == 60)
        }
    }
}
