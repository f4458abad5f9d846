import Chat
import Client
import Database
import Kernel
import NIOHTTP1
import TestDatabase
import Testing

@Suite("The database of a version that was released")
struct ReleasedVersionTests {
    private static func opening<Result: Sendable>(
        _ place: DatabasePlace, _ migrations: [Migration], _ read: @escaping @Sendable (Transaction) throws -> Result
    ) async throws -> Result {
        let configuration = DatabaseConfiguration(
            migrations: migrations, logger: TestServer.silent, maximumConnections: 2)
        return try await place.withDatabase(configuration) { try await $0.read(read) }
    }

    /// The steps that the database has had, which is the newest that it knows.
    private static func steps(of place: DatabasePlace) async throws -> [Migration] {
        do {
            try await place.open(migrations: []).close()
            return []
        } catch DatabaseError.newerSchema(let newest, _) {
            return Instance.migrations.filter { $0.number <= newest }
        }
    }

    // MARK: The schema

    @Test("gets the schema that a new one has", arguments: ReleasedVersion.all, DatabaseKind.allCases)
    func schema(version: ReleasedVersion, kind: DatabaseKind) async throws {
        let new = try await TestDatabase.withPlace(kind) { place in
            try await Self.opening(place, Instance.migrations, Self.schema)
        }
        let migrated = try await TestDatabase.withPlace(kind, like: version.pattern) { place in
            try await #expect(!Self.steps(of: place).isEmpty)
            return try await Self.opening(place, Instance.migrations, Self.schema)
        }
        #expect(new.count > 300)
        #expect(Set(migrated).subtracting(new) == [])
        #expect(Set(new).subtracting(migrated) == [])
    }

    /// All that the database itself knows of its tables and indexes, a line each.
    private static func schema(_ tx: Transaction) throws -> [String] {
        let questions: [StaticSQL] =
            tx.dialect == .sqlite
            ? [
                "SELECT type || ' ' || name || ': ' || COALESCE(sql, '') FROM sqlite_master",
                """
                SELECT m.name || '.' || c.name || ' ' || c.type || ' ' || c."notnull" || ' '
                    || COALESCE(c.dflt_value, '')
                FROM sqlite_master m JOIN pragma_table_info(m.name) c WHERE m.type = 'table'
                """,
            ]
            : [
                """
                SELECT CAST(table_name || '.' || column_name || ' ' || data_type || ' ' || is_nullable || ' '
                    || COALESCE(column_default, '') AS TEXT)
                FROM information_schema.columns WHERE table_schema = current_schema()
                """,
                "SELECT CAST(indexdef AS TEXT) FROM pg_indexes WHERE schemaname = current_schema()",
                """
                SELECT CAST(conrelid::regclass AS TEXT) || ' ' || CAST(conname AS TEXT) || ': '
                    || pg_get_constraintdef(oid)
                FROM pg_constraint WHERE connamespace = to_regnamespace(CAST(current_schema() AS TEXT))
                """,
            ]
        return try questions.flatMap { question in try tx.all(question) { $0.text(0) } }
    }

    // MARK: What is in it

    /// What a step forgets on purpose: what was logged before says nothing of what it is about, and nobody resumes from
    /// there.
    private static let forgotten = [20: ["events", "event_audiences"]]

    @Test("loses no row of any table", arguments: ReleasedVersion.all, DatabaseKind.allCases)
    func rows(version: ReleasedVersion, kind: DatabaseKind) async throws {
        try await TestDatabase.withPlace(kind, like: version.pattern) { place in
            let steps = try await Self.steps(of: place)
            var before = try await Self.opening(place, steps, Self.rowCounts)
            let after = try await Self.opening(place, Instance.migrations, Self.rowCounts)
            #expect(try #require(before["messages"]) > 10)
            for (number, tables) in Self.forgotten where !steps.contains(where: { $0.number == number }) {
                for table in tables { before[table] = 0 }
            }
            #expect(after.filter { before.keys.contains($0.key) } == before)
        }
    }

    private static func rowCounts(_ tx: Transaction) throws -> [String: Int] {
        let tables: StaticSQL =
            tx.dialect == .sqlite
            ? "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
            : "SELECT CAST(tablename AS TEXT) FROM pg_tables WHERE schemaname = current_schema()"
        var counts: [String: Int] = [:]
        // What the schema says of itself is no row of anybody's.
        let own = ["schema_migrations", "message_search_config"]
        for table in try tx.all(tables, [], { $0.text(0) }) where !own.contains(table) {
            counts[table] = try tx.first("SELECT COUNT(*) AS row_count FROM \(sql: table)") { $0.int(0) }
        }
        return counts
    }

