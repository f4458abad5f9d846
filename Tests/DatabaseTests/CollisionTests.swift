import TestDatabase
import Testing

@testable import Database

/// Whether writers stand in each other's way on PostgreSQL, which runs one of them again then.
@Suite struct CollisionTests {
    @Test func `Writers of different rows of a small table do not collide`() async throws {
        try await TestDatabase.withPlace(.postgresql) { place in
            try await place.withPostgreSQL(connections: 4) { database in
                try await database.write { tx in for id in 1...2 { try tx.addThing(id) } }
                let (runs, readings, haveRead) = (Counter(), Counter(), Barrier())
                let raise: @Sendable (Transaction, Int) throws -> Void = { tx, id in
                    runs.increment()
                    let amount = try tx.amount(id) ?? 0
                    // Each has read before any of them writes: had one read the whole table, the other would be in its way.
                    if readings.increment() == 2 { haveRead.open() }
                    haveRead.wait()
                    try tx.setAmount(id, amount + 1)
                }
                async let one: Void = database.write(.own) { try raise($0, 1) }
                async let other: Void = database.write(.own) { try raise($0, 2) }
                _ = try await (one, other)
                try await #expect(database.read { [try $0.amount(1), try $0.amount(2)] } == [1, 1])
                #expect(runs.value == 2)
            }
        }
    }

    @Test func `Writers of the same row who say so go one after another, and none of them runs twice`() async throws {
        try await TestDatabase.withPlace(.postgresql) { place in
            try await place.withPostgreSQL(connections: 12) { database in
                try await database.write { try $0.addThing(1) }
                let runs = Counter()
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for _ in 1...100 {
                        group.addTask {
                            try await database.write(.same(7)) { tx in
                                runs.increment()
                                try tx.setAmount(1, (try tx.amount(1) ?? 0) + 1)
                            }
                        }
                    }
                    try await group.waitForAll()
                }
                try await #expect(database.read { try $0.amount(1) } == 100)
                #expect(runs.value == 100)
            }
        }
    }

    @Test func `Writers of the same row on two nodes who say so wait for each other instead of colliding`() async throws
    {
        var limits = PostgreSQLLimits()
        limits.laneTimeout = .seconds(60)
        try await TestDatabase.withPlace(.postgresql) { [limits] place in
            try await place.withPostgreSQL(connections: 4, limits: limits) { one in
                try await place.withPostgreSQL(connections: 4, limits: limits) { other in
                    try await one.write { try $0.addThing(1) }
                    let runs = Counter()
                    try await withThrowingTaskGroup(of: Void.self) { group in
                        for number in 0..<400 {
                            group.addTask {
                                try await [one, other][number % 2].write(.same(7)) { tx in
                                    runs.increment()
                                    try tx.setAmount(1, (try tx.amount(1) ?? 0) + 1)
                                }
                            }
                        }
                        try await group.waitForAll()
                    }
                    try await #expect(one.read { try $0.amount(1) } == 400)
                    // Who begins alone, with nobody waiting, takes no lock until the first collision.
                    #expect(runs.value < 500)
                }
            }
        }
    }

    @Test func `A node that stops within a transaction holds up those who write beside it for a moment`() async throws {
        try await TestDatabase.withPlace(.postgresql) { place in
            try await place.withPostgreSQL(connections: 4) { stopped in
                try await place.withPostgreSQL(connections: 4) { other in
                    try await stopped.write { tx in for id in 1...2 { try tx.addThing(id) } }
                    let (hasBegun, mayEnd, isWithin, goesOn) = (Signal(), Barrier(), Signal(), Barrier())
                    defer { goesOn.open() }
                    async let first: Void = stopped.write(.same(7)) { _ in
                        hasBegun.fire()
                        mayEnd.wait()
                    }
                    await hasBegun.wait()
                    // They wait for the first, and so are a group, which takes the lock of its lane.
                    let coming = Counter()
                    let group = Task {
                        try await withThrowingTaskGroup(of: Void.self) { group in
                            for _ in 1...8 {
                                group.addTask {
                                    if coming.increment() == 8 { mayEnd.open() }
                                    try await stopped.write(.same(7)) { tx in
                                        try tx.setAmount(1, (try tx.amount(1) ?? 0) + 1)
                                        isWithin.fire()
                                        goesOn.wait()
                                    }
                                }
                            }
                            try await group.waitForAll()
                        }
                    }
                    await isWithin.wait()
                    try await #expect(
                        other.read { tx in
                            try tx.exists(
                                """
                                SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND objid = 7 AND granted AND database =
                                    (SELECT oid FROM pg_database WHERE datname = current_database())
                                """)
                        })
                    try await withThrowingTaskGroup(of: Void.self) { group in
                        for _ in 0..<20 {
                            group.addTask {
                                try await other.write(.same(7)) { try $0.setAmount(2, (try $0.amount(2) ?? 0) + 1) }
                            }
                        }
                        try await group.waitForAll()
                    }
                    try await #expect(other.read { [try $0.amount(1), try $0.amount(2)] } == [0, 20])
                    goesOn.open()
                    try await first
                    try await group.value
                    try await #expect(other.read { [try $0.amount(1), try $0.amount(2)] } == [8, 20])
                }
            }
        }
    }
}
