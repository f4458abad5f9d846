import Database
import Kernel

/// One life of the log: within it a position is used once. A database that was put back to an earlier state, or replaced by a copy,
/// uses positions a second time, for other events; from then on it has another epoch, and who was told of the old ones starts
/// afresh.
public struct LogEpoch: Sendable, Equatable {
    /// Of logs that were there before epochs were.
    public static let first = LogEpoch(rawValue: 0)

    public let rawValue: Int64

    public init(rawValue: Int64) { self.rawValue = rawValue }

    static func random() -> LogEpoch { LogEpoch(rawValue: .random(in: 1 ... .max)) }
}

/// Where the log is.
public struct LogPlace: Sendable, Equatable {
    public let epoch: LogEpoch
    /// Of the newest event.
    public let position: Int64

    public init(epoch: LogEpoch, position: Int64) {
        self.epoch = epoch
        self.position = position
    }
}

extension EventStore {
    /// The epoch, since when, and which database it is that has it. A new log has one of its own from the beginning.
    static func epochs(_ dialect: SQLDialect) -> [StaticSQL] {
        let random: StaticSQL =
            switch dialect {
            case .sqlite: "ABS(RANDOM() / 2) + 1"
            case .postgresql: "CAST(RANDOM() * 9e18 AS BIGINT) + 1"
            }
        return [
            "ALTER TABLE event_log_state ADD COLUMN epoch BIGINT NOT NULL DEFAULT 0",
            "ALTER TABLE event_log_state ADD COLUMN epoch_began_at BIGINT NOT NULL DEFAULT 0",
            "ALTER TABLE event_log_state ADD COLUMN database_identity TEXT",
            """
            UPDATE event_log_state SET epoch_began_at = \(dialect.now_ms), epoch = CASE
                WHEN newest_position = 0 AND pruned_through = 0 AND NOT EXISTS (SELECT 1 FROM events) THEN \(random)
                ELSE 0 END
            """,
        ]
    }

    static func epoch(_ tx: Transaction) throws -> (epoch: LogEpoch, beganAt: Timestamp) {
        let found = try tx.first("SELECT epoch, epoch_began_at FROM event_log_state WHERE id = 1") {
            (LogEpoch(rawValue: $0.integer(0)), $0.timestamp(1))
        }
        guard let found else { throw DatabaseError.unavailable("the event log has no state") }
        return found
    }

    /// - Returns: false when somebody else has begun one meanwhile.
    static func begin(_ epoch: LogEpoch, after old: LogEpoch, _ tx: Transaction) throws -> Bool {
        try tx.count(
            "UPDATE event_log_state SET epoch = $1, epoch_began_at = $2 WHERE id = 1 AND epoch = $3 RETURNING id",
            [epoch.rawValue, tx.now, old.rawValue]) == 1
    }

    /// What tells a database on PostgreSQL from a copy of it, as far as this role may know; nil on SQLite.
    static func databaseIdentity(_ tx: Transaction) throws -> String? {
        guard tx.dialect == .postgresql else { return nil }
        let database: StaticSQL = "SELECT oid::text FROM pg_database WHERE datname = current_database()"
        let mayAsk = try tx.first("SELECT has_function_privilege('pg_control_system()', 'execute')") { $0.bool(0) }
        guard let number = try tx.first(database, [], { $0.text(0) }), mayAsk == true else { return nil }
        return try tx.first("SELECT system_identifier::text FROM pg_control_system()") { "\($0.text(0))/\(number)" }
    }

    /// Notes which database this is.
    /// - Returns: false when it is a copy of another one that was noted before.
    static func recognize(_ identity: String, _ tx: Transaction) throws -> Bool {
        let known =
            try tx.first("SELECT database_identity FROM event_log_state WHERE id = 1") { $0.textOrNil(0) } ?? nil
        if known != identity {
            try tx.execute("UPDATE event_log_state SET database_identity = $1 WHERE id = 1", [identity])
        }
        return known == nil || known == identity
    }
}

extension EventLog {
    /// What was added to the log's part of the schema for epochs.
    public static func epochs(_ dialect: SQLDialect) -> [StaticSQL] { EventStore.epochs(dialect) }

    /// What came before epochs were is still good for so long.
    static let patienceWithOld = EventLog.retention

    /// Where the log is in the snapshot of this transaction.
    public func place(_ tx: Transaction) throws -> LogPlace {
        LogPlace(epoch: try EventStore.epoch(tx).epoch, position: try newestPosition(tx))
    }

    /// What tells a database on PostgreSQL from a copy of it, as far as this role may know; nil on SQLite.
    public static func databaseIdentity(_ tx: Transaction) throws -> String? { try EventStore.databaseIdentity(tx) }

    /// Whether positions that somebody was told in an epoch still mean the same; nil for one who was told nothing of epochs.
    static func isCurrent(_ epoch: LogEpoch?, _ tx: Transaction) throws -> Bool {
        let current = try EventStore.epoch(tx)
        if let epoch { return epoch == current.epoch }
        return current.epoch == .first && tx.now < current.beganAt + patienceWithOld
    }

    /// Ends an epoch: positions are, or may have been, used a second time.
    /// - Returns: where the log is then; somebody else may have ended that epoch before.
    @discardableResult
    public func endEpoch(_ old: LogEpoch, on database: any SQLDatabase) async throws -> LogPlace {
        try await database.write { [self] tx in
            _ = try EventStore.begin(.random(), after: old, tx)
            return try place(tx)
        }
    }

    /// Begins a new epoch in a database that is a copy of another one.
    /// - Returns: where the log is, and whether its epoch is new.
    public func recognize(_ database: any SQLDatabase) async throws -> (place: LogPlace, isNew: Bool) {
        try await database.write { [self] tx in
            var isCopy = false
            if let identity = try EventStore.databaseIdentity(tx) { isCopy = try !EventStore.recognize(identity, tx) }
            if isCopy { _ = try EventStore.begin(.random(), after: EventStore.epoch(tx).epoch, tx) }
            return (try place(tx), isCopy)
        }
    }
}
