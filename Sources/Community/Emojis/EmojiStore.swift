import Database
import Files
import Kernel

package enum EmojiStore {
    private static let shape = RowShape<Emoji> { row in
        Emoji(
            id: row["id", \.id], server: row["server_id", \.server], name: row["name", \.name],
            isAnimated: row["animated", \.isAnimated], blob: row["blob_id", \.blob],
            creator: row["creator_id", \.creator], createdAt: row["created_at", \.createdAt])
    }

    private static let columns = shape.columns

    static func insert(_ emoji: Emoji, _ tx: Transaction) throws {
        try tx.execute("INSERT INTO emojis (\(shape.stored)) VALUES (\(shape.placeholders))", shape.values(of: emoji))
    }

    /// Those of several servers, by their ids.
    static func emojis(of servers: [ServerID], _ tx: Transaction) throws -> [Emoji] {
        guard !servers.isEmpty else { return [] }
        return try tx.all(
            "SELECT \(columns) FROM emojis WHERE server_id = ANY ($1) ORDER BY id", [SQLList(servers)], as: shape)
    }

    static func emojis(of server: ServerID, _ tx: Transaction) throws -> [Emoji] {
        try tx.all("SELECT \(columns) FROM emojis WHERE server_id = $1 ORDER BY id", [server], as: shape)
    }

    package static func emoji(_ id: EmojiID, _ tx: Transaction) throws -> Emoji? {
        try tx.first("SELECT \(columns) FROM emojis WHERE id = $1", [id], as: shape)
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
