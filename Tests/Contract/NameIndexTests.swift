import Database
import Kernel
import TestDatabase
import TestPrograms
import Testing

@testable import Chat
@testable import Community
@testable import Features

/// Who is found by a name is who is called so, whether the index has them or not.
@Suite("The index of names")
struct NameIndexTests {
    private static let words = ["wren", "Wrenlet", "Zoë", "小鳥", "鳥", "Straße", "ﬁnch", "a", "b.c_d", "пти́ца"]

    private struct Named {
        let user: UserID
        let server: ServerID
        let names: [String?]
    }

    private static func everybody(_ tx: Transaction) throws -> [Named] {
        try tx.all(
            """
            SELECT m.user_id, m.server_id, u.username, u.display_name, m.nickname
            FROM members m JOIN users u ON u.id = m.user_id ORDER BY m.user_id
            """
        ) { Named(user: $0.id(0), server: $0.id(1), names: [$0.text(2), $0.textOrNil(3), $0.textOrNil(4)]) }
    }

    /// That the index leads to all who are called so, by comparing it with the names.
    private static func expectRight(_ text: String, _ tx: Transaction) throws {
        let query = NameQuery(text)
        let everybody = try everybody(tx)
        let candidates = try NameIndex.candidates(for: query, tx)
        for server in Set(everybody.map(\.server)) {
            let called = everybody.filter { $0.server == server && query.matches($0.names) }.map(\.user)
            let found = try MemberStore.members(of: server, after: nil, query: query, limit: 1000, tx).map(\.user)
            #expect(found == called, "\(text)")
            if let candidates { #expect(Set(called).isSubset(of: candidates), "\(text)") }
        }
    }

    private static func advance(_ server: TestServer) async throws {
        try await server.operate { while try await NameIndex.advance(in: $0.parts.database) {} }
    }

    private static func isWhole(_ tx: Transaction) throws -> Bool {
        try NameIndex.candidates(for: NameQuery("wren"), tx) != nil
    }

    @Test("whatever people come to be called, and whoever wrote it", arguments: DatabaseKind.allCases)
    func histories(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let owner = try await server.person("owner")
            let communities = [try await owner.foundsServer("One"), try await owner.foundsServer("Two")]
            for index in 0..<4 {
                let person = try await server.person("person\(index)")
                for community in communities { try await person.joins(community) }
            }
            let users = try await server.onDatabase { tx in Set(try Self.everybody(tx).map(\.user)).sorted() }
            var random = SplitMix(seed: 7)
            for step in 0..<120 {
                let (user, place) = (users.randomElement(using: &random), communities.randomElement(using: &random))
                let name = (0..<Int.random(in: 1...2, using: &random))
                    .compactMap { _ in Self.words.randomElement(using: &random) }.joined(separator: " ")
                let choice = Int.random(in: 0..<6, using: &random)
                let asked = Self.words.randomElement(using: &random) ?? ""
                let part = String(asked.prefix(Int.random(in: 1...4, using: &random)))
                try await server.onDatabase { tx in
                    // As a node of the version before would, which knows of no index.
                    switch choice {
                    case 0: try tx.execute("UPDATE users SET display_name = $2 WHERE id = $1", [user, name])
                    case 1: try tx.execute("UPDATE users SET display_name = NULL WHERE id = $1", [user])
                    case 2, 3:
                        try tx.execute(
                            "UPDATE members SET nickname = $3 WHERE user_id = $1 AND server_id = $2",
                            [user, place.flatMap { Int64($0.id) }, name])
                    case 4:
                        try tx.execute(
                            "UPDATE members SET nickname = NULL WHERE user_id = $1 AND server_id = $2",
                            [user, place.flatMap { Int64($0.id) }])
                    default: break
                    }
                    try Self.expectRight(part, tx)
                }
                if step % 5 == 0 { try await Self.advance(server) }
            }
            try await Self.advance(server)
            try await server.onDatabase { tx in
                let isWhole = try Self.isWhole(tx)
                #expect(isWhole)
                let isWaiting = try tx.exists("SELECT 1 FROM name_queue")
                #expect(!isWaiting)
                for word in Self.words { try Self.expectRight(word, tx) }
            }
        }
    }

