import Database
import Kernel
import TestDatabase
import Testing

@Suite struct ValueTests {
    private static let values = Migration(1, "one column of each type") { dialect in
        [
            """
            CREATE TABLE samples (
                id \(sql: dialect.primaryKey), n BIGINT, d DOUBLE PRECISION, t TEXT, b BYTEA, f BOOLEAN)
            """
        ]
    }

    /// Stores each value in its own row and gives back what is read, in order.
    private func roundTrip<Value: SQLBindable & Sendable, Read: Sendable>(
        _ values: [Value], _ column: StaticSQL, _ kind: DatabaseKind, _ read: @escaping @Sendable (SQLRow) -> Read
    ) async throws -> [Read] {
        try await TestDatabase.with(kind, migrations: [Self.values]) { database in
            try await database.write { tx in
                for (id, value) in values.enumerated() {
                    try tx.execute("INSERT INTO samples (id, \(column)) VALUES ($1, $2)", [id, value])
                }
            }
            return try await database.read { tx in try tx.all("SELECT \(column) FROM samples ORDER BY id", [], read) }
        }
    }

    @Test(arguments: DatabaseKind.allCases)
    func `Integers come back, the smallest and the largest too`(_ kind: DatabaseKind) async throws {
        let integers: [Int64] = [.min, .min + 1, -1, 0, 1, 255, 1 << 32, .max - 1, .max]
        try await #expect(roundTrip(integers, "n", kind) { $0.integer(0) } == integers)
    }

    @Test(arguments: DatabaseKind.allCases)
    func `Doubles come back to the last bit`(_ kind: DatabaseKind) async throws {
        let doubles = [
            0.1, -0.1, 1.0 / 3.0, 1e-300, .pi, .leastNonzeroMagnitude, .greatestFiniteMagnitude, .infinity,
            -.infinity, 9_007_199_254_740_992,
        ]
        try await #expect(roundTrip(doubles, "d", kind) { $0.double(0) } == doubles)
    }

    @Test(arguments: DatabaseKind.allCases)
    func `Truth values come back`(_ kind: DatabaseKind) async throws {
        try await #expect(roundTrip([true, false], "f", kind) { $0.bool(0) } == [true, false])
    }

    @Test(arguments: DatabaseKind.allCases)
    func `Texts come back, byte for byte`(_ kind: DatabaseKind) async throws {
        let texts = [
            "", " ", "plain", "it's \"quoted\" \\ $1 ?1 :name @x %s", "line\nbreak\r\n\ttab", "\u{1}\u{7F}\u{80}",
            // The same to Swift, but not the same text.
            "\u{E9}", "e\u{301}",
            "g̀̈́̂͝", "👩‍👩‍👧‍👦🏳️‍🌈👍🏽", "مرحبا \u{202E}עולם", "日本語", "\u{FEFF}\u{FFFE}\u{FFFF}\u{10FFFF}",
            String(repeating: "🦜", count: 1_000_000),
        ]
        let read = try await roundTrip(texts, "t", kind) { $0.text(0) }
        #expect(read.map { Array($0.utf8) } == texts.map { Array($0.utf8) })
    }

    @Test(arguments: DatabaseKind.allCases)
    func `Every character of Unicode but U+0000 comes back`(_ kind: DatabaseKind) async throws {
        var all = String.UnicodeScalarView()
        all.append(contentsOf: (1...0x10FFFF).lazy.compactMap { Unicode.Scalar($0 as UInt32) })
        let text = String(all)
        let read = try await roundTrip([text], "t", kind) { $0.text(0) }
        #expect(read.first.map { Array($0.utf8) == Array(text.utf8) } == true)
    }

    @Test(arguments: DatabaseKind.allCases)
    func `Bytes come back, none and a mebibyte of them`(_ kind: DatabaseKind) async throws {
        let bytes: [[UInt8]] = [
            [], [0], Array(0...255), SeededRandomness(seed: 7).bytes(1 << 20), Array(repeating: 0, count: 1 << 20),
        ]
        try await #expect(roundTrip(bytes, "b", kind) { $0.bytes(0) } == bytes)
    }

