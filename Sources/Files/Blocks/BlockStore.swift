import Database
import Features
import Kernel

package enum BlockStore {
    private static let shape = RowShape<Block> { row in
        Block(
            value: row["value"], reason: row["reason"], createdBy: row["created_by"], createdAt: row["created_at"],
            expiresAt: row["expires_at"])
    }

    /// Those that hold now.
    package static func blocks(_ kind: BlockKind, _ tx: Transaction) throws -> [Block] {
        try tx.all(
            """
            SELECT \(shape.columns) FROM blocks
            WHERE kind = $1 AND (expires_at IS NULL OR expires_at > $2) ORDER BY value
            """, [kind.rawValue, tx.now], as: shape)
    }

    /// Whether files of a content are kept out.
    package static func isBlocked(hash: String, _ tx: Transaction) throws -> Bool {
        try tx.exists(
            "SELECT 1 FROM blocks WHERE kind = $1 AND value = $2 AND (expires_at IS NULL OR expires_at > $3)",
            [BlockKind.hash.rawValue, hash, tx.now])
    }

    package static func has(_ value: String, _ kind: BlockKind, _ tx: Transaction) throws -> Bool {
        try tx.exists("SELECT 1 FROM blocks WHERE kind = $1 AND value = $2", [kind.rawValue, value])
    }

    package static func count(_ kind: BlockKind, _ tx: Transaction) throws -> Int {
        try tx.first("SELECT COUNT(*) FROM blocks WHERE kind = $1", [kind.rawValue]) { $0.int(0) } ?? 0
    }

    package static func set(_ block: Block, _ kind: BlockKind, _ tx: Transaction) throws {
        try tx.execute(
            """
            INSERT INTO blocks (kind, value, reason, created_by, created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6)
            ON CONFLICT (kind, value) DO UPDATE SET reason = excluded.reason, expires_at = excluded.expires_at
            """,
            [kind.rawValue, block.value, block.reason, block.createdBy, block.createdAt, block.expiresAt])
    }

    package static func delete(_ value: String, _ kind: BlockKind, _ tx: Transaction) throws -> Bool {
        try tx.count("DELETE FROM blocks WHERE kind = $1 AND value = $2 RETURNING value", [kind.rawValue, value]) == 1
    }

    package static func isBanned(username: String, _ tx: Transaction) throws -> Bool {
        let name = NameRules.key(username)
        return try blocks(.username, tx).contains { Glob.matches($0.value, name) }
    }
}
