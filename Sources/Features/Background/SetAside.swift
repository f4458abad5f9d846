import Database
import Kernel
import Logging
import Metrics

/// Works off rows one by one and sets those aside that can't be: a row that fails is tried again after a pause that grows, and the
/// others do not wait for it.
package struct SetAside: Sendable {
    private static let firstPause = Duration.seconds(60)
    private static let longestPause = Duration.seconds(86_400)
    /// What has not failed for so long is gone or done.
    private static let memory = Duration.seconds(3 * 86_400)

    /// What is worked off row by row.
    package enum Work: String, CaseIterable, Sendable {
        case accountDeletion = "account_deletion"
        case ban
        case banMessages = "ban_messages"
        case poll
        case reminder
        case thread
        case scheduledEvent = "scheduled_event"
        case eventNotice = "event_notice"
        case scheduledMessage = "scheduled_message"
        case temporaryMember = "temporary_member"
        case job
        case channel
        case server
        case upload
        case letter
    }

    package let parts: Parts

    package init(parts: Parts) { self.parts = parts }

    /// Handles each item, and sets those aside whose handling throws.
    ///
    /// The items are to be asked for without those that are set aside (`SetAsideStore.none`).
    /// - Throws: what says something of the database and nothing of the row; `CancellationError`.
    package func each<Item: Sendable>(
        of work: Work, _ items: [Item], named name: (Item) -> String, _ handle: (Item) async throws -> Void
    ) async throws {
        for item in items {
            do {
                try await handle(item)
            } catch let error as CancellationError {
                throw error
            } catch let error where Self.isOfTheHouse(error) {
                throw error
            } catch {
                try await add(name(item), to: work, because: error)
            }
        }
    }

    /// Whether every other row would have met it, too.
    static func isOfTheHouse(_ error: any Error) -> Bool {
        switch error as? DatabaseError {
        case .unavailable, .overloaded, .closed, .serializationFailure, .commitUncertain: true
        case .uniqueViolation, .statement, .newerSchema, nil: (error as? APIError)?.kind == .serviceUnavailable
        }
    }

    private func add(_ item: String, to work: Work, because error: any Error) async throws {
        let reason = String("\(error)".unicodeScalars.filter { $0 != "\0" }.prefix(500).map(Character.init))
        let failures = try await parts.database.write { tx in
            let failures = (try SetAsideStore.failures(of: item, work, tx) ?? 0) + 1
            var pause = Self.firstPause
            for _ in 1..<min(failures, 12) { pause = min(pause * 2, Self.longestPause) }
            try SetAsideStore.set(item, work, failures: failures, error: reason, retryAt: tx.now + pause, tx)
            return failures
        }
        Self.failures(of: work).increment()
        parts.logger.error(
            "a row is set aside",
            metadata: [
                "work": "\(work.rawValue)", "item": "\(item)", "failures": "\(failures)", "error": "\(reason)",
            ])
    }

    private static func failures(of work: Work) -> Counter {
        Counter(label: "background_row_failures_total", dimensions: [("work", work.rawValue)])
    }

    /// Forgets what has not failed for long, and shows how much there is.
    /// - Returns: whether there may be more.
    package func tidy() async throws -> Bool {
        // A monitor sees a first failure only in what was 0 before.
        for work in Work.allCases { _ = Self.failures(of: work) }
        return try await parts.database.write { tx in
            let more = try SetAsideStore.forget(before: tx.now - Self.memory, limit: 500, tx)
            Gauge(label: "background_rows_set_aside").record(Int64(try SetAsideStore.count(tx)))
            return more
        }
    }
}

/// A row that could not be worked off, as administrators see it.
package struct SetAsideRow: JSONObjectEncodable {
    let work: String
    let item: String
    let failures: Int
    let error: String
    let failedAt: Timestamp
    let retryAt: Timestamp

    package static let shape = JSONShape<SetAsideRow>(
        "SetAsideRow",
        .field("work", \.work),
        .field("item", \.item),
        .field("failures", \.failures),
        .field("error", \.error),
        .field("failed_at", \.failedAt),
        .field("retry_at", \.retryAt))
}

package enum SetAsideStore {
    private static let shape = RowShape<SetAsideRow> { row in
        SetAsideRow(
            work: row["step"], item: row["item"], failures: row["failures"], error: row["error"],
            failedAt: row["failed_at"], retryAt: row["retry_at"])
    }

    /// A condition: that the row which `item` names is not set aside at the moment `$1`.
    /// - Parameter item: an expression of the type TEXT.
    package static func none(of work: SetAside.Work, _ item: StaticSQL) -> StaticSQL {
        """
        NOT EXISTS (SELECT 1 FROM set_aside_rows a
            WHERE a.step = '\(sql: work.rawValue)' AND a.item = \(item) AND a.retry_at > $1)
        """
    }

    static func failures(of item: String, _ work: SetAside.Work, _ tx: Transaction) throws -> Int? {
        try tx.first("SELECT failures FROM set_aside_rows WHERE step = $1 AND item = $2", [work.rawValue, item]) {
            $0.int(0)
        }
    }

    static func set(
        _ item: String, _ work: SetAside.Work, failures: Int, error: String, retryAt: Timestamp, _ tx: Transaction
    ) throws {
        try tx.execute(
            """
            INSERT INTO set_aside_rows (step, item, failures, error, failed_at, retry_at) VALUES ($1, $2, $3, $4, $5, $6)
            ON CONFLICT (step, item) DO UPDATE SET failures = excluded.failures, error = excluded.error,
                failed_at = excluded.failed_at, retry_at = excluded.retry_at
            """, [work.rawValue, item, failures, error, tx.now, retryAt])
    }

    /// Uses `set_aside_rows_by_age`.
    static func forget(before moment: Timestamp, limit: Int, _ tx: Transaction) throws -> Bool {
        try tx.count(
            """
            DELETE FROM set_aside_rows WHERE (step, item) IN
                (SELECT step, item FROM set_aside_rows WHERE failed_at <= $1 LIMIT $2) RETURNING item
            """, [moment, limit]) == limit
    }

    /// What failed last comes first. Uses `set_aside_rows_by_age`.
    package static func rows(limit: Int, _ tx: Transaction) throws -> [SetAsideRow] {
        try tx.all(
            "SELECT \(shape.columns) FROM set_aside_rows ORDER BY failed_at DESC LIMIT $1", [limit], as: shape)
    }

    package static func count(_ tx: Transaction) throws -> Int {
        try tx.first("SELECT COUNT(*) FROM set_aside_rows") { $0.int(0) } ?? 0
    }
}
