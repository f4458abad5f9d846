import Database
import Kernel

enum UploadStore {
    private static let columns: StaticSQL =
        "id, user_id, channel_id, filename, size, attachment_id, created_at, expires_at"

    private static func upload(_ row: SQLRow, _ received: [UploadID: [Int]]) -> Upload {
        Upload(
            id: row.id(0), user: row.id(1), channel: row.id(2), filename: row.text(3), size_bytes: row.int(4),
            attachment: row.idOrNil(5), createdAt: row.timestamp(6), expiresAt: row.timestamp(7),
            received: received[row.id(0)] ?? [])
    }

    static func insert(_ upload: Upload, _ tx: Transaction) throws {
        try tx.execute(
            "INSERT INTO uploads (\(columns)) VALUES ($1, $2, $3, $4, $5, NULL, $6, $7)",
            [
                upload.id, upload.user, upload.channel, upload.filename, upload.size_bytes, upload.createdAt,
                upload.expiresAt,
            ])
    }

    static func upload(_ id: UploadID, _ tx: Transaction) throws -> Upload? {
        let received = try received([id], tx)
        return try tx.first(
            "SELECT \(columns) FROM uploads WHERE id = $1 AND expires_at > $2", [id, tx.now]
        ) { upload($0, received) }
    }

    /// Those that are not complete, the newest first. Uses `uploads_by_user`.
    static func open(of user: UserID, _ tx: Transaction) throws -> [Upload] {
        let ids: [UploadID] = try tx.all("SELECT id FROM uploads WHERE user_id = $1", [user]) { $0.id(0) }
        let received = try received(ids, tx)
        return try tx.all(
            """
            SELECT \(columns) FROM uploads WHERE user_id = $1 AND attachment_id IS NULL AND expires_at > $2
            ORDER BY id DESC
            """, [user, tx.now]
        ) { upload($0, received) }
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