    @Test(arguments: DatabaseKind.allCases)
    func `NULL comes back in every type`(_ kind: DatabaseKind) async throws {
        try await TestDatabase.with(kind, migrations: [Self.values]) { database in
            try await database.write { tx in
                try tx.execute(
                    "INSERT INTO samples (id, n, d, t, b, f) VALUES ($1, $2, $3, $4, $5, $6)",
                    [1, Int64?.none, Double?.none, String?.none, [UInt8]?.none, Bool?.none])
            }
            let areNull = try await database.read { tx in
                try tx.first("SELECT n, d, t, b, f FROM samples") { row in (0..<5).map(row.isNull) }
            }
            #expect(areNull == [true, true, true, true, true])
            let values = try await database.read { tx in
                try tx.first("SELECT n, t FROM samples WHERE t IS NULL") { row in
                    row.integerOrNil(0) == nil && row.textOrNil(1) == nil && row.timestampOrNil(0) == nil
                }
            }
            #expect(values == true)
        }
    }

    @Test(arguments: DatabaseKind.allCases)
    func `The values of the program come back as what they were`(_ kind: DatabaseKind) async throws {
        let user = UserID(rawValue: 0x7FFF_FFFF_FFFF_FFFF)
        let moment = Timestamp(milliseconds: 1_767_225_599_999)
        let users = try await roundTrip([user], "n", kind) { $0.id(0) as UserID }
        let moments = try await roundTrip([moment], "n", kind) { $0.timestamp(0) }
        let permissions = try await roundTrip([PermissionSet.all, []], "n", kind) { $0.permissions(0) }
        #expect(users == [user])
        #expect(moments == [moment])
        #expect(permissions == [PermissionSet.all, []])
    }

    @Test(arguments: DatabaseKind.allCases)
    func `Sums, counts and means can be read`(_ kind: DatabaseKind) async throws {
        try await TestDatabase.with(kind, migrations: [.things]) { database in
            let sums = [
                [0], [1], [-1], [9_999, 1], [10_000], [123_456_789_012_345], [-40_000, -50_000_000],
                [.max], [.min], [1 << 62, 100_000_000],
            ]
            for amounts in sums {
                try await database.write { tx in
                    try tx.execute("DELETE FROM things")
                    for (id, amount) in amounts.enumerated() { try tx.addThing(id, amount: amount) }
                }
                let read = try await database.read { tx in
                    try tx.first("SELECT SUM(amount), COUNT(*), MIN(amount), SUM(amount) FROM things") {
                        ($0.int(0), $0.int(1), $0.int(2), $0.double(3))
                    }
                }
                #expect(read?.0 == amounts.reduce(0, +))
                #expect(read?.1 == amounts.count)
                #expect(read?.2 == amounts.min())
                #expect(read?.3 == Double(amounts.reduce(0, +)))
            }
            try await database.write { tx in
                for (id, amount) in [1, 2, 4, 5].enumerated() { try tx.addThing(id + 10, amount: amount) }
            }
            let mean = try await database.read { tx in
                try tx.first("SELECT AVG(amount) FROM things WHERE id > 10") { $0.double(0) }
            }
            #expect(abs((mean ?? 0) - 11.0 / 3.0) < 1e-12)
        }
    }

    @Test(arguments: DatabaseKind.allCases)
    func `Placeholders can stand anywhere, in any order, and more than once`(_ kind: DatabaseKind) async throws {
        try await TestDatabase.with(kind, migrations: [.things]) { database in
            try await database.write { tx in for id in 1...12 { try tx.addThing(id, amount: id % 3) } }
            let found = try await database.read { tx in
                try tx.all(
                    """
                    SELECT id, CAST($12 AS BIGINT) FROM things
                    WHERE (amount = $1 OR name = $2) AND id <> $1
                        AND id IN ($4, $5, $6, $7, $8, $9, $10, $11)
                    ORDER BY id LIMIT $3
                    """,
                    [1, "thing 3", 3, 1, 2, 3, 4, 5, 6, 7, 10, 77]
                ) { ($0.int(0), $0.int(1)) }
            }
            #expect(found.map(\.0) == [3, 4, 7])
            #expect(found.allSatisfy { $0.1 == 77 })
        }
    }

    @Test func `A text with U+0000 is refused on PostgreSQL, and the connection is none the worse`() async throws {
        try await TestDatabase.with(.postgresql, migrations: [.things]) { database in
            await expect(.statement) { try await database.write { try $0.addThing(1, name: "a\u{0}b") } }
            await expect(.statement) {
                try await database.read { tx in _ = try tx.exists("SELECT 1 FROM things WHERE name = $1", ["\u{0}"]) }
            }
            try await database.write { try $0.addThing(1, name: "ab") }
            try await #expect(database.thingCount() == 1)
        }
    }
}
