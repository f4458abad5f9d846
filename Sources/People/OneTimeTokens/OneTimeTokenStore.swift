import Database
import Kernel

enum OneTimeTokenStore {
    static func insert(
        _ hash: [UInt8], _ purpose: OneTimeTokens.Purpose, user: UserID?, data: JSON, expiresAt: Timestamp,
        _ tx: Transaction
    ) throws {
        try tx.execute(
            """
            INSERT INTO one_time_tokens (hash, purpose, user_id, data, attempts, created_at, expires_at)
            VALUES ($1, $2, $3, $4, 0, $5, $6)
            """,
            [hash, purpose.rawValue, user, String(decoding: data.jsonBytes, as: UTF8.self), tx.now, expiresAt])
    }

    private static let columns: StaticSQL = "user_id, data, attempts"

    private static func grant(_ row: SQLRow) throws -> OneTimeTokens.Grant {
        OneTimeTokens.Grant(
            user: row.idOrNil(0), data: try JSONParser.parse(Array(row.text(1).utf8)), attempts: row.int(2))
    }

    static func take(
        _ hash: [UInt8], _ purpose: OneTimeTokens.Purpose, _ tx: Transaction
    ) throws -> OneTimeTokens.Grant? {
        try tx.first(
            """
            DELETE FROM one_time_tokens WHERE hash = $1 AND purpose = $2 AND expires_at > $3 RETURNING \(columns)
            """, [hash, purpose.rawValue, tx.now], grant)
    }

    static func attempt(
        _ hash: [UInt8], _ purpose: OneTimeTokens.Purpose, _ tx: Transaction
    ) throws -> OneTimeTokens.Grant? {
        try tx.first(
            """
            UPDATE one_time_tokens SET attempts = attempts + 1
            WHERE hash = $1 AND purpose = $2 AND expires_at > $3 RETURNING user_id, data, attempts - 1
            """, [hash, purpose.rawValue, tx.now], grant)
    }

    static func exists(_ hash: [UInt8], _ purpose: OneTimeTokens.Purpose, _ tx: Transaction) throws -> Bool {
        try tx.exists(
            "SELECT 1 FROM one_time_tokens WHERE hash = $1 AND purpose = $2 AND expires_at > $3",
            [hash, purpose.rawValue, tx.now])
    }

    /// How many the user was given since a moment.
    static func count(
        _ purpose: OneTimeTokens.Purpose, of user: UserID, since moment: Timestamp, _ tx: Transaction
    ) throws -> Int {
        try tx.first(
            "SELECT COUNT(*) FROM one_time_tokens WHERE user_id = $1 AND purpose = $2 AND created_at > $3",
            [user, purpose.rawValue, moment]
        ) { $0.int(0) } ?? 0
    }

    static func deleteAll(_ purpose: OneTimeTokens.Purpose, of user: UserID, _ tx: Transaction) throws {
        try tx.execute(
            "DELETE FROM one_time_tokens WHERE user_id = $1 AND purpose = $2", [user, purpose.rawValue])
    }

    /// Removes at most `limit` that have run out.
    /// - Returns: whether there may be more.
    static func deleteExpired(limit: Int, _ tx: Transaction) throws -> Bool {
        try tx.count(
            """
            DELETE FROM one_time_tokens
            WHERE hash IN (SELECT hash FROM one_time_tokens WHERE expires_at <= $1 LIMIT $2) RETURNING attempts
            """, [tx.now, limit]) == limit
    }
}