    @Test("nothing of a name is in the index once it is another", arguments: DatabaseKind.allCases)
    func renaming(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            try await Self.advance(server)
            let id = try #require(Int64(alice.id))
            let indexed = { @Sendable (tx: Transaction) throws -> Bool in
                switch tx.dialect {
                case .sqlite: try tx.exists("SELECT 1 FROM name_search WHERE rowid = $1", [id])
                case .postgresql: try tx.exists("SELECT 1 FROM name_search WHERE user_id = $1", [id])
                }
            }
            let wasIndexed = try await server.onDatabase(indexed)
            #expect(wasIndexed)
            try await server.onDatabase { tx in
                try tx.execute("UPDATE users SET display_name = 'Wren' WHERE id = $1", [id])
                let isIndexed = try indexed(tx)
                #expect(!isIndexed)
                let found = try NameIndex.candidates(for: NameQuery("wren"), tx)
                #expect(found == [UserID(rawValue: id)])
            }
        }
    }

    @Test("where it is to be made anew, names are found all the while", arguments: DatabaseKind.allCases)
    func anew(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let owner = try await server.person("owner")
            let community = try await owner.foundsServer()
            for index in 0..<3 { try await server.person("wren\(index)").joins(community) }
            try await Self.advance(server)
            try await server.onDatabase { tx in
                try tx.execute("UPDATE name_state SET version = version - 1 WHERE id = 1")
                switch tx.dialect {
                case .sqlite: try tx.execute("DELETE FROM name_search WHERE rowid > 0")
                case .postgresql: try tx.execute("DELETE FROM name_search WHERE user_id > 0")
                }
                let isWhole = try Self.isWhole(tx)
                #expect(!isWhole)
                try Self.expectRight("ren", tx)
            }
            try await Self.advance(server)
            try await server.onDatabase { tx in
                let isWhole = try Self.isWhole(tx)
                #expect(isWhole)
                let found = try NameIndex.candidates(for: NameQuery("ren1"), tx)
                #expect(found?.count == 1)
                try Self.expectRight("ren", tx)
            }
        }
    }

    @Test("where very many wait or may be meant, the names are read", arguments: DatabaseKind.allCases)
    func many(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let owner = try await server.person("owner")
            try await server.person("wren").joins(try await owner.foundsServer())
            try await Self.advance(server)
            try await server.onDatabase { tx in
                for user in 0...1000 {
                    try tx.execute(
                        "INSERT INTO name_queue (user_id) VALUES ($1) ON CONFLICT (user_id) DO NOTHING",
                        [(1 << 40) + user])
                }
                let isWhole = try Self.isWhole(tx)
                #expect(!isWhole)
                try Self.expectRight("ren", tx)
            }
            // They are nobody.
            try await Self.advance(server)
            try await server.onDatabase { tx in
                let isWhole = try Self.isWhole(tx)
                #expect(isWhole)
            }
        }
    }

    @Test("those from before there was an index", arguments: DatabaseKind.allCases)
    func upgrade(kind: DatabaseKind) async throws {
        try await TestDatabase.withPlace(kind) { place in
            let before = try await place.open(migrations: Instance.migrations.filter { $0.number < 62 })
            try await before.write { tx in
                for user in 1...120 { try Self.register(user, "wren\(user)", tx) }
            }
            await before.close()
            let after = try await place.open(migrations: Instance.migrations)
            try await after.write { tx in
                let isWhole = try Self.isWhole(tx)
                #expect(!isWhole)
                try Self.register(121, "wren121", tx)
            }
            while try await NameIndex.advance(in: after) {}
            try await after.read { tx in
                let found = try NameIndex.candidates(for: NameQuery("wren"), tx)
                #expect(found?.count == 121)
                let one = try NameIndex.candidates(for: NameQuery("wren77"), tx)
                #expect(one == [UserID(rawValue: 77)])
            }
            await after.close()
        }
    }

    private static func register(_ user: Int, _ name: String, _ tx: Transaction) throws {
        try tx.execute(
            """
            INSERT INTO users (id, username, username_key, email, email_key, password_hash, email_verified, is_admin, created_at)
            VALUES ($1, $2, $2, $2, $2, '', FALSE, FALSE, 0)
            """, [user, name])
    }
}
