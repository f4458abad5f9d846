import Database
import Files
import Kernel

package enum StickerStore {
    private static let shape = RowShape<Sticker> { row in
        Sticker(
            id: row["id", \.id], server: row["server_id", \.server], name: row["name", \.name],
            description: row["description", \.description], tags: tags(row["tags", { storedTags($0.tags) }]),
            relatedEmoji: row["related_emoji", \.relatedEmoji], blob: row["blob_id", \.blob],
            size_bytes: row["size_bytes", \.size_bytes], width: row["width", \.width], height: row["height", \.height],
            isAnimated: row["animated", \.isAnimated], creator: row["creator_id", \.creator],
            createdAt: row["created_at", \.createdAt])
    }

    private static func tags(_ stored: String) -> [String] { (JSON(text: stored)?.array ?? []).compactMap(\.string) }

    private static func storedTags(_ tags: [String]) -> String { JSON.array(tags.map(JSON.string)).text }

    static func insert(_ sticker: Sticker, _ tx: Transaction) throws {
        try tx.execute(
            "INSERT INTO stickers (\(shape.stored)) VALUES (\(shape.placeholders))", shape.values(of: sticker))
    }

    /// Uses `stickers_by_server`.
    package static func stickers(of server: ServerID, _ tx: Transaction) throws -> [Sticker] {
        try tx.all(
            "SELECT \(shape.columns) FROM stickers WHERE server_id = $1 ORDER BY id", [server], as: shape)
    }

    /// Those of several servers. Uses `stickers_by_server`.
    static func stickers(of servers: [ServerID], _ tx: Transaction) throws -> [Sticker] {
        guard !servers.isEmpty else { return [] }
        return try tx.all(
            "SELECT \(shape.columns) FROM stickers WHERE server_id = ANY ($1) ORDER BY id", [SQLList(servers)],
            as: shape)
    }

    /// Those of the instance. Uses `stickers_by_server`.
    static func stickersOfInstance(_ tx: Transaction) throws -> [Sticker] {
        try tx.all("SELECT \(shape.columns) FROM stickers WHERE server_id IS NULL ORDER BY id", [], as: shape)
    }

    /// Those of `ids` that are there, in no order.
    package static func stickers(_ ids: [StickerID], _ tx: Transaction) throws -> [Sticker] {
        guard !ids.isEmpty else { return [] }
        return try tx.all("SELECT \(shape.columns) FROM stickers WHERE id = ANY ($1)", [SQLList(ids)], as: shape)
    }

    static func sticker(_ id: StickerID, _ tx: Transaction) throws -> Sticker? { try stickers([id], tx).first }

    static func update(_ sticker: Sticker, _ tx: Transaction) throws {
        try tx.execute(
            "UPDATE stickers SET name = $2, description = $3, tags = $4, related_emoji = $5 WHERE id = $1",
            [sticker.id, sticker.name, sticker.description, storedTags(sticker.tags), sticker.relatedEmoji])
    }

    static func delete(_ sticker: Sticker, _ tx: Transaction) throws {
        try tx.execute("DELETE FROM stickers WHERE id = $1", [sticker.id])
        try Blobs.release(sticker.blob, tx)
    }

    static func delete(of server: ServerID, _ tx: Transaction) throws {
        for sticker in try stickers(of: server, tx) { try delete(sticker, tx) }
    }
}
