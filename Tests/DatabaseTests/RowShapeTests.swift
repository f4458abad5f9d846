import Database
import Kernel
import TestDatabase
import Testing

@Suite struct RowShapeTests {
    private struct Bird: Equatable, Sendable {
        let id: UserID
        let name: String
        let song: String?
        let isTame: Bool
        let weight_g: Double
        let seenAt: Timestamp?
        let diet: Diet
        var ring: Ring?
        var keeper: String?
    }

    private enum Diet: String, CaseIterable, Sendable { case seeds, insects }

    private struct Ring: Equatable, Sendable {
        let number: Int
        let isLoose: Bool
    }

    private static let ring = RowShape<Ring> { row in
        Ring(number: row["ring_number", \.number], isLoose: row["ring_is_loose", \.isLoose])
    }

    private static let bird = RowShape<Bird> { row in
        Bird(
            id: row["id", \.id], name: row["name", \.name], song: row["song", \.song], isTame: row["is_tame", \.isTame],
            weight_g: row["weight", \.weight_g], seenAt: row["seen_at", \.seenAt], diet: try row.word("diet", \.diet),
            ring: try row.partIfAny(ring, \.ring), keeper: row["k.name"])
    }

    private static let tables = Migration(1, "birds and their keepers") { dialect in
        [
            """
            CREATE TABLE birds (
                id \(sql: dialect.primaryKey), name TEXT NOT NULL, song TEXT, is_tame BOOLEAN NOT NULL,
                weight DOUBLE PRECISION NOT NULL, seen_at BIGINT, diet TEXT NOT NULL, ring_number BIGINT,
                ring_is_loose BOOLEAN)
            """,
            "CREATE TABLE keepers (bird_id \(sql: dialect.primaryKey), name TEXT NOT NULL)",
        ]
    }

    private static let wren = Bird(
        id: UserID(rawValue: 1), name: "wren", song: nil, isTame: false, weight_g: 9.5, seenAt: nil, diet: .insects,
        ring: nil)
    private static let siskin = Bird(
        id: UserID(rawValue: 2), name: "siskin", song: "tsüü", isTame: true, weight_g: 14,
        seenAt: Timestamp(milliseconds: 1_234), diet: .seeds, ring: Ring(number: 7, isLoose: false))

    /// The two birds, the second with a keeper, after what is done with them.
    private func birds(
        _ kind: DatabaseKind, after change: @escaping @Sendable (Transaction) throws -> Void = { _ in }
    ) async throws -> [Bird] {
        try await TestDatabase.with(kind, migrations: [Self.tables]) { database in
            try await database.write { tx in
                for bird in [Self.wren, Self.siskin] {
                    try tx.execute(
                        "INSERT INTO birds (\(Self.bird.stored)) VALUES (\(Self.bird.placeholders))",
                        Self.bird.values(of: bird))
                }
                try tx.execute("INSERT INTO keepers (bird_id, name) VALUES (2, 'Ada')")
                try change(tx)
            }
            return try await database.read { tx in
                try tx.all(
                    """
                    SELECT \(Self.bird.columns(of: "b")) FROM birds b LEFT JOIN keepers k ON k.bird_id = b.id ORDER BY b.id
                    """, as: Self.bird)
            }
        }
    }

    @Test func `A shape's columns stand in the order in which they are read, each with its table`() {
        #expect(
            Self.bird.columns(of: "b").text
                == """
                b.id, b.name, b.song, b.is_tame, b.weight, b.seen_at, b.diet, b.ring_number, b.ring_is_loose, k.name
                """)
        #expect(
            Self.bird.stored.text
                == "id, name, song, is_tame, weight, seen_at, diet, ring_number, ring_is_loose")
        #expect(Self.bird.placeholders.text == "$1, $2, $3, $4, $5, $6, $7, $8, $9")
    }

    @Test(arguments: DatabaseKind.allCases)
    func `What a shape has written it reads again, with what is only read`(_ kind: DatabaseKind) async throws {
        var kept = Self.siskin
        kept.keeper = "Ada"
        try await #expect(birds(kind) == [Self.wren, kept])
    }

    @Test(arguments: DatabaseKind.allCases)
    func `A part whose columns are all NULL or FALSE is not there`(_ kind: DatabaseKind) async throws {
        let blank = try await birds(kind) { tx in
            try tx.execute("UPDATE birds SET ring_is_loose = FALSE WHERE id = 1")
            try tx.execute("UPDATE birds SET ring_number = NULL, ring_is_loose = NULL WHERE id = 2")
        }
        #expect(blank.map(\.ring) == [nil, nil])
        #expect(blank.map(\.keeper) == [nil, "Ada"])
        let set = try await birds(kind) { tx in
            try tx.execute("UPDATE birds SET ring_number = 0, ring_is_loose = FALSE WHERE id = 1")
        }
        #expect(set.first?.ring == Ring(number: 0, isLoose: false))
    }

    @Test(arguments: DatabaseKind.allCases)
    func `A row with a word that is not known is passed over`(_ kind: DatabaseKind) async throws {
        let known = try await birds(kind) { try $0.execute("UPDATE birds SET diet = 'moonlight' WHERE id = 1") }
        #expect(known.map(\.name) == ["siskin"])
    }

    @Test(arguments: DatabaseKind.allCases)
    func `A row that is nothing without its word is an error`(_ kind: DatabaseKind) async throws {
        let diet = RowShape<Diet> { row in try row.knownWord("diet", \.self) }
        try await TestDatabase.with(kind, migrations: [Self.tables]) { database in
            let read = { @Sendable in
                try await database.read { tx in try tx.all("SELECT \(diet.columns) FROM birds", [], as: diet) }
            }
            try await database.write { tx in
                try tx.execute(
                    "INSERT INTO birds (\(Self.bird.stored)) VALUES (\(Self.bird.placeholders))",
                    Self.bird.values(of: Self.wren))
            }
            #expect(try await read() == [.insects])
            try await database.write { try $0.execute("UPDATE birds SET diet = 'moonlight'") }
            await #expect(throws: DatabaseError.self) { try await read() }
        }
    }
}
