import Database

extension Migration {
    /// Credentials of passkeys.
    static let passkeys = Migration(3, "passkeys") { dialect in
        [
            """
            CREATE TABLE passkeys (
                id \(sql: dialect.primaryKey),
                user_id BIGINT NOT NULL REFERENCES users (id),
                credential_id BYTEA NOT NULL UNIQUE,
                public_key BYTEA NOT NULL,
                sign_count BIGINT NOT NULL,
                transports TEXT NOT NULL,
                is_backed_up BOOLEAN NOT NULL,
                name TEXT NOT NULL,
                created_at BIGINT NOT NULL,
                last_used_at BIGINT)
            """,
            "CREATE INDEX passkeys_by_user ON passkeys (user_id)",
        ]
    }
}
