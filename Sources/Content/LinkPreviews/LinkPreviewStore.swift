import Database
import Files
import Kernel

enum LinkPreviewStore {
    private static let shape = RowShape<LinkPreview> { row in
        LinkPreview(
            address: row["address", \.address], title: row["title", \.title],
            description: row["description", \.description],
            siteName: row["site_name", \.siteName], picture: row["picture_id", \.picture],
            pictureKey: row["picture_key", \.pictureKey], fetchedAt: row["fetched_at", \.fetchedAt])
    }

    private static let columns = shape.columns(of: "p")

    private static let linked = RowShape<(message: MessageID, preview: LinkPreview)> { row in
        (row["l.message_id"], try row.part(shape, of: "p"))
    }

    static func preview(_ hash: String, _ tx: Transaction) throws -> LinkPreview? {
        try tx.first("SELECT \(columns) FROM link_previews p WHERE p.address_hash = $1", [hash], as: shape)
    }

    /// The picture of a preview. Uses `link_previews_by_key`.
    static func picture(_ key: String, _ tx: Transaction) throws -> Blob? {
        try tx.first(
            """
            SELECT \(BlobStore.columns) FROM link_previews p JOIN blobs b ON b.id = p.picture_id WHERE p.picture_key = $1
            """, [key], as: BlobStore.shape)
    }

    static func set(_ new: LinkPreview, _ tx: Transaction) throws {
        let old = try preview(new.hash, tx)
        try tx.execute("DELETE FROM link_previews WHERE address_hash = $1", [new.hash])
        try tx.execute(
            """
            INSERT INTO link_previews (address_hash, \(shape.stored)) VALUES ($1, \(shape.placeholders(from: 2)))
            """, [new.hash] + shape.values(of: new))
        if let old, old.picture != new.picture { try Blobs.release(old.picture, tx) }
    }

    /// What the links of messages lead to, each in its order, without those of which nothing is known.
    static func previews(of messages: [MessageID], _ tx: Transaction) throws -> [MessageID: [LinkPreview]] {
        guard !messages.isEmpty else { return [:] }
        let rows = try tx.all(
            """
            SELECT \(linked.columns) FROM message_links l JOIN link_previews p ON p.address_hash = l.address_hash
            WHERE l.message_id = ANY ($1) AND p.title IS NOT NULL ORDER BY l.message_id, l.position
            """, [SQLList(messages)], as: linked)
        return Dictionary(grouping: rows, by: \.message).mapValues { $0.map(\.preview) }
    }

    static func link(_ message: MessageID, to hashes: [String], _ tx: Transaction) throws {
        try tx.execute("DELETE FROM message_links WHERE message_id = $1", [message])
        for (position, hash) in hashes.enumerated() {
            try tx.execute(
                "INSERT INTO message_links (message_id, position, address_hash) VALUES ($1, $2, $3)",
                [message, position, hash])
        }
        try MessageStore.setLinked(!hashes.isEmpty, message, tx)
    }

    static func unlink(_ message: MessageID, allBut hashes: [String], _ tx: Transaction) throws {
        let unlinked = try tx.count(
            """
            DELETE FROM message_links WHERE message_id = $1 AND NOT (address_hash = ANY ($2)) RETURNING message_id
            """, [message, SQLList(hashes)])
        guard unlinked > 0 else { return }
        let isLinked = try tx.exists("SELECT 1 FROM message_links WHERE message_id = $1 LIMIT 1", [message])
        try MessageStore.setLinked(isLinked, message, tx)
    }

    /// Removes some old ones that no message links to. Uses `link_previews_by_age`.
    /// - Returns: whether there may be more.
    static func deleteUnused(before moment: Timestamp, limit: Int, _ tx: Transaction) throws -> Bool {
        let old = try tx.all(
            """
            SELECT \(columns) FROM link_previews p WHERE p.fetched_at < $1
                AND NOT EXISTS (SELECT 1 FROM message_links l WHERE l.address_hash = p.address_hash)
            ORDER BY p.fetched_at LIMIT $2
            """, [moment, limit], as: shape)
        for preview in old {
            try tx.execute("DELETE FROM link_previews WHERE address_hash = $1", [preview.hash])
            try Blobs.release(preview.picture, tx)
        }
        return old.count == limit
    }
}
