import Database

extension Migration {
    /// Webhooks, applications and their bots.
    static let programs = Migration(10, "programs") { dialect in
        [
            """
            CREATE TABLE webhooks (
                id \(sql: dialect.primaryKey),
                server_id BIGINT NOT NULL,
                channel_id BIGINT NOT NULL,
                name TEXT NOT NULL,
                avatar_url TEXT,
                creator_id BIGINT NOT NULL,
                created_at BIGINT NOT NULL,
                token_hash BYTEA NOT NULL)
            """,
            "CREATE INDEX webhooks_by_server ON webhooks (server_id)",
            "CREATE INDEX webhooks_by_channel ON webhooks (channel_id)",
            "ALTER TABLE users ADD COLUMN is_bot BOOLEAN NOT NULL DEFAULT FALSE",
            """
            CREATE TABLE applications (
                id \(sql: dialect.primaryKey),
                owner_id BIGINT NOT NULL,
                name TEXT NOT NULL,
                description TEXT,
                is_public BOOLEAN NOT NULL,
                intents BIGINT NOT NULL,
                bot_id BIGINT UNIQUE,
                created_at BIGINT NOT NULL)
            """,
            "CREATE INDEX applications_by_owner ON applications (owner_id)",
            """
            CREATE TABLE bot_tokens (
                id \(sql: dialect.primaryKey),
                user_id BIGINT NOT NULL,
                token_hash BYTEA NOT NULL UNIQUE,
                created_at BIGINT NOT NULL)
            """,
            "CREATE INDEX bot_tokens_by_user ON bot_tokens (user_id)",
        ]
    }
}
