import TestDatabase
import Testing

@testable import Database

@Suite struct ListTests {
    private func ids(_ condition: StaticSQL, _ list: SQLList, _ kind: DatabaseKind) async throws -> [Int] {
        try await TestDatabase.with(kind, migrations: [.things]) { database in
            try await database.write { tx in for id in 1...5 { try tx.addThing(id, name: "thing \"\(id)\" \\ {,}") } }
            return try await database.read { tx in
                try tx.all("SELECT id FROM things WHERE \(condition) ORDER BY id", [list]) { $0.int(0) }
            }
        }
    }

    @Test(arguments: DatabaseKind.allCases)
    func `A list in one placeholder selects what is in it, and what is not`(_ kind: DatabaseKind) async throws {
        let some = SQLList([4, 2, 2, .max, .min])
        #expect(try await ids("id = ANY ($1)", some, kind) == [2, 4])
        #expect(try await ids("id <> ALL ($1)", some, kind) == [1, 3, 5])
    }

    @Test(arguments: DatabaseKind.allCases)
    func `A list may be empty`(_ kind: DatabaseKind) async throws {
        let none = SQLList([Int64]())
        #expect(try await ids("id = ANY ($1)", none, kind) == [])
        #expect(try await ids("id <> ALL ($1)", none, kind) == [1, 2, 3, 4, 5])
    }

    @Test(arguments: DatabaseKind.allCases)
    func `A list may be longer than a statement may have placeholders`(_ kind: DatabaseKind) async throws {
        #expect(try await ids("id = ANY ($1)", SQLList((3...100_000).map { Int64($0) }), kind) == [3, 4, 5])
    }

    @Test(arguments: DatabaseKind.allCases)
    func `Texts of a list are taken as they are`(_ kind: DatabaseKind) async throws {
        let names = ["thing \"3\" \\ {,}", "NULL", "", "{}", "thing \"5\" \\ {,}", "a\nb", "%"]
        #expect(try await ids("name = ANY ($1)", SQLList(names), kind) == [3, 5])
    }

    @Test(arguments: DatabaseKind.allCases)
    func `Lists select what is deleted`(_ kind: DatabaseKind) async throws {
        try await TestDatabase.with(kind, migrations: [.things]) { database in
            let gone = try await database.write { tx in
                for id in 1...5 { try tx.addThing(id) }
                return try tx.all("DELETE FROM things WHERE id = ANY ($1) RETURNING id", [SQLList([1, 9])]) {
                    $0.int(0)
                }
            }
            #expect(gone == [1])
            #expect(try await database.thingCount() == 4)
        }
    }

    // MARK: What is kept prepared

    @Test func `SQLite keeps a bounded number of statements, and those that went can come again`() async throws {
        try await TestDatabase.with(.sqlite, migrations: [.things]) { database in
            for _ in 1...2 {
                for number in 1...(SQLiteStatements.capacity * 2) {
                    let sql: StaticSQL = "SELECT CAST($1 AS BIGINT) + \(sql: String(number))"
                    let sum = try await database.read { tx in try tx.first(sql, [1]) { $0.int(0) } }
                    #expect(sum == number + 1)
                }
            }
            let counts = try #require(database as? SQLiteDatabase).statements.counts
            #expect(counts.max() == SQLiteStatements.capacity)
            #expect(counts.count <= 5)
        }
    }

    @Test func `A statement whose place was taken while it ran comes to its end`() async throws {
        try await TestDatabase.with(.sqlite, migrations: [.things]) { database in
            try await database.write { tx in for id in 1...3 { try tx.addThing(id) } }
            let seen = try await database.read { tx in
                try tx.all("SELECT id FROM things ORDER BY id") { row in
                    for number in 1...(SQLiteStatements.capacity + 1) {
                        _ = try tx.exists("SELECT \(sql: String(number))")
                    }
                    return row.int(0)
                }
            }
            #expect(seen == [1, 2, 3])
        }
    }
}
