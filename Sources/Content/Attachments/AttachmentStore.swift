import Database
import Files
import Kernel

package enum AttachmentStore {
    /// An attachment, to which the moment of reading is still missing.
    private static let shape = RowShape<Attachment> { row in
        Attachment(
            id: row["id", \.id], channel: row["channel_id", \.channel], author: row["author_id", \.author],
            message: row["message_id"], blob: try row.part(BlobStore.shape, of: "b"),
            filename: row["filename", \.filename], width: row["width", \.width], height: row["height", \.height],
            duration_ms: row["duration_ms", \.duration_ms], blurHash: row["blurhash", \.blurHash],
            secret: row["secret", \.secret], shownAt: Timestamp(milliseconds: 0))
    }

    private static let columns = shape.columns(of: "a")

    private static func shown(_ attachment: Attachment, at moment: Timestamp) -> Attachment {
        var attachment = attachment
        attachment.shownAt = moment
        return attachment
    }

    static func insert(_ attachment: Attachment, expiresAt: Timestamp, _ tx: Transaction) throws {
        try tx.execute(
            """
            INSERT INTO attachments (blob_id, created_at, expires_at, \(shape.stored))
            VALUES ($1, $2, $3, \(shape.placeholders(from: 4)))
            """, [attachment.blob.id, tx.now, expiresAt] + shape.values(of: attachment))
    }

    static func attachment(_ id: AttachmentID, _ tx: Transaction) throws -> Attachment? {
        try tx.first(
            "SELECT \(columns) FROM attachments a JOIN blobs b ON b.id = a.blob_id WHERE a.id = $1", [id], as: shape
        ).map { shown($0, at: tx.now) }
    }

    /// Those of `ids` that are there, in no order.
    static func attachments(_ ids: [AttachmentID], _ tx: Transaction) throws -> [Attachment] {
        guard !ids.isEmpty else { return [] }
        return try tx.all(
            "SELECT \(columns) FROM attachments a JOIN blobs b ON b.id = a.blob_id WHERE a.id = ANY ($1)",
            [SQLList(ids)], as: shape
        ).map { shown($0, at: tx.now) }
    }

    /// The attachments of messages, each in its order. Uses `attachments_by_message`.
    static func attachments(of messages: [MessageID], _ tx: Transaction) throws -> [MessageID: [Attachment]] {
        guard !messages.isEmpty else { return [:] }
        let found = try tx.all(
            """
            SELECT \(columns) FROM attachments a JOIN blobs b ON b.id = a.blob_id
            WHERE a.message_id = ANY ($1) ORDER BY a.message_id, a.position
            """, [SQLList(messages)], as: shape
        ).map { shown($0, at: tx.now) }
        return Dictionary(grouping: found.filter { $0.message != nil }) { $0.message ?? MessageID(rawValue: 0) }
    }

    /// Gives attachments to a message, in this order.
    static func use(_ ids: [AttachmentID], in message: MessageID, _ tx: Transaction) throws {
        for (position, id) in ids.enumerated() {
            try tx.execute(
                "UPDATE attachments SET message_id = $2, position = $3, expires_at = NULL WHERE id = $1",
                [id, message, position])
        }
    }

    /// Keeps attachments that no message uses until a later moment.
    static func hold(_ ids: [AttachmentID], until moment: Timestamp, _ tx: Transaction) throws {
        for id in ids {
            try tx.execute(
                "UPDATE attachments SET expires_at = $2 WHERE id = $1 AND expires_at < $2", [id, moment])
        }
    }

    /// Removes one that no message uses.
    static func deleteUnused(_ attachment: Attachment, _ tx: Transaction) throws {
        try tx.execute("DELETE FROM attachments WHERE id = $1 AND message_id IS NULL", [attachment.id])
        try Blobs.release(attachment.blob.id, tx)
    }

    static func delete(of messages: [MessageID], _ tx: Transaction) throws {
        let blobs: [BlobID] = try tx.all(
            "DELETE FROM attachments WHERE message_id = ANY ($1) RETURNING blob_id", [SQLList(messages)]
        ) { $0.id(0) }
        for blob in Set(blobs) { try Blobs.release(blob, tx) }
    }

    /// Removes some that no message has used in time. Uses `attachments_unused`.
    /// - Returns: whether there may be more.
    static func deleteUnused(limit: Int, _ tx: Transaction) throws -> Bool {
        let old = try tx.all(
            "SELECT id, blob_id FROM attachments WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2", [tx.now, limit]
        ) { ($0.id(0, AttachmentID.self), $0.id(1, BlobID.self)) }
        for (id, blob) in old {
            try tx.execute("DELETE FROM attachments WHERE id = $1", [id])
            try Blobs.release(blob, tx)
        }
        return old.count == limit
    }

    /// Removes what somebody has uploaded and not used. Uses `attachments_by_author`.
    static func deleteUnused(of author: UserID, _ tx: Transaction) throws {
        let blobs: [BlobID] = try tx.all(
            "DELETE FROM attachments WHERE author_id = $1 AND message_id IS NULL RETURNING blob_id", [author]
        ) { $0.id(0) }
        for blob in Set(blobs) { try Blobs.release(blob, tx) }
    }

    /// What somebody has uploaded, the oldest first. Uses `attachments_by_author`.
    package static func attachments(
        by author: UserID, after id: AttachmentID, limit: Int, _ tx: Transaction
    ) throws -> [Attachment] {
        try tx.all(
            """
            SELECT \(columns) FROM attachments a JOIN blobs b ON b.id = a.blob_id
            WHERE a.author_id = $1 AND a.id > $2 ORDER BY a.id LIMIT $3
            """, [author, id, limit], as: shape
        ).map { shown($0, at: tx.now) }
    }

    // MARK: How many a day

    static func uploads(of user: UserID, on day: Int64, _ tx: Transaction) throws -> Int {
        try tx.first("SELECT count FROM upload_counts WHERE user_id = $1 AND day = $2", [user, day]) { $0.int(0) } ?? 0
    }

    static func countUpload(of user: UserID, on day: Int64, _ tx: Transaction) throws {
        try tx.execute(
            """
            INSERT INTO upload_counts (user_id, day, count) VALUES ($1, $2, 1)
            ON CONFLICT (user_id, day) DO UPDATE SET count = upload_counts.count + 1
            """, [user, day])
    }

    /// Uses `upload_counts_by_day`.
    static func forgetCounts(before day: Int64, _ tx: Transaction) throws {
        try tx.execute("DELETE FROM upload_counts WHERE day < $1", [day])
    }
}