    @Test("is served as that version served it", arguments: ReleasedVersion.all, DatabaseKind.allCases)
    func answers(version: ReleasedVersion, kind: DatabaseKind) async throws {
        let record = try version.record(kind)
        try await TestDatabase.withPlace(kind, like: version.pattern) { place in
            try await version.withDataFolder(kind) { folder in
                let url = kind == .sqlite ? "sqlite:\(place.address)" : place.address
                let clock = ManualClock(record.moment + .seconds(60))
                try await TestServer.with(databaseURL: url, clock: clock, ["data": folder]) { server in
                    try await Self.asksAgain(record, server)
                    try await Self.logsIn(record, server)
                    try await Self.fetchesFiles(record, server)
                    try await Self.everyoneMay(record, server)
                }
            }
        }
    }

    /// Each caller asks what it asked then, with the token that it had.
    private static func asksAgain(_ record: ReleasedVersion.Record, _ server: TestServer) async throws {
        #expect(record.answers.count > 30)
        for asked in record.answers {
            let token = try #require(record.tokens[asked.caller])
            let reply = try await server.send(.GET, asked.path, headers: ["authorization": token])
            #expect(reply.status == 200, "\(asked.caller): \(asked.path)")
            #expect(reply.json.differences(from: asked.answer) == [], "\(asked.caller): \(asked.path)")
        }
    }

    /// The rights that every member of a new server has, those of an old one have, too, and no others.
    private static func everyoneMay(_ record: ReleasedVersion.Record, _ server: TestServer) async throws {
        let roles = try #require(record.answers.first { $0.path.hasSuffix("/roles") })
        let token = try #require(record.tokens[roles.caller])
        let now = try await server.send(.GET, roles.path, headers: ["authorization": token]).json
        let everyone = try #require(now.array?.first { $0["name"] == "@everyone" }?["permissions"]?.object)
        let before = try #require(roles.answer.array?.first { $0["name"] == "@everyone" }?["permissions"]?.object)
        let gained = everyone.filter { name, holds in holds == true && before[name] != true }.keys
        #expect(
            gained.sorted() == [
                "messages.create_private_threads", "messages.send_voice", "messages.use_external_stickers",
                "polls.create", "voice.request_to_speak", "voice.stream", "voice.use_soundboard", "voice.use_vad",
            ])
    }

    private static func logsIn(_ record: ReleasedVersion.Record, _ server: TestServer) async throws {
        for name in ["ada", "ben", "cleo"] {
            let login = try await server.send(
                .POST, "/auth/login", ["username": .string(name), "password": .string(record.password)])
            #expect(login.status == 200, "\(name)")
        }
    }

    private static func fetchesFiles(_ record: ReleasedVersion.Record, _ server: TestServer) async throws {
        let history = try #require(record.answers.first { $0.path.hasSuffix("/messages") })
        let token = try #require(record.tokens[history.caller])
        let now = try await server.send(.GET, history.path, headers: ["authorization": token]).json
        let files = (now.array ?? []).flatMap { $0["attachments"]?.array ?? [] }
        #expect(files.compactMap { $0["filename"]?.string }.sorted() == ["heron.png", "list.txt"])
        for file in files {
            let reply = try await server.send(.GET, "/" + (try file.text("url")))
            #expect(reply.status == 200)
            if file["filename"] == "list.txt" { #expect(reply.text == "Two herons, one kingfisher.\n") }
        }
    }
}

extension JSON {
    /// Where something else stands than before. What is new is no difference; nor is how an address is signed.
    fileprivate func differences(from before: JSON, at place: String = "") -> [String] {
        switch (self, before) {
        case (.object(let now), .object(let before)):
            before.sorted { $0.key < $1.key }.flatMap { key, before in
                now[key]?.differences(from: before, at: "\(place).\(key)") ?? ["\(place).\(key): is gone"]
            }
        case (.array(let now), .array(let before)) where now.count == before.count:
            zip(now, before).enumerated().flatMap { index, pair in
                pair.0.differences(from: pair.1, at: "\(place)[\(index)]")
            }
        case (.string(let now), .string(let before)) where now.contains("?"):
            now.prefix { $0 != "?" } == before.prefix { $0 != "?" } ? [] : ["\(place): \(now), was \(before)"]
        default: self == before ? [] : ["\(place): \(text), was \(before.text)"]
        }
    }
}
