import Crypto
import Bus
import Database
import Events
import Kernel

/// Values that belong to the instance as a whole.
enum InstanceSettings {
    /// The newest identifier of the things that are made most, for a clock that has stepped back since.
    static func newestIdentifier(in database: any SQLDatabase) async throws -> Int64 {
        try await database.read { tx in
            let tables: [StaticSQL] = ["messages", "users", "sessions", "servers", "channels"]
            return try tables.map { table in
                try tx.first("SELECT COALESCE(MAX(id), 0) FROM \(table)") { $0.integer(0) } ?? 0
            }.max() ?? 0
        }
    }

    /// The newest moment of which something in the database tells, so that a server does not start in the past. Identifiers that
    /// were made while the clock was ahead tell nothing until it has caught up with them.
    static func newestMoment(in database: any SQLDatabase) async throws -> Timestamp {
        let newest = MessageID(rawValue: try await newestIdentifier(in: database)).createdAt
        return try await database.read { tx in
            let event = try EventLog.moment(of: .max, tx)
            let ahead = try tx.first("SELECT value FROM instance_settings WHERE key = $1", [setBackKey]) {
                Int64(String(decoding: $0.bytes(0), as: UTF8.self)).map(Timestamp.init(milliseconds:))
            }
            // A generator that is ahead of the clock goes on a millisecond at a time.
            if let ahead = ahead ?? nil, newest <= ahead + .seconds(3600) { return event }
            return max(event, newest)
        }
    }

    private static let setBackKey = "clock_set_back_from"

    /// Remembers that the clock is behind the newest identifier because it was set back to what is true.
    static func noteSetBack(in database: any SQLDatabase) async throws {
        let newest = MessageID(rawValue: try await newestIdentifier(in: database)).createdAt
        try await database.write { tx in
            try tx.execute(
                """
                INSERT INTO instance_settings (key, value) VALUES ($1, $2)
                ON CONFLICT (key) DO UPDATE SET value = excluded.value
                """, [setBackKey, Array(String(newest.milliseconds).utf8)])
        }
    }

    /// A secret that is made once and kept in the database, so that all nodes have the same.
    static func secret(
        _ name: String, _ count: Int, in database: any SQLDatabase, _ randomness: any Randomness
    ) async throws -> [UInt8] {
        try await secret(name, made: randomness.bytes(count), in: database)
    }

    /// The same, for a secret that is not just any bytes.
    /// - Parameter fresh: what is kept where there is none yet.
    static func secret(_ name: String, made fresh: [UInt8], in database: any SQLDatabase) async throws -> [UInt8] {
        try await database.write { tx in
            try tx.execute(
                "INSERT INTO instance_settings (key, value) VALUES ($1, $2) ON CONFLICT (key) DO NOTHING",
                [name, fresh])
            return try tx.first("SELECT value FROM instance_settings WHERE key = $1", [name]) { $0.bytes(0) } ?? fresh
        }
    }

    /// What all nodes know, and nobody else: by it they know each other on the bus.
    static func busSeal(in database: any SQLDatabase) async throws -> BusSeal {
        BusSeal(secret: try await secret("bus_key", 32, in: database, SystemRandomness()))
    }

    /// What the instance is called where others may be, too: all its nodes have that name, and a copy of the database has another.
    static func busName(in database: any SQLDatabase) async throws -> String {
        let own = try await secret("bus_name", 16, in: database, SystemRandomness())
        let identity = try await database.read { tx in try EventLog.databaseIdentity(tx) }
        let hash = SHA256.hash(data: own + Array((identity ?? "").utf8))
        return hash.prefix(10).map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
    }
}
