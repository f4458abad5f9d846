import Database
import Kernel

enum AttachmentStore {
    private static let columns: StaticSQL = """
        a.id, a.channel_id, a.author_id, a.message_id, a.filename, a.width, a.height, a.duration_ms, a.blurhash, a.secret,
        \(BlobStore.columns)
        """

    private static func attachment(_ row: SQLRow, at moment: Timestamp) -> Attachment {
        Attachment(
            id: row.id(0), channel: row.id(1), author: row.id(2), message: row.idOrNil(3),
            blob: BlobStore.blob(row, from: 10),
            filename: row.text(4), width: row.integerOrNil(5).map { Int($0) },
            height: row.integerOrNil(6).map { Int($0) },
            duration_ms: row.integerOrNil(7).map { Int($0) }, blurHash: row.textOrNil(8), secret: row.bytes(9),
            shownAt: moment)
    }

    static func insert(_ attachment: Attachment, expiresAt: Timestamp, _ tx: Transaction) throws {
        try tx.execute(
            """
            INSERT INTO attachments (id, channel_id, author_id, blob_id, filename, width, height, duration_ms, blurhash, secret,
                created_at, expires_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
            """,
            [
                attachment.id, attachment.channel, attachment.author, attachment.blob.id, attachment.filename,
                attachment.width, attachment.height, attachment.duration_ms, attachment.blurHash, attachment.secret,
                tx.now, expiresAt,
            ])
    }

    static func attachment(_ id: AttachmentID, _ tx: Transaction) throws -> Attachment? {
        try tx.first(
            "SELECT \(columns) FROM attachments a JOIN blobs b ON b.id = a.blob_id WHERE a.id = $1", [id]
        ) { attachment($0, at: tx.now) }
    }

    /// Those of `ids` that are there, in no order.
    static func attachments(_ ids: [AttachmentID], _ tx: Transaction) throws -> [Attachment] {
        guard !ids.isEmpty else { return [] }
        return try tx.all(
            "SELECT \(columns) FROM attachments a JOIN blobs b ON b.id = a.blob_id WHERE a.id = ANY ($1)",
            [SQLList(ids)]
        ) { attachment($0, at: tx.now) }
    }

    /// The attachments of messages, each in its order. Uses `attachments_by_message`.
    static func attachments(of messages: [MessageID], _ tx: Transaction) throws -> [MessageID: [Attachment]] {
        guard !messages.isEmpty else { return [:] }
        let found = try tx.all(
            """
            SELECT \(columns) FROM attachments a JOIN blobs b ON b.id = a.blob_id
            WHERE a.message_id = ANY ($1) ORDER BY a.message_id, a.position
            """, [SQLList(messages)]
        ) { attachment($0, at: tx.now) }
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
    static func attachments(
        by author: UserID, after id: AttachmentID, limit: Int, _ tx: Transaction
    ) throws -> [Attachment] {
        try tx.all(
            """
            SELECT \(columns) FROM attachments a JOIN blobs b ON b.id = a.blob_id
            WHERE a.author_id = $1 AND a.id > $2 ORDER BY a.id LIMIT $3
            """, [author, id, limit]
        ) { attachment($0, at: tx.now) }
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
