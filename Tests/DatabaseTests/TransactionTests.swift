import Database
import Kernel
import TestDatabase
import Testing

@Suite struct TransactionTests {
    @Test(arguments: DatabaseKind.allCases)
    func `What was written can be read once write returns`(_ kind: DatabaseKind) async throws {
        try await TestDatabase.with(kind, migrations: [.things]) { database in
            for id in 1...20 {
                try await database.write { try $0.addThing(id, amount: id) }
                try await #expect(database.read { try $0.amount(id) } == id)
            }
        }
    }

    @Test(arguments: DatabaseKind.allCases)
    func `A transaction reads its own writes`(_ kind: DatabaseKind) async throws {
        try await TestDatabase.with(kind, migrations: [.things]) { database in
            let amounts = try await database.write { tx in
                try tx.addThing(1, amount: 5)
                let before = try tx.amount(1)
                try tx.setAmount(1, 6)
                return [before, try tx.amount(1)]
            }
            #expect(amounts == [5, 6])
        }
    }

    @Test(arguments: DatabaseKind.allCases)
    func `A closure that throws leaves nothing behind, and its error comes out`(_ kind: DatabaseKind) async throws {
        try await TestDatabase.with(kind, migrations: [.things]) { database in
            await #expect(throws: Refusal("no")) {
                try await database.write { tx in
                    try tx.addThing(1)
                    #expect(try tx.thingCount() == 1)
                    try tx.addThing(2)
                    throw Refusal("no")
                }
            }
            try await #expect(database.thingCount() == 0)
            await #expect(throws: Refusal("nor here")) {
                try await database.read { _ in throw Refusal("nor here") }
            }
        }
    }

    @Test(arguments: DatabaseKind.allCases)
    func `A reader sees one snapshot, whatever is committed meanwhile`(_ kind: DatabaseKind) async throws {
        try await TestDatabase.with(kind, migrations: [.things]) { database in
            let hasCounted = Signal()
            let mayGoOn = Barrier()
            async let counts = database.read { tx in
                let first = try tx.thingCount()
                hasCounted.fire()
                mayGoOn.wait()
                return [first, try tx.thingCount()]
            }
            await hasCounted.wait()
            try await database.write { try $0.addThing(1) }
            try await #expect(database.thingCount() == 1)
            mayGoOn.open()
            try await #expect(counts == [0, 0])
        }
    }

    @Test(arguments: DatabaseKind.allCases)
    func `A statement that is wrong is reported with its text`(_ kind: DatabaseKind) async throws {
        try await TestDatabase.with(kind, migrations: [.things]) { database in
            let expectWrong = { (error: DatabaseError?) in
                guard case .statement(let sql, _) = error else { return }
                #expect(sql.contains("nothing_like_it"))
            }
            await expect(.statement) {
                try await database.read { tx in _ = try tx.exists("SELECT 1 FROM nothing_like_it") }
            }
            expectWrong(
                await #expect(throws: DatabaseError.self) {
                    try await database.write { try $0.execute("DELETE FROM nothing_like_it WHERE id = $1", [1]) }
                })
        }
    }

    @Test(arguments: DatabaseKind.allCases)
    func `The error of an execute shows at the next query or at the commit`(_ kind: DatabaseKind) async throws {
        try await TestDatabase.with(kind, migrations: [.things]) { database in
            try await database.write { try $0.addThing(1) }
            await expect(.uniqueViolation) {
                try await database.write { tx in
                    try tx.addThing(1)
                    try tx.addThing(2)
                }
            }
            let hasPassedTheQuery = Counter()
            await expect(.uniqueViolation) {
                try await database.write { tx in
                    try tx.addThing(1)
                    _ = try tx.thingCount()
                    hasPassedTheQuery.increment()
                }
            }
            #expect(hasPassedTheQuery.value == 0)
            try await #expect(database.thingCount() == 1)
        }
    }

    @Test(arguments: DatabaseKind.allCases)
    func `A unique key that is taken is reported as such, and nothing of the transaction stays`(
        _ kind: DatabaseKind
    ) async throws {
        try await TestDatabase.with(kind, migrations: [.things]) { database in
            try await database.write { try $0.addThing(1, name: "taken") }
            await expect(.uniqueViolation) {
                try await database.write { tx in
                    try tx.addThing(2, name: "free")
                    try tx.setAmount(1, 99)
                    try tx.addThing(3, name: "taken")
                }
            }
            try await #expect(database.thingCount() == 1)
            try await #expect(database.read { try $0.amount(1) } == 0)
            try await database.write { try $0.addThing(3, name: "free") }
        }
    }

    @Test(arguments: DatabaseKind.allCases)
    func `A reader can't write`(_ kind: DatabaseKind) async throws {
        try await TestDatabase.with(kind, migrations: [.things]) { database in
            await #expect(throws: DatabaseError.self) { try await database.read { try $0.addThing(1) } }
            try await #expect(database.thingCount() == 0)
        }
    }

    @Test(arguments: DatabaseKind.allCases)
    func `All of a transaction happens at the same time, which the clock tells`(_ kind: DatabaseKind) async throws {
        let clock = ManualClock(Timestamp(milliseconds: 1_700_000_000_123))
        try await TestDatabase.with(kind, clock: clock) { database in
            try await #expect(database.write { $0.now } == clock.now())
            clock.advance(by: .milliseconds(7))
            try await #expect(database.read { $0.now } == Timestamp(milliseconds: 1_700_000_000_130))
        }
    }

    @Test(arguments: DatabaseKind.allCases)
    func `A transaction without statements is fine`(_ kind: DatabaseKind) async throws {
        try await TestDatabase.with(kind) { database in
            try await #expect(database.write { _ in 1 } == 1)
            try await #expect(database.read { _ in 2 } == 2)
            await #expect(throws: Refusal()) { try await database.write { _ in throw Refusal() } }
        }
    }

    @Test(arguments: DatabaseKind.allCases)
    func `A query can be made while the rows of another are read`(_ kind: DatabaseKind) async throws {
        try await TestDatabase.with(kind, migrations: [.things]) { database in
            try await database.write { tx in for id in 1...3 { try tx.addThing(id, amount: id * 10) } }
            let amounts = try await database.read { tx in
                try tx.all("SELECT id FROM things ORDER BY id") { row in try tx.amount(row.int(0)) ?? 0 }
            }
            #expect(amounts == [10, 20, 30])
        }
    }

    @Test(arguments: DatabaseKind.allCases)
    func `A query can be made while its own rows are read`(_ kind: DatabaseKind) async throws {
        try await TestDatabase.with(kind, migrations: [.things]) { database in
            try await database.write { tx in for id in 1...3 { try tx.addThing(id) } }
            let after: @Sendable (Transaction, Int, (Int) throws -> Void) throws -> Void = { tx, id, body in
                for id in try tx.all("SELECT id FROM things WHERE id > $1 ORDER BY id", [id], { $0.int(0) }) {
                    try body(id)
                }
            }
            let pairs = try await database.read { tx in
                try tx.all("SELECT id FROM things WHERE id > $1 ORDER BY id", [0]) { row in
                    let id = row.int(0)
                    var later: [Int] = []
                    try after(tx, id) { later.append($0) }
                    return [id] + later
                }
            }
            #expect(pairs == [[1, 2, 3], [2, 3], [3]])
        }
    }

    @Test(arguments: DatabaseKind.allCases)
    func `Each placeholder has a value, and each value a placeholder`(_ kind: DatabaseKind) async throws {
        try await TestDatabase.with(kind, migrations: [.things]) { database in
            try await database.write { tx in try tx.addThing(1) }
            for values in [[], [1, 2]] {
                await #expect(throws: DatabaseError.self) {
                    _ = try await database.read { tx in
                        try tx.all("SELECT id FROM things WHERE id = $1", values) { $0.int(0) }
                    }
                }
            }
            try await #expect(database.thingCount() == 1)
        }
    }

    @Test(arguments: DatabaseKind.allCases)
    func `RETURNING tells what a statement changed`(_ kind: DatabaseKind) async throws {
        try await TestDatabase.with(kind, migrations: [.things]) { database in
            let changed = try await database.write { tx in
                for id in 1...5 { try tx.addThing(id, amount: id) }
                return try tx.count("UPDATE things SET amount = 0 WHERE amount > $1 RETURNING id", [2])
            }
            #expect(changed == 3)
        }
    }

    @Test(arguments: DatabaseKind.allCases)
    func `Many writes in one transaction are as good as few`(_ kind: DatabaseKind) async throws {
        try await TestDatabase.with(kind, migrations: [.things]) { database in
            try await database.write { tx in
                for id in 1...5000 { try tx.addThing(id, name: String(repeating: "x", count: 100) + "\(id)") }
            }
            try await #expect(database.thingCount() == 5000)
        }
    }
}
