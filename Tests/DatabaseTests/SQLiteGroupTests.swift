import TestDatabase
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
