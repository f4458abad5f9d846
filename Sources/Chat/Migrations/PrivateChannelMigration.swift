import Database

extension Migration {
    /// Channels outside servers, and threads.
    static let privateChannels = Migration(6, "private channels") { dialect in
        [
            "ALTER TABLE channels ADD COLUMN owner_id BIGINT",
            """
            CREATE TABLE participants (
                channel_id BIGINT NOT NULL,
                user_id BIGINT NOT NULL,
                is_open BOOLEAN NOT NULL,
                joined_at BIGINT NOT NULL,
                PRIMARY KEY (channel_id, user_id)) \(sql: dialect.clustered)
            """,
            "CREATE INDEX participants_by_user ON participants (user_id)",
            """
            CREATE TABLE direct_channels (
                lower_user_id BIGINT NOT NULL,
                higher_user_id BIGINT NOT NULL,
                channel_id BIGINT NOT NULL,
                PRIMARY KEY (lower_user_id, higher_user_id)) \(sql: dialect.clustered)
            """,
            """
            CREATE TABLE threads (
                channel_id \(sql: dialect.primaryKey),
                parent_id BIGINT NOT NULL,
                message_id BIGINT,
                archived BOOLEAN NOT NULL,
                locked BOOLEAN NOT NULL,
                auto_archive_minutes BIGINT NOT NULL,
                member_count BIGINT NOT NULL,
                active_at BIGINT NOT NULL)
            """,
            "CREATE INDEX threads_by_parent ON threads (parent_id, archived, channel_id)",
            "CREATE INDEX threads_active ON threads (active_at) WHERE NOT archived",
            """
            CREATE TABLE thread_members (
                channel_id BIGINT NOT NULL,
                user_id BIGINT NOT NULL,
                joined_at BIGINT NOT NULL,
                PRIMARY KEY (channel_id, user_id)) \(sql: dialect.clustered)
            """,
            "CREATE INDEX thread_members_by_user ON thread_members (user_id)",
            """
            CREATE TABLE relationships (
                user_id BIGINT NOT NULL,
                other_id BIGINT NOT NULL,
                status TEXT NOT NULL,
                message TEXT,
                created_at BIGINT NOT NULL,
                PRIMARY KEY (user_id, other_id)) \(sql: dialect.clustered)
            """,
            "CREATE INDEX relationships_blocking ON relationships (other_id) WHERE status = 'blocked'",
        ]
    }
}
