import Database
import TestDatabase
import TestPrograms
import Testing

@Suite struct LifecycleTests {
    @Test(arguments: DatabaseKind.allCases)
    func `Closing waits for the transactions that run, and refuses later ones`(_ kind: DatabaseKind) async throws {
        try await TestDatabase.withPlace(kind) { place in
            let database = try await place.open(migrations: [.things])
            let isRunning = Signal()
            let mayGoOn = Barrier()
            async let writing: Void = database.write { tx in
                try tx.addThing(1)
                isRunning.fire()
                mayGoOn.wait()
                try tx.addThing(2)
            }
            await isRunning.wait()
            let isClosed = Counter()
            async let closing: Void = {
                await database.close()
                isClosed.increment()
            }()
            try await eventually { try await isRefused { _ = try await database.thingCount() } }
            #expect(isClosed.value == 0)
            mayGoOn.open()
            try await writing
            await closing
            await expect(.closed) { try await database.write { try $0.addThing(3) } }
            await expect(.closed) { _ = try await database.thingCount() }

            let again = try await place.open(migrations: [.things])
            try await #expect(again.thingCount() == 2)
            await again.close()
        }
    }

    /// Whether a database that is being closed takes nothing more.
    private func isRefused(_ body: () async throws -> Void) async throws -> Bool {
        do {
            try await body()
            return false
        } catch DatabaseError.closed {
            return true
        }
    }

    @Test(arguments: DatabaseKind.allCases)
    func `Closing twice does no harm`(_ kind: DatabaseKind) async throws {
        try await TestDatabase.withPlace(kind) { place in
            let database = try await place.open()
            async let first: Void = database.close()
            async let second: Void = database.close()
            _ = await (first, second)
            await database.close()
        }
    }

    @Test(arguments: DatabaseKind.allCases)
    func `More writers than may wait are turned away, and the others are served`(_ kind: DatabaseKind) async throws {
        try await TestDatabase.with(kind, migrations: [.things], maximumWaitingWriters: 5) { database in
            let isStuck = Signal()
            let mayGoOn = Barrier()
            let served = Counter()
            let turnedAway = Counter()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for id in 1...40 {
                    group.addTask {
                        do {
                            try await database.write { tx in
                                isStuck.fire()
                                mayGoOn.wait()
                                try tx.addThing(id)
                            }
                            served.increment()
                        } catch DatabaseError.overloaded {
                            turnedAway.increment()
                        }
                    }
                }
                await isStuck.wait()
                try await eventually { turnedAway.value >= 25 }
                mayGoOn.open()
                try await group.waitForAll()
            }
            #expect(served.value + turnedAway.value == 40)
            #expect(served.value >= 5)
            try await #expect(database.thingCount() == served.value)
            try await database.write { try $0.addThing(100) }
        }
    }
}
