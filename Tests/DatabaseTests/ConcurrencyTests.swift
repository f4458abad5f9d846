import Database
import TestDatabase
import Testing

@Suite struct ConcurrencyTests {
    @Test(arguments: DatabaseKind.allCases)
    func `Counters that many raise at the same time lose nothing`(_ kind: DatabaseKind) async throws {
        try await TestDatabase.with(kind, migrations: [.things], maximumConnections: 8) { database in
            try await database.write { tx in
                try tx.addThing(1)
                try tx.addThing(2)
            }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for task in 0..<16 {
                    group.addTask {
                        for turn in 0..<200 / 16 + (task < 200 % 16 ? 1 : 0) {
                            let counter = (task + turn) % 2 + 1
                            try await database.write { tx in
                                let amount = try tx.amount(counter) ?? 0
                                try tx.setAmount(counter, amount + 1)
                            }
                        }
                    }
                }
                try await group.waitForAll()
            }
            let sum = try await database.read { tx in try tx.first("SELECT SUM(amount) FROM things") { $0.int(0) } }
            #expect(sum == 200)
        }
    }

    @Test(arguments: DatabaseKind.allCases)
    func `What a closure has read still holds when it commits`(_ kind: DatabaseKind) async throws {
        try await TestDatabase.with(kind, migrations: [.things]) { database in
            for round in 0..<10 {
                let (one, other) = (round * 2, round * 2 + 1)
                try await database.write { tx in
                    try tx.addThing(one, amount: 1)
                    try tx.addThing(other, amount: 1)
                }
                // Either may go, but not both: each looks whether the other is still there.
                let leave = { @Sendable (id: Int, staying: Int) async throws in
                    try await database.write { tx in
                        if try tx.amount(staying) == 1 { try tx.setAmount(id, 0) }
                    }
                }
                async let first: Void = leave(one, other)
                async let second: Void = leave(other, one)
                _ = try await (first, second)
                let left = try await database.read { tx in (try tx.amount(one) ?? 0) + (try tx.amount(other) ?? 0) }
                #expect(left == 1)
            }
        }
    }

    @Test(arguments: DatabaseKind.allCases)
    func `Writers that fail do not disturb those beside them`(_ kind: DatabaseKind) async throws {
        try await TestDatabase.with(kind, migrations: [.things]) { database in
            let outcomes = await withTaskGroup(of: (Int, (any Error)?).self) { group in
                for id in 1...90 {
                    group.addTask {
                        do {
                            try await database.write { tx in
                                try tx.addThing(id)
                                if id % 3 == 0 { throw Refusal() }
                                if id % 3 == 1 { try tx.addThing(id, name: "twice \(id)") }
                            }
                            return (id, nil)
                        } catch {
                            return (id, error)
                        }
                    }
                }
                return await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
            }
            for id in 1...90 {
                switch id % 3 {
                case 0: #expect(outcomes[id] is Refusal)
                case 1: #expect((outcomes[id] as? DatabaseError)?.kind == .uniqueViolation)
                default: #expect(outcomes[id] == nil)
                }
            }
            let ids = try await database.read { tx in try tx.all("SELECT id FROM things ORDER BY id") { $0.int(0) } }
            #expect(ids == (1...90).filter { $0 % 3 == 2 })
        }
    }

    @Test(arguments: DatabaseKind.allCases)
    func `Readers go on while all writers are stuck`(_ kind: DatabaseKind) async throws {
        try await TestDatabase.with(kind, migrations: [.things]) { database in
            let isStuck = Signal()
            let mayGoOn = Barrier()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for id in 1...20 {
                    group.addTask {
                        try await database.write { tx in
                            isStuck.fire()
                            mayGoOn.wait()
                            try tx.addThing(id)
                        }
                    }
                }
                await isStuck.wait()
                for _ in 0..<50 { try await #expect(database.thingCount() == 0) }
                mayGoOn.open()
                try await group.waitForAll()
            }
            try await #expect(database.thingCount() == 20)
        }
    }

    @Test(arguments: DatabaseKind.allCases)
    func `Hundreds of readers and writers at the same time all come through`(_ kind: DatabaseKind) async throws {
        try await TestDatabase.with(kind, migrations: [.things]) { database in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for id in 1...300 {
                    group.addTask { try await database.write { try $0.addThing(id, amount: 1) } }
                    group.addTask { _ = try await database.thingCount() }
                }
                try await group.waitForAll()
            }
            try await #expect(database.thingCount() == 300)
        }
    }
}
