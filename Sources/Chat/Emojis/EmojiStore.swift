import Database
import Kernel

enum EmojiStore {
    private static let columns: StaticSQL = "id, server_id, name, animated, creator_id, created_at, blob_id"

    private static func emoji(_ row: SQLRow) -> Emoji {
        Emoji(
            id: row.id(0), server: row.id(1), name: row.text(2), isAnimated: row.bool(3), blob: row.idOrNil(6),
            creator: row.id(4),
            createdAt: row.timestamp(5))
    }

    static func insert(_ emoji: Emoji, _ tx: Transaction) throws {
        try tx.execute(
            """
            INSERT INTO emojis (id, server_id, name, animated, creator_id, created_at, blob_id)
            VALUES ($1, $2, $3, $4, $5, $6, $7)
            """,
            [emoji.id, emoji.server, emoji.name, emoji.isAnimated, emoji.creator, emoji.createdAt, emoji.blob])
    }

    static func emojis(of server: ServerID, _ tx: Transaction) throws -> [Emoji] {
        try tx.all("SELECT \(columns) FROM emojis WHERE server_id = $1 ORDER BY id", [server], emoji)
    }

    static func emoji(_ id: EmojiID, _ tx: Transaction) throws -> Emoji? {
        try tx.first("SELECT \(columns) FROM emojis WHERE id = $1", [id], emoji)
    }

    static func rename(_ id: EmojiID, to name: String, _ tx: Transaction) throws {
        try tx.execute("UPDATE emojis SET name = $2 WHERE id = $1", [id, name])
    }

    static func delete(_ emoji: Emoji, _ tx: Transaction) throws {
        try tx.execute("DELETE FROM emojis WHERE id = $1", [emoji.id])
        try Blobs.release(emoji.blob, tx)
    }

    static func delete(of server: ServerID, _ tx: Transaction) throws {
        for emoji in try emojis(of: server, tx) { try delete(emoji, tx) }
    }
}
