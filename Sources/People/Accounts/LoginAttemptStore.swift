import Database
import Kernel

enum LoginAttemptStore {
    static func failures(
        _ nameHash: [UInt8], _ address: String, since moment: Timestamp, _ tx: Transaction
    ) throws -> (failures: Int, lastAt: Timestamp)? {
        try tx.first(
            "SELECT failures, last_at FROM login_failures WHERE name_hash = $1 AND address = $2 AND last_at > $3",
            [nameHash, address, moment]
        ) { ($0.int(0), $0.timestamp(1)) }
    }

    /// Failures from before `moment` count no more. Taking back leaves the time as it is.
    static func add(
        _ count: Int, _ nameHash: [UInt8], _ address: String, since moment: Timestamp, _ tx: Transaction
    ) throws {
        guard count > 0 else {
            return try tx.execute(
                "UPDATE login_failures SET failures = failures + $3 WHERE name_hash = $1 AND address = $2",
                [nameHash, address, count])
        }
        try tx.execute(
            """
            INSERT INTO login_failures (name_hash, address, failures, last_at) VALUES ($1, $2, $3, $4)
            ON CONFLICT (name_hash, address) DO UPDATE SET last_at = excluded.last_at,
                failures = CASE WHEN login_failures.last_at > $5
                    THEN login_failures.failures + excluded.failures ELSE excluded.failures END
            """, [nameHash, address, count, tx.now, moment])
    }

    static func forget(_ nameHash: [UInt8], _ address: String, _ tx: Transaction) throws {
        try tx.execute("DELETE FROM login_failures WHERE name_hash = $1 AND address = $2", [nameHash, address])
    }

    static func forgetAll(_ nameHash: [UInt8], _ tx: Transaction) throws {
        try tx.execute("DELETE FROM login_failures WHERE name_hash = $1", [nameHash])
    }

    static func failures(_ nameHash: [UInt8], _ tx: Transaction) throws -> [LoginFailures] {
        try tx.all(
            "SELECT address, failures, last_at FROM login_failures WHERE name_hash = $1 ORDER BY address", [nameHash]
        ) { LoginFailures(address: $0.text(0), count: $0.int(1), lastAt: $0.timestamp(2)) }
    }

    static func isKnown(
        _ address: String, to user: UserID, since moment: Timestamp, _ tx: Transaction
    ) throws -> Bool {
        try tx.exists(
            "SELECT 1 FROM known_addresses WHERE user_id = $1 AND address = $2 AND seen_at > $3",
            [user, address, moment])
    }

    static func noteAddress(_ address: String, of user: UserID, _ tx: Transaction) throws {
        try tx.execute(
            """
            INSERT INTO known_addresses (user_id, address, seen_at) VALUES ($1, $2, $3)
            ON CONFLICT (user_id, address) DO UPDATE SET seen_at = excluded.seen_at
            """, [user, address, tx.now])
    }

    /// Removes at most `limit` of each that count no more.
    /// - Returns: whether there may be more.
    static func deleteOld(limit: Int, _ tx: Transaction) throws -> Bool {
        let failures = try tx.count(
            """
            DELETE FROM login_failures WHERE (name_hash, address) IN
                (SELECT name_hash, address FROM login_failures WHERE last_at <= $1 LIMIT $2) RETURNING failures
            """, [tx.now - LoginAttempts.lockTime, limit])
        let addresses = try tx.count(
            """
            DELETE FROM known_addresses WHERE (user_id, address) IN
                (SELECT user_id, address FROM known_addresses WHERE seen_at <= $1 LIMIT $2) RETURNING user_id
            """, [tx.now - LoginAttempts.acquaintance, limit])
        return max(failures, addresses) == limit
    }
}
