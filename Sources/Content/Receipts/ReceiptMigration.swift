import Database

extension Receipts {
    /// Who has read, fetched and acknowledged what. What was read before counts, too.
    static let receipts = Migration(38, "read receipts") { dialect in
        [
            "ALTER TABLE channels ADD COLUMN read_receipts BOOLEAN",
            """
            CREATE TABLE receipts (
                channel_id BIGINT NOT NULL,
                user_id BIGINT NOT NULL,
                read_id BIGINT,
                fetched_id BIGINT,
                PRIMARY KEY (channel_id, user_id)) \(sql: dialect.clustered)
            """,
            "CREATE INDEX receipts_by_user ON receipts (user_id)",
            "INSERT INTO receipts (channel_id, user_id, read_id) SELECT channel_id, user_id, last_read_id FROM read_states",
            """
            CREATE TABLE receipt_times (
                channel_id BIGINT NOT NULL,
                user_id BIGINT NOT NULL,
                through_id BIGINT NOT NULL,
                after_id BIGINT NOT NULL,
                read_at BIGINT NOT NULL,
                PRIMARY KEY (channel_id, user_id, through_id)) \(sql: dialect.clustered)
            """,
            "CREATE INDEX receipt_times_by_user ON receipt_times (user_id)",
            "CREATE INDEX receipt_times_by_age ON receipt_times (read_at)",
            """
            CREATE TABLE acknowledgements (
                user_id \(sql: dialect.primaryKey),
                message_id BIGINT NOT NULL)
            """,
        ]
    }
}
