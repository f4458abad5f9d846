import Content
import Database
import Kernel

/// What is stamped and what ends by that, in all tables.
enum RestampingStore {
    /// A table's moment of beginning or of last use, and the ends that were worked out from it.
    private struct Stamp {
        let table: StaticSQL
        let column: StaticSQL
        var ends: [StaticSQL] = []
    }

    private static let stamps = [
        Stamp(table: "sessions", column: "created_at"),
        Stamp(table: "sessions", column: "last_activity", ends: ["expires_at"]),
        Stamp(table: "sessions", column: "confirmed_at"),
        Stamp(table: "one_time_tokens", column: "created_at", ends: ["expires_at"]),
        Stamp(table: "login_failures", column: "last_at"),
        Stamp(table: "known_addresses", column: "seen_at"),
        Stamp(table: "invites", column: "created_at", ends: ["expires_at"]),
        Stamp(table: "members", column: "joined_at"),
        Stamp(table: "polls", column: "created_at", ends: ["ends_at"]),
        Stamp(table: "message_nonces", column: "created_at"),
        Stamp(table: "slowmode_marks", column: "sent_at"),
        Stamp(table: "threads", column: "active_at"),
        Stamp(table: "events", column: "created_at"),
        Stamp(table: "jobs", column: "touched_at"),
        Stamp(table: "jobs", column: "finished_at", ends: ["expires_at"]),
        Stamp(table: "uploads", column: "created_at", ends: ["expires_at"]),
        Stamp(table: "attachments", column: "created_at"),
        Stamp(table: "blobs", column: "created_at"),
        Stamp(table: "link_previews", column: "fetched_at"),
        Stamp(table: "presences", column: "last_seen"),
        Stamp(table: "set_aside_rows", column: "failed_at", ends: ["retry_at"]),
        Stamp(table: "relationships", column: "created_at"),
        Stamp(table: "feedback", column: "created_at"),
        Stamp(table: "discovery", column: "listed_at"),
        Stamp(table: "discovery", column: "bumped_at"),
        Stamp(table: "notification_mails", column: "covered_at", ends: ["due_at"]),
        Stamp(table: "notification_mails", column: "sent_at"),
        Stamp(table: "pushes", column: "created_at", ends: ["due_at"]),
        Stamp(table: "pushes", column: "taken_at"),
        Stamp(table: "pushed_messages", column: "created_at"),
        Stamp(table: "letters", column: "created_at", ends: ["due_at"]),
        Stamp(table: "preview_requests", column: "created_at", ends: ["due_at"]),
    ]

    /// An end that is worked out from a moment which is not kept: it lies at most so far ahead.
    private struct Limit {
        let table: StaticSQL
        let column: StaticSQL
        let furthest: Duration
    }

    private static let limits = [
        Limit(table: "users", column: "deletion_at", furthest: AccountDeletions.grace),
        Limit(table: "workers", column: "expires_at", furthest: .seconds(60)),
        Limit(table: "blob_checks", column: "due_at", furthest: .seconds(24 * 3600)),
    ]

    /// What takes more than a stamp and its ends.
    private static let special: [StaticSQL] = [
        // A code's step is half a minute; one that was used is not to be used again.
        "UPDATE two_factor SET last_step = CAST($1 AS BIGINT) / 30000 WHERE last_step > CAST($1 AS BIGINT) / 30000",
        // Files that are held for a message which is to be sent at some moment are held until then.
        """
        UPDATE attachments SET expires_at = expires_at - (created_at - $1)
        WHERE created_at > $1 AND expires_at <= created_at + \(sql: "\(Attachments.unusedLifetime.wholeMilliseconds)")
        """,
        // Not before the moment that its author named; a try that failed is repeated at once.
        """
        UPDATE scheduled_messages SET try_at = CASE WHEN send_at > $1 THEN send_at ELSE $1 END
        WHERE try_at > $1 AND try_at > send_at
        """,
    ]

    /// Each with the time of now as `$1`.
    static var statements: [StaticSQL] { special + stamps.map(statement) + limits.map(statement) }

    /// The columns that are put right, as `table.column`.
    static var columns: Set<String> {
        Set(
            stamps.flatMap { stamp in ([stamp.column] + stamp.ends).map { "\(stamp.table.text).\($0.text)" } }
                + limits.map { "\($0.table.text).\($0.column.text)" }
                + ["two_factor.last_step", "attachments.expires_at", "scheduled_messages.try_at"])
    }

    private static func statement(_ stamp: Stamp) -> StaticSQL {
        let ends = stamp.ends.map { "\($0) = \($0) - (\(stamp.column) - $1), " }.joined()
        return "UPDATE \(stamp.table) SET \(sql: ends)\(stamp.column) = $1 WHERE \(stamp.column) > $1"
    }

    private static func statement(_ limit: Limit) -> StaticSQL {
        let furthest = "CAST($1 AS BIGINT) + \(limit.furthest.wholeMilliseconds)"
        return """
            UPDATE \(limit.table) SET \(limit.column) = \(sql: furthest) WHERE \(limit.column) > \(sql: furthest)
            """
    }
}
