import Database
import Dispatch
import TestDatabase
import TestPrograms
import Testing

@testable import Chat

/// The database counts reactions itself, whoever adds them and takes them away.
@Suite("Counts of reactions")
struct ReactionCountTests {
    private static func counts(_ tx: Transaction) throws -> [String] {
        try tx.all("SELECT message_id, emoji, count FROM reaction_counts ORDER BY message_id, emoji") {
            "\($0.int(0)) \($0.text(1)) \($0.int(2))"
        }
    }

    private static func expectRight(_ tx: Transaction) throws {
        let right = try tx.all(
            "SELECT message_id, emoji, COUNT(*) FROM reactions GROUP BY message_id, emoji ORDER BY message_id, emoji"
        ) { "\($0.int(0)) \($0.text(1)) \($0.int(2))" }
        #expect(try counts(tx) == right)
    }

    private static func react(_ message: Int, _ emoji: String, _ user: Int, _ tx: Transaction) throws {
        try tx.execute(
            """
            INSERT INTO reactions (message_id, emoji, user_id, reacted_at) VALUES ($1, $2, $3, $4)
            ON CONFLICT (message_id, emoji, user_id) DO NOTHING
            """, [message, emoji, user, user])
    }

    @Test("they are right after whatever comes and goes", arguments: DatabaseKind.allCases)
    func histories(kind: DatabaseKind) async throws {
        try await TestDatabase.with(kind, migrations: Instance.migrations, maximumConnections: 2) { database in
            for seed in 0..<20 {
                try await database.write { tx in
                    for step in 0..<30 {
                        let (message, emoji, user) = ((seed + step) % 3, "\(step % 4)", (seed * step) % 7)
                        switch (seed + step * step) % 11 {
                        case 0: try tx.execute("DELETE FROM reactions WHERE message_id = $1", [message])
                        case 1: try tx.execute("DELETE FROM reactions WHERE user_id = $1", [user])
                        case 2, 3:
                            try tx.execute(
                                "DELETE FROM reactions WHERE message_id = $1 AND emoji = $2 AND user_id = $3",
                                [message, emoji, user])
                        case 4:
                            try tx.execute(
                                """
                                INSERT INTO reactions (message_id, emoji, user_id, reacted_at)
                                SELECT message_id + 1, emoji, user_id + 100, reacted_at FROM reactions WHERE message_id = $1
                                ON CONFLICT (message_id, emoji, user_id) DO NOTHING
                                """, [message])
                        default: try Self.react(message, emoji, user, tx)
                        }
                    }
                    try Self.expectRight(tx)
                }
            }
        }
    }

    @Test(
        "those from before they were counted count, and so do those that come afterwards",
        arguments: DatabaseKind.allCases)
    func upgrade(kind: DatabaseKind) async throws {
        try await TestDatabase.withPlace(kind) { place in
            let before = try await place.open(migrations: Instance.migrations.filter { $0.number < 61 })
            try await before.write { tx in
                for user in 1...50 { try Self.react(user % 3, "\(user % 4)", user, tx) }
            }
            await before.close()
            let after = try await place.open(migrations: Instance.migrations)
            try await after.write { tx in
                try Self.expectRight(tx)
                #expect(try Self.counts(tx).count == 12)
                for user in 1...10 { try Self.react(1, "1", 100 + user, tx) }
                try Self.expectRight(tx)
            }
            await after.close()
        }
    }

    /// A node of the version before has begun to write when the counts are made.
    @Test("who took a reaction back while they were counted is counted, too")
    func rollingUpgrade() async throws {
        try await TestDatabase.withPlace(.postgresql) { place in
            let before = try await place.open(migrations: Instance.migrations.filter { $0.number < 61 })
            try await before.write { tx in for user in 1...50 { try Self.react(1, "a", user, tx) } }
            // Opened beforehand: whoever comes while another one migrates waits for that.
            let watcher = try await place.open(migrations: Instance.migrations.filter { $0.number < 61 })
            let (hasRead, goesOn) = (AsyncStream.makeStream(of: Void.self), DispatchSemaphore(value: 0))
            defer { goesOn.signal() }
            async let writing: Void = before.write { tx in
                _ = try tx.first("SELECT COUNT(*) FROM users") { $0.int(0) }
                hasRead.continuation.finish()
                goesOn.wait()
                try tx.execute("DELETE FROM reactions WHERE message_id = 1 AND user_id <= 10")
            }
            for await _ in hasRead.stream {}
            async let after = place.open(migrations: Instance.migrations)
            // Until it waits for the other's lock.
            try await eventually {
                try await watcher.read { tx in
                    try tx.exists(
                        """
                        SELECT 1 FROM pg_locks JOIN pg_database ON pg_database.oid = pg_locks.database
                        WHERE NOT granted AND datname = current_database()
                        """)
                }
            }
            goesOn.signal()
            try await writing
            let opened = try await after
            try await opened.read { tx in
                try Self.expectRight(tx)
                #expect(try Self.counts(tx) == ["1 a 40"])
            }
            for database in [before, watcher, opened] { await database.close() }
        }
    }
}
