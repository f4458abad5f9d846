import Database

extension Migration {
    /// The second factor, failed logins, one-time tokens, tiers.
    static let identity = Migration(2, "identity") { dialect in
        [
            "ALTER TABLE users ADD COLUMN tier TEXT NOT NULL DEFAULT 'standard'",
            """
            CREATE TABLE two_factor (
                user_id \(sql: dialect.primaryKey),
                secret BYTEA NOT NULL,
                is_confirmed BOOLEAN NOT NULL,
                last_step BIGINT NOT NULL,
                created_at BIGINT NOT NULL)
            """,
            """
            CREATE TABLE backup_codes (
                user_id BIGINT NOT NULL,
                code_hash BYTEA NOT NULL,
                PRIMARY KEY (user_id, code_hash)) \(sql: dialect.clustered)
            """,
            """
            CREATE TABLE one_time_tokens (
                hash BYTEA PRIMARY KEY,
                purpose TEXT NOT NULL,
                user_id BIGINT,
                data TEXT NOT NULL,
                attempts BIGINT NOT NULL,
                created_at BIGINT NOT NULL,
                expires_at BIGINT NOT NULL)
            """,
            "CREATE INDEX one_time_tokens_by_user ON one_time_tokens (user_id, purpose)",
            "CREATE INDEX one_time_tokens_by_expiry ON one_time_tokens (expires_at)",
            """
            CREATE TABLE login_failures (
                name_hash BYTEA NOT NULL,
                address TEXT NOT NULL,
                failures BIGINT NOT NULL,
                last_at BIGINT NOT NULL,
                PRIMARY KEY (name_hash, address)) \(sql: dialect.clustered)
            """,
            "CREATE INDEX login_failures_by_age ON login_failures (last_at)",
            """
            CREATE TABLE known_addresses (
                user_id BIGINT NOT NULL,
                address TEXT NOT NULL,
                seen_at BIGINT NOT NULL,
                PRIMARY KEY (user_id, address)) \(sql: dialect.clustered)
            """,
            "CREATE INDEX known_addresses_by_age ON known_addresses (seen_at)",
        ]
    }
}
