import Database

extension Migration {
    /// Embeds, mentions, pins, reactions, polls, custom emoji, scheduled messages, jobs.
    static let messageParts = Migration(8, "message parts") { dialect in
        [
            "ALTER TABLE messages ADD COLUMN embeds TEXT",
            "ALTER TABLE messages ADD COLUMN mentions TEXT",
            "ALTER TABLE messages ADD COLUMN pinned_at BIGINT",
            "ALTER TABLE messages ADD COLUMN has_reactions BOOLEAN NOT NULL DEFAULT FALSE",
            "ALTER TABLE messages ADD COLUMN webhook_id BIGINT",
            "ALTER TABLE messages ADD COLUMN author_name TEXT",
            "ALTER TABLE messages ADD COLUMN author_avatar TEXT",
            "ALTER TABLE messages ADD COLUMN thread_id BIGINT",
            "ALTER TABLE messages ADD COLUMN poll_id BIGINT",
            "CREATE INDEX messages_pinned ON messages (channel_id, pinned_at) WHERE pinned_at IS NOT NULL",
            "CREATE INDEX messages_mentioning ON messages (channel_id, id) WHERE mentions IS NOT NULL",
            """
            CREATE TABLE reactions (
                message_id BIGINT NOT NULL,
                emoji TEXT NOT NULL,
                user_id BIGINT NOT NULL,
                reacted_at BIGINT NOT NULL,
                PRIMARY KEY (message_id, emoji, user_id)) \(sql: dialect.clustered)
            """,
            "CREATE INDEX reactions_by_user ON reactions (user_id)",
            """
            CREATE TABLE emojis (
                id \(sql: dialect.primaryKey),
                server_id BIGINT NOT NULL,
                name TEXT NOT NULL,
                animated BOOLEAN NOT NULL,
                creator_id BIGINT NOT NULL,
                created_at BIGINT NOT NULL,
                UNIQUE (server_id, name))
            """,
            """
            CREATE TABLE polls (
                id \(sql: dialect.primaryKey),
                channel_id BIGINT NOT NULL,
                message_id BIGINT NOT NULL,
                author_id BIGINT NOT NULL,
                question TEXT NOT NULL,
                options TEXT NOT NULL,
                is_multiple BOOLEAN NOT NULL,
                created_at BIGINT NOT NULL,
                ends_at BIGINT NOT NULL,
                closed_at BIGINT)
            """,
            "CREATE INDEX polls_by_message ON polls (message_id)",
            "CREATE INDEX polls_open ON polls (ends_at) WHERE closed_at IS NULL",
            """
            CREATE TABLE poll_votes (
                poll_id BIGINT NOT NULL,
                option_number BIGINT NOT NULL,
                user_id BIGINT NOT NULL,
                PRIMARY KEY (poll_id, option_number, user_id)) \(sql: dialect.clustered)
            """,
            """
            CREATE TABLE scheduled_messages (
                id \(sql: dialect.primaryKey),
                channel_id BIGINT NOT NULL,
                author_id BIGINT NOT NULL,
                draft TEXT NOT NULL,
                send_at BIGINT NOT NULL,
                created_at BIGINT NOT NULL,
                failure TEXT)
            """,
            "CREATE INDEX scheduled_messages_due ON scheduled_messages (send_at) WHERE failure IS NULL",
            "CREATE INDEX scheduled_messages_by_channel ON scheduled_messages (channel_id, author_id)",
        ]
    }
}
