import Database
import Features
import Kernel
import Media

package enum BlobStore {
    package static let shape = RowShape<Blob> { row in
        Blob(
            id: row["id", \.id], sha256: row["sha256", \.sha256], size_bytes: row["size", \.size_bytes],
            type: MediaType(named: row["content_type", \.type.name]),
            state: Blob.State(rawValue: row["state", \.state.rawValue]) ?? .pending)
    }

    package static let columns = shape.columns(of: "b")

    package static func blob(_ id: BlobID, _ tx: Transaction) throws -> Blob? {
        try tx.first("SELECT \(columns) FROM blobs b WHERE b.id = $1", [id], as: shape)
    }

    /// The one that has the content, be it stored already or on its way. Uses `blobs_by_content`.
    static func blob(withContent sha256: String, _ tx: Transaction) throws -> Blob? {
        try tx.first(
            "SELECT \(columns) FROM blobs b WHERE b.sha256 = $1 AND b.state <> 'deleting'", [sha256], as: shape)
    }

    static func insert(_ blob: Blob, _ tx: Transaction) throws {
        try tx.execute(
            "INSERT INTO blobs (created_at, \(shape.stored)) VALUES ($1, \(shape.placeholders(from: 2)))",
            [tx.now] + shape.values(of: blob))
    }

    package static func setState(_ state: Blob.State, of id: BlobID, _ tx: Transaction) throws {
        try tx.execute("UPDATE blobs SET state = $2 WHERE id = $1", [id, state.rawValue])
    }

    static func delete(_ id: BlobID, _ tx: Transaction) throws {
        try tx.execute("DELETE FROM blobs WHERE id = $1 AND state = 'deleting'", [id])
        try tx.execute("DELETE FROM blob_checks WHERE blob_id = $1", [id])
    }

    /// A page of all blobs, by id.
    package static func blobs(after id: BlobID, limit: Int, _ tx: Transaction) throws -> [Blob] {
        try tx.all(
            "SELECT \(columns) FROM blobs b WHERE b.id > $1 ORDER BY b.id LIMIT $2", [id, limit], as: shape)
    }

    /// Whether anything shows a blob. Each table has an index on the column that is asked for.
    static func isUsed(_ id: BlobID, _ features: FeatureList, _ tx: Transaction) throws -> Bool {
        let uses = features.fileColumns.map { "EXISTS (SELECT 1 FROM \($0.table) WHERE \($0.column) = $1)" }
        return try tx.exists("SELECT 1 WHERE \(sql: uses.joined(separator: " OR "))", [id])
    }

    /// Takes a blob away from everything that shows it.
    package static func detach(_ id: BlobID, _ features: FeatureList, _ tx: Transaction) throws {
        for (table, column, blocked) in features.fileColumns {
            switch blocked {
            case .deleted: try tx.execute("DELETE FROM \(table) WHERE \(sql: column) = $1", [id])
            case .emptied(let others):
                let assignments = ([column] + others).map { "\($0) = NULL" }.joined(separator: ", ")
                try tx.execute("UPDATE \(table) SET \(sql: assignments) WHERE \(sql: column) = $1", [id])
            }
        }
    }

    // MARK: Checks

    /// Has a blob looked at later: whether anything shows it.
    static func check(_ id: BlobID, at moment: Timestamp, _ tx: Transaction) throws {
        try tx.execute(
            """
            INSERT INTO blob_checks (blob_id, due_at) VALUES ($1, $2)
            ON CONFLICT (blob_id) DO UPDATE SET due_at = excluded.due_at
            """, [id, moment])
    }

    /// Uses `blob_checks_due`.
    static func due(limit: Int, _ tx: Transaction) throws -> [BlobID] {
        try tx.all(
            "SELECT blob_id FROM blob_checks WHERE due_at <= $1 ORDER BY due_at LIMIT $2", [tx.now, limit]
        ) { $0.id(0) }
    }

    static func endCheck(_ id: BlobID, _ tx: Transaction) throws {
        try tx.execute("DELETE FROM blob_checks WHERE blob_id = $1", [id])
    }

    // MARK: Variants

    /// A smaller form of a picture, or the first frame of a film.
    static func variant(_ name: String, of id: BlobID, _ tx: Transaction) throws -> Blob? {
        try tx.first(
            """
            SELECT \(columns) FROM blob_variants v JOIN blobs b ON b.id = v.variant_id
            WHERE v.blob_id = $1 AND v.name = $2
            """, [id, name], as: shape)
    }

    static func setVariant(_ variant: BlobID, named name: String, of id: BlobID, _ tx: Transaction) throws {
        try tx.execute(
            """
            INSERT INTO blob_variants (blob_id, name, variant_id) VALUES ($1, $2, $3) ON CONFLICT (blob_id, name) DO NOTHING
            """, [id, name, variant])
    }

    /// - Returns: what they were.
    static func deleteVariants(of id: BlobID, _ tx: Transaction) throws -> [BlobID] {
        try tx.all("DELETE FROM blob_variants WHERE blob_id = $1 RETURNING variant_id", [id]) { $0.id(0) }
    }
}
