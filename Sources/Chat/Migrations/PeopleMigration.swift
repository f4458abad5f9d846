import Database

extension Migration {
    /// Presence, notifications, settings, notes, bookmarks, read states.
    static let people = Migration(7, "people") { dialect in
        [
            """
            CREATE TABLE presences (
                user_id \(sql: dialect.primaryKey),
                status TEXT NOT NULL,
                custom_status TEXT,
                custom_emoji TEXT,
                expires_at BIGINT,
                last_seen BIGINT)
            """,
            """
            CREATE TABLE notifications (
                id \(sql: dialect.primaryKey),
                owner_id BIGINT NOT NULL,
                kind TEXT NOT NULL,
                user_id BIGINT NOT NULL,
                server_id BIGINT,
                channel_id BIGINT,
                message_id BIGINT,
                invite_code TEXT,
                is_read BOOLEAN NOT NULL,
                created_at BIGINT NOT NULL)
            """,
            "CREATE INDEX notifications_by_owner ON notifications (owner_id, id)",
            "CREATE INDEX notifications_by_message ON notifications (message_id) WHERE message_id IS NOT NULL",
            """
            CREATE TABLE user_settings (
                user_id BIGINT NOT NULL,
                key TEXT NOT NULL,
                value TEXT NOT NULL,
                updated_at BIGINT NOT NULL,
                PRIMARY KEY (user_id, key)) \(sql: dialect.clustered)
            """,
            """
            CREATE TABLE user_notes (
                user_id BIGINT NOT NULL,
                about_id BIGINT NOT NULL,
                note TEXT NOT NULL,
                PRIMARY KEY (user_id, about_id)) \(sql: dialect.clustered)
            """,
            """
            CREATE TABLE bookmarks (
                user_id BIGINT NOT NULL,
                message_id BIGINT NOT NULL,
                channel_id BIGINT NOT NULL,
                created_at BIGINT NOT NULL,
                PRIMARY KEY (user_id, message_id)) \(sql: dialect.clustered)
            """,
            "CREATE INDEX bookmarks_by_message ON bookmarks (message_id)",
            """
            CREATE TABLE read_states (
                user_id BIGINT NOT NULL,
                channel_id BIGINT NOT NULL,
                last_read_id BIGINT NOT NULL,
                PRIMARY KEY (user_id, channel_id)) \(sql: dialect.clustered)
            """,
            "CREATE INDEX messages_unread ON messages (channel_id, id, author_id)",
            "DROP INDEX messages_by_channel",
        ]
    }
}
