import Chat
import Client
import Community
import Database
import Foundation
import Kernel
import Logging

/// A database with more in it than could be made through the API in reasonable time: rows are written while no server runs.
struct Population {
    let address: String

    /// A new SQLite database, or the one that is named.
    init(database: String, folder: String) {
        address = database.isEmpty ? "sqlite:\(folder)/bench.db" : database
    }

    func write(_ body: @escaping @Sendable (Transaction) throws -> Void) async throws {
        try await withDatabase { try await $0.write(body) }
    }

    /// What a server does by and by.
    func indexNames() async throws {
        try await withDatabase { while try await NameIndex.advance(in: $0) {} }
    }

    private func withDatabase(_ body: (any SQLDatabase) async throws -> Void) async throws {
        let configuration = DatabaseConfiguration(
            migrations: Instance.migrations, logger: Logger(label: "bench"), maximumConnections: 2)
        let database: any SQLDatabase =
            if address.hasPrefix("sqlite:") {
                try await SQLiteDatabase(path: String(address.dropFirst(7)), configuration: configuration)
            } else {
                try await PostgreSQLDatabase(url: address, configuration: configuration)
            }
        try await body(database)
        await database.close()
    }

    /// Accounts with ids from `first` on, all members of a server.
    /// - Parameter role: what a tenth of them has, if any.
    func addMembers(_ count: Int, first: Int64, to server: Int64, role: Int64? = nil) async throws {
        for start in stride(from: 0, to: count, by: 2000) {
            try await write { tx in
                for index in start..<min(start + 2000, count) {
                    let id = first + Int64(index)
                    try tx.execute(
                        """
                        INSERT INTO users (id, username, username_key, email, email_key, password_hash, email_verified,
                            is_admin, created_at)
                        VALUES ($1, $2, $2, $2, $2, '', FALSE, FALSE, 0)
                        """, [id, "member\(id)"])
                    try tx.execute(
                        "INSERT INTO members (server_id, user_id, joined_at) VALUES ($1, $2, 0)", [server, id])
                    guard let role, index % 10 == 0 else { continue }
                    try tx.execute(
                        "INSERT INTO member_roles (server_id, user_id, role_id) VALUES ($1, $2, $3)",
                        [server, id, role])
                }
                try tx.execute(
                    """
                    UPDATE servers SET member_count = (SELECT COUNT(*) FROM members WHERE server_id = $1) WHERE id = $1
                    """, [server])
            }
        }
    }

    /// Gives each member so many of some roles by chance, the same in each run.
    func giveRoles(
        _ roles: ArraySlice<Int64>, _ each: Int, to count: Int, first: Int64, in server: Int64
    ) async throws {
        let random = SeededRandomness(seed: 1)
        for start in stride(from: 0, to: count, by: 2000) {
            try await write { tx in
                for index in start..<min(start + 2000, count) {
                    var own: Set<Int64> = []
                    while own.count < min(each, roles.count) {
                        if let role = roles.dropFirst(Int(random.next() % UInt64(roles.count))).first {
                            own.insert(role)
                        }
                    }
                    for role in own.sorted() {
                        try tx.execute(
                            "INSERT INTO member_roles (server_id, user_id, role_id) VALUES ($1, $2, $3)",
                            [server, first + Int64(index), role])
                    }
                }
            }
        }
    }

    func addArchivedThreads(_ count: Int, first: Int64, of channel: Int64, in server: Int64) async throws {
        for start in stride(from: 0, to: count, by: 2000) {
            try await write { tx in
                for index in start..<min(start + 2000, count) {
                    let id = first + Int64(index)
                    try tx.execute(
                        """
                        INSERT INTO channels (id, server_id, name, type, position, nsfw, slowmode_seconds, created_at)
                        VALUES ($1, $2, $3, 'thread', 0, FALSE, 0, 0)
                        """, [id, server, "thread-\(index)"])
                    try tx.execute(
                        """
                        INSERT INTO threads (channel_id, parent_id, archived, locked, auto_archive_minutes, member_count,
                            active_at, server_id, archived_at)
                        VALUES ($1, $2, TRUE, FALSE, 1440, 0, 0, $3, 0)
                        """, [id, channel, server])
                }
            }
        }
    }

    /// Text channels, each tenth of them closed to everyone but a role.
    func addChannels(_ count: Int, first: Int64, to server: Int64, everyone: Int64, role: Int64, view: Int64)
        async throws
    {
        try await write { tx in
            for index in 0..<count {
                let id = first + Int64(index)
                try tx.execute(
                    """
                    INSERT INTO channels (id, server_id, name, type, position, nsfw, slowmode_seconds, created_at)
                    VALUES ($1, $2, $3, 'text', $4, FALSE, 0, 0)
                    """, [id, server, "channel-\(index)", index + 10])
                guard index % 10 == 0 else { continue }
                for (subject, allow, deny) in [(everyone, Int64(0), view), (role, view, Int64(0))] {
                    try tx.execute(
                        """
                        INSERT INTO overwrites (channel_id, subject_id, is_role, allow, deny)
                        VALUES ($1, $2, TRUE, $3, $4)
                        """, [id, subject, allow, deny])
                }
            }
        }
    }

    /// Messages by one author, from `first` on, put in line for the index.
    func addMessages(_ texts: [String], first: Int64, in channel: Int64, by author: Int64) async throws {
        try await write { tx in
            for (index, text) in texts.enumerated() {
                let id = first + Int64(index)
                try tx.execute(
                    """
                    INSERT INTO messages (id, channel_id, author_id, type, content, created_at)
                    VALUES ($1, $2, $3, 'default', $4, 0)
                    """, [id, channel, author, text])
                try tx.execute("INSERT INTO search_queue (message_id) VALUES ($1)", [id])
            }
        }
    }

    func queueLength() async throws -> Int {
        let length = Box()
        try await write { tx in length.value = try tx.first("SELECT COUNT(*) FROM search_queue") { $0.int(0) } ?? 0 }
        return length.value
    }

    /// Written by one closure and read after it has returned, never at once.
    private final class Box: @unchecked Sendable { var value = 0 }
}
