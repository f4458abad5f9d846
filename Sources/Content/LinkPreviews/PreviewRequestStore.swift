import Database
import Features
import Kernel

/// A message whose links somebody looks at.
struct PreviewRequest: Sendable {
    let message: MessageID
    let takenUntil: Timestamp
    /// With this one.
    let attempts: Int
}

/// The messages whose links are to be looked at. None stays for long.
enum PreviewRequestStore {
    /// Longer than it takes to fetch a page and its picture, and to make that smaller.
    static let lease = Lease(.seconds(120))

    /// Once for each message. Whoever is at it writes to the same row in the end, and so learns of the new text.
    static func add(_ message: MessageID, _ tx: Transaction) throws {
        try tx.execute(
            """
            INSERT INTO preview_requests (message_id, created_at, due_at, attempts) VALUES ($1, $2, $3, 0)
            ON CONFLICT (message_id) DO UPDATE SET due_at = excluded.due_at
            """, [message, tx.now, tx.now])
    }

    /// Those that nobody is at, the oldest first. Uses `preview_requests_due`.
    static func due(limit: Int, _ tx: Transaction) throws -> [MessageID] {
        try tx.all(
            """
            SELECT message_id FROM preview_requests WHERE due_at <= $1 AND \(lease.isFree(tx.dialect))
            ORDER BY due_at, message_id LIMIT $2
            """, [tx.now, limit]
        ) { $0.id(0) }
    }

    /// - Returns: nil when it is gone, or another one was faster.
    static func take(_ message: MessageID, _ tx: Transaction) throws -> PreviewRequest? {
        try tx.first(
            """
            UPDATE preview_requests SET taken_until = \(lease.end(tx.dialect)), attempts = attempts + 1
            WHERE message_id = $1 AND \(lease.isFree(tx.dialect)) RETURNING message_id, taken_until, attempts
            """, [message], request)
    }

    private static func request(_ row: SQLRow) -> PreviewRequest {
        PreviewRequest(message: row.id(0), takenUntil: row.timestamp(1), attempts: row.int(2))
    }

    /// - Returns: nil when it is not one's own any more.
    static func renew(_ request: PreviewRequest, _ tx: Transaction) throws -> PreviewRequest? {
        try tx.first(
            """
            UPDATE preview_requests SET taken_until = \(lease.end(tx.dialect))
            WHERE message_id = $1 AND taken_until = $2 RETURNING message_id, taken_until, attempts
            """, [request.message, request.takenUntil], self.request)
    }

    /// - Returns: false when it was not one's own any more.
    static func end(_ request: PreviewRequest, _ tx: Transaction) throws -> Bool {
        try tx.count(
            "DELETE FROM preview_requests WHERE message_id = $1 AND taken_until = $2 RETURNING message_id",
            [request.message, request.takenUntil]) == 1
    }

    /// Has it looked at once more by anybody.
    /// - Parameter attempts: as many as count from now on.
    static func putBack(_ request: PreviewRequest, attempts: Int, until moment: Timestamp, _ tx: Transaction) throws {
        try tx.execute(
            """
            UPDATE preview_requests SET taken_until = NULL, attempts = $3, due_at = $4
            WHERE message_id = $1 AND taken_until = $2
            """, [request.message, request.takenUntil, attempts, moment])
    }

    static func count(_ tx: Transaction) throws -> Int {
        try tx.first("SELECT COUNT(*) FROM preview_requests") { $0.int(0) } ?? 0
    }

    /// Leaves the oldest.
    /// - Returns: how many went.
    static func trim(to count: Int, _ tx: Transaction) throws -> Int {
        try tx.count(
            """
            DELETE FROM preview_requests WHERE message_id IN
                (SELECT message_id FROM preview_requests ORDER BY message_id LIMIT 10000 OFFSET $1) RETURNING message_id
            """, [count])
    }

    /// - Returns: how many went.
    static func forget(before moment: Timestamp, _ tx: Transaction) throws -> Int {
        try tx.count("DELETE FROM preview_requests WHERE created_at <= $1 RETURNING message_id", [moment])
    }
}
