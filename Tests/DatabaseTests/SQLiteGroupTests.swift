import TestDatabase
import TestPrograms
import Testing

@testable import Database

/// Closures that share one commit on SQLite.
@Suite struct SQLiteGroupTests {
    /// Runs closures in one transaction: the first of them holds it until all of them wait.
    /// - Returns: what each has thrown.
    private func together(
        _ closures: [@Sendable (Transaction) throws -> Void], on database: any SQLDatabase
    ) async -> [(any Error)?] {
        let (hasBegun, goesOn, waiting) = (Signal(), Barrier(), Counter())
        return await withTaskGroup(of: (Int, (any Error)?).self) { group in
            group.addTask {
                try? await database.write { _ in
                    hasBegun.fire()
                    goesOn.wait()
                }
                return (-1, nil)
            }
            await hasBegun.wait()
            for (index, closure) in closures.enumerated() {
                group.addTask {
                    do {
                        if waiting.increment() == closures.count { goesOn.open() }
                        try await database.write(closure)
                        return (index, nil)
                    } catch {
                        return (index, error)
                    }
                }
            }
            var errors = [(any Error)?](repeating: nil, count: closures.count)
            for await (index, error) in group where index >= 0 { errors[index] = error }
            return errors
        }
    }

    @Test func `Who fails before it has changed anything costs the others nothing`() async throws {
        try await TestDatabase.with(.sqlite, migrations: [.things]) { database in
            let runs = Counter()
            let errors = await together(
                (1...20).map { id in
                    { tx in
                        runs.increment()
                        if id == 10 {
                            _ = try tx.thingCount()
                            throw Refusal()
                        }
                        try tx.addThing(id)
                    }
                }, on: database)
            #expect(errors.compactMap { $0 as? Refusal }.count == 1 && errors[9] is Refusal)
            #expect(runs.value == 20)
            try await #expect(database.thingCount() == 19)
        }
    }

    @Test
    func `A change that breaks off in the middle has everything of its group taken back, and all others run again`()
        async throws
    {
        try await TestDatabase.with(.sqlite, migrations: [.things]) { database in
            try await database.write { try $0.addThing(1) }
            let runs = Counter()
            let errors = await together(
                (1...20).map { id in
                    { tx in
                        runs.increment()
                        if id == 10 { try tx.execute("UPDATE things SET amount = abs(-9223372036854775807 - 1)") }
                        try tx.addThing(id + 1)
                    }
                }, on: database)
            #expect(errors.compactMap { $0 }.count == 1 && (errors[9] as? DatabaseError)?.kind == .statement)
            #expect(runs.value > 20)
            try await #expect(database.thingCount() == 20)
        }
    }

    @Test func `Who fails after a change takes nobody's with it, and leaves none`() async throws {
        try await TestDatabase.with(.sqlite, migrations: [.things]) { database in
            for round in 0..<3 {
                let errors = await together(
                    (1...20).map { number in
                        { tx in
                            try tx.addThing(round * 20 + number)
                            if number % 5 == 0 { throw Refusal() }
                        }
                    }, on: database)
                #expect(errors.map { $0 is Refusal } == (1...20).map { $0 % 5 == 0 })
                try await #expect(database.thingCount() == (round + 1) * 16)
            }
        }
    }

    @Test func `Who waited in vain for another process writes when it is gone`() async throws {
        try await TestDatabase.withPlace(.sqlite) { place in
            let configuration = DatabaseConfiguration(
                migrations: [.things], logger: ReadableLog().logger, maximumConnections: 2,
                lockTimeout: .milliseconds(20))
            try await place.withDatabase(configuration) { database in
                try await place.withDatabase(configuration) { other in
                    let (isWithin, goesOn) = (Signal(), Barrier())
                    async let holding: Void = other.write { _ in
                        isWithin.fire()
                        goesOn.wait()
                    }
                    await isWithin.wait()
                    for id in 1...2 { await expect(.unavailable) { try await database.write { try $0.addThing(id) } } }
                    goesOn.open()
                    try await holding
                    for id in 3...4 { try await database.write { try $0.addThing(id) } }
                    try await #expect(database.thingCount() == 2)
                }
            }
        }
    }

    @Test func `After a commit that failed the next one is as good as ever`() async throws {
        let owned = Migration(1, "owned") { _ in
            [
                "CREATE TABLE owners (id BIGINT PRIMARY KEY)",
                "CREATE TABLE owned (owner BIGINT NOT NULL REFERENCES owners (id) DEFERRABLE INITIALLY DEFERRED)",
            ]
        }
        try await TestDatabase.with(.sqlite, migrations: [owned]) { database in
            for id in 1...3 {
                await #expect(throws: DatabaseError.self) {
                    try await database.write { tx in try tx.execute("INSERT INTO owned (owner) VALUES ($1)", [id]) }
                }
                try await database.write { tx in
                    try tx.execute("INSERT INTO owned (owner) VALUES ($1)", [id])
                    try tx.execute("INSERT INTO owners (id) VALUES ($1)", [id])
                }
            }
            let count = try await database.read { tx in try tx.first("SELECT COUNT(*) FROM owned") { $0.int(0) } }
            #expect(count == 3)
        }
    }

    @Test func `Who takes no notice that the transaction is lost has nothing written outside of it`() async throws {
        try await TestDatabase.with(.sqlite, migrations: [.things]) { database in
            let errors = await together(
                (1...20).map { id in
                    { tx in
                        if id == 10 { try tx.execute("ROLLBACK") }
                        try tx.addThing(id)
                    }
                }, on: database)
            let kept = errors.filter { $0 == nil }.count
            // What the tenth writes behind the end is by itself.
            try await #expect(database.thingCount() == kept + 1)
            #expect(errors[9] != nil)
        }
    }

    @Test func `Everybody hears of the end of a transaction that is lost`() async throws {
        try await TestDatabase.with(.sqlite, migrations: [.things]) { database in
            let errors = await together(
                (1...20).map { id in
                    { tx in
                        try tx.addThing(id)
                        // As SQLite does itself when the disk is full.
                        if id == 10 {
                            try tx.execute("ROLLBACK")
                            throw Refusal()
                        }
                    }
                }, on: database)
            // Who came too late for it has a transaction of their own.
            let kept = errors.filter { $0 == nil }.count
            try await #expect(database.thingCount() == kept)
            #expect(errors[9] is Refusal)
        }
    }
}
