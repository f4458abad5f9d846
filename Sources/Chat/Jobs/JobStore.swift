import Database
import Features
import Files
import Kernel

enum JobStore {
    private static let shape = RowShape<Job> { row in
        Job(
            id: row["id", \.id], kind: try row.word("kind", \.kind), owner: row["owner_id", \.owner],
            channel: row["channel_id", \.channel],
            input: JSON(text: row["input", { JSON.object($0.input).text }])?.object ?? [:],
            state: try row.word("state", \.state), progress: row["progress", \.progress], error: row["error", \.error],
            result: row["result_id", \.result], size_bytes: row["size", \.size_bytes],
            createdAt: row["created_at", \.createdAt], finishedAt: row["finished_at", \.finishedAt],
            expiresAt: row["expires_at", \.expiresAt])
    }

    private static let columns = shape.columns

    static func insert(_ job: Job, _ tx: Transaction) throws {
        try tx.execute(
            "INSERT INTO jobs (touched_at, \(shape.stored)) VALUES ($1, \(shape.placeholders(from: 2)))",
            [job.createdAt] + shape.values(of: job))
    }

    static func job(_ id: JobID, _ tx: Transaction) throws -> Job? {
        try tx.first("SELECT \(columns) FROM jobs WHERE id = $1", [id], as: shape)
    }

    /// Newest first.
    static func jobs(of owner: UserID, _ kind: Job.Kind, _ tx: Transaction) throws -> [Job] {
        try tx.all(
            "SELECT \(columns) FROM jobs WHERE owner_id = $1 AND kind = $2 ORDER BY id DESC", [owner, kind.rawValue],
            as: shape)
    }

    static func jobs(limit: Int, _ tx: Transaction) throws -> [Job] {
        try tx.all("SELECT \(columns) FROM jobs ORDER BY id DESC LIMIT $1", [limit], as: shape)
    }

    /// Takes the oldest job that waits, or that its process has left lying. One of a kind that only another version of the
    /// program knows is left to that, and holds up nobody.
    static func take(abandonedBefore moment: Timestamp, _ tx: Transaction) throws -> Job? {
        let job = try tx.first(
            """
            SELECT \(columns) FROM jobs
            WHERE finished_at IS NULL AND (state = 'pending' OR state = 'running' AND touched_at < $2)
                AND kind = ANY ($3) AND \(SetAsideStore.none(of: .job, "CAST(jobs.id AS TEXT)"))
            ORDER BY id LIMIT 1
            """, [tx.now, moment, SQLList(Job.Kind.allCases.map(\.rawValue))], as: shape)
        guard let job else { return nil }
        try tx.execute(
            "UPDATE jobs SET state = 'running', touched_at = $2, progress = 0 WHERE id = $1", [job.id, tx.now])
        return job
    }

    /// It is still being done.
    static func touch(_ job: JobID, progress: Int, _ tx: Transaction) throws {
        try tx.execute("UPDATE jobs SET touched_at = $2, progress = $3 WHERE id = $1", [job, tx.now, progress])
    }

    /// - Returns: false when the job is gone.
    static func finish(_ job: JobID, with result: Blob, expiresAt: Timestamp, _ tx: Transaction) throws -> Bool {
        try tx.count(
            """
            UPDATE jobs SET state = 'done', result_id = $2, size = $3, finished_at = $4, expires_at = $5 WHERE id = $1
            RETURNING id
            """, [job, result.id, result.size_bytes, tx.now, expiresAt]) == 1
    }

    static func fail(_ job: JobID, because error: String, expiresAt: Timestamp, _ tx: Transaction) throws {
        try tx.execute(
            "UPDATE jobs SET state = 'failed', error = $2, finished_at = $3, expires_at = $4 WHERE id = $1",
            [job, error, tx.now, expiresAt])
    }

    /// Puts a job back that has failed for now.
    static func putBack(_ job: JobID, _ tx: Transaction) throws {
        try tx.execute("UPDATE jobs SET state = 'pending' WHERE id = $1 AND finished_at IS NULL", [job])
    }

    /// Removes the oldest results of a kind, so that at most `count` with at most `size_bytes` together are kept. The newest
    /// stays, however large it is.
    static func trim(_ kind: Job.Kind, of owner: UserID, to count: Int, _ size_bytes: Int, _ tx: Transaction) throws {
        var (kept, total_bytes) = (0, 0)
        for job in try jobs(of: owner, kind, tx) where job.finishedAt != nil {
            kept += 1
            total_bytes += job.size_bytes
            if kept > 1, kept > count || total_bytes > size_bytes { try delete(job.id, job.result, tx) }
        }
    }

    /// - Returns: whether there may be more.
    static func deleteExpired(limit: Int, _ tx: Transaction) throws -> Bool {
        let expired = try tx.all(
            "SELECT id, result_id FROM jobs WHERE expires_at <= $1 LIMIT $2", [tx.now, limit], ends)
        for (job, result) in expired { try delete(job, result, tx) }
        return expired.count == limit
    }

    static func deleteAll(of owner: UserID, _ tx: Transaction) throws {
        for (job, result) in try tx.all("SELECT id, result_id FROM jobs WHERE owner_id = $1", [owner], ends) {
            try delete(job, result, tx)
        }
    }

    /// What has to be known of a job that ends, also of one of a kind that this version of the program does not know.
    private static func ends(_ row: SQLRow) -> (JobID, BlobID?) { (row.id(0), row.idOrNil(1)) }

    static func delete(_ job: JobID, _ result: BlobID?, _ tx: Transaction) throws {
        try tx.execute("DELETE FROM jobs WHERE id = $1", [job])
        try Blobs.release(result, tx)
    }
}
