import Database
import Features
import Kernel

package enum UploadStore {
    /// An upload, to which its chunks are still missing.
    private static let shape = RowShape<Upload> { row in
        Upload(
            id: row["id", \.id], user: row["user_id", \.user], channel: row["channel_id", \.channel],
            filename: row["filename", \.filename], size_bytes: row["size", \.size_bytes],
            attachment: row["attachment_id"], createdAt: row["created_at", \.createdAt],
            expiresAt: row["expires_at", \.expiresAt], received: [])
    }

    private static let columns = shape.columns

    private static func with(_ received: [UploadID: [Int]], _ upload: Upload) -> Upload {
        var upload = upload
        upload.received = received[upload.id] ?? []
        return upload
    }

    static func insert(_ upload: Upload, _ tx: Transaction) throws {
        try tx.execute(
            "INSERT INTO uploads (\(shape.stored)) VALUES (\(shape.placeholders))", shape.values(of: upload))
    }

    package static func upload(_ id: UploadID, _ tx: Transaction) throws -> Upload? {
        let received = try received([id], tx)
        return try tx.first(
            "SELECT \(columns) FROM uploads WHERE id = $1 AND expires_at > $2", [id, tx.now], as: shape
        ).map { with(received, $0) }
    }

    /// Those that are not complete, the newest first. Uses `uploads_by_user`.
    static func open(of user: UserID, _ tx: Transaction) throws -> [Upload] {
        let ids: [UploadID] = try tx.all("SELECT id FROM uploads WHERE user_id = $1", [user]) { $0.id(0) }
        let received = try received(ids, tx)
        return try tx.all(
            """
            SELECT \(columns) FROM uploads WHERE user_id = $1 AND attachment_id IS NULL AND expires_at > $2
            ORDER BY id DESC
            """, [user, tx.now], as: shape
        ).map { with(received, $0) }
    }

    private static func received(_ ids: [UploadID], _ tx: Transaction) throws -> [UploadID: [Int]] {
        guard !ids.isEmpty else { return [:] }
        let rows = try tx.all(
            "SELECT upload_id, number FROM upload_chunks WHERE upload_id = ANY ($1) ORDER BY upload_id, number",
            [SQLList(ids)]
        ) { ($0.id(0, UploadID.self), $0.int(1)) }
        return Dictionary(grouping: rows, by: \.0).mapValues { $0.map(\.1) }
    }

    static func setChunk(_ number: Int, sha256: String, of id: UploadID, _ tx: Transaction) throws {
        try tx.execute(
            """
            INSERT INTO upload_chunks (upload_id, number, sha256) VALUES ($1, $2, $3)
            ON CONFLICT (upload_id, number) DO UPDATE SET sha256 = excluded.sha256
            """, [id, number, sha256])
    }

    static func finish(_ id: UploadID, as attachment: AttachmentID, _ tx: Transaction) throws {
        try tx.execute("UPDATE uploads SET attachment_id = $2 WHERE id = $1", [id, attachment])
    }

    /// Lets it run out; `Uploads.removeExpired` takes its chunks away.
    static func expire(_ id: UploadID, _ tx: Transaction) throws {
        try tx.execute("UPDATE uploads SET expires_at = $2 WHERE id = $1", [id, tx.now])
    }

    /// One that has run out, with the chunks that it has. Uses `uploads_by_end`.
    static func expired(_ tx: Transaction) throws -> (id: UploadID, chunks: [Int])? {
        let id: UploadID? = try tx.first(
            """
            SELECT id FROM uploads WHERE expires_at <= $1 AND \(SetAsideStore.none(of: .upload, "CAST(uploads.id AS TEXT)"))
            ORDER BY expires_at LIMIT 1
            """, [tx.now]
        ) { $0.id(0) }
        return try id.map { ($0, try received([$0], tx)[$0] ?? []) }
    }

    static func delete(_ id: UploadID, _ tx: Transaction) throws {
        try tx.execute("DELETE FROM upload_chunks WHERE upload_id = $1", [id])
        try tx.execute("DELETE FROM uploads WHERE id = $1", [id])
    }

    static func expireAll(of user: UserID, _ tx: Transaction) throws {
        try tx.execute("UPDATE uploads SET expires_at = $2 WHERE user_id = $1", [user, tx.now])
    }
}
