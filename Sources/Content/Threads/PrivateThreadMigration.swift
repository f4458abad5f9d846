import Database

extension Threads {
    /// Threads that only their members see, with what is counted in all of them.
    static let privateThreads = Migration(37, "private threads") { _ in
        [
            "ALTER TABLE channels ADD COLUMN default_auto_archive_minutes BIGINT",
            "ALTER TABLE threads ADD COLUMN server_id BIGINT",
            "ALTER TABLE threads ADD COLUMN is_private BOOLEAN NOT NULL DEFAULT FALSE",
            "ALTER TABLE threads ADD COLUMN is_invitable BOOLEAN NOT NULL DEFAULT TRUE",
            "ALTER TABLE threads ADD COLUMN archived_at BIGINT",
            "ALTER TABLE threads ADD COLUMN message_count BIGINT NOT NULL DEFAULT 0",
            "ALTER TABLE threads ADD COLUMN last_message_at BIGINT",
            """
            UPDATE threads SET
                server_id = (SELECT c.server_id FROM channels c WHERE c.id = threads.channel_id),
                archived_at = CASE WHEN archived THEN active_at END,
                message_count = (SELECT COUNT(*) FROM messages m WHERE m.channel_id = threads.channel_id),
                last_message_at = (SELECT MAX(m.created_at) FROM messages m WHERE m.channel_id = threads.channel_id)
            """,
            "DROP INDEX threads_by_parent",
            "CREATE INDEX threads_by_parent ON threads (parent_id, archived, is_private, channel_id)",
            "CREATE INDEX threads_active_by_server ON threads (server_id, channel_id) WHERE NOT archived",
            "ALTER TABLE thread_members ADD COLUMN private_in BIGINT",
            """
            CREATE INDEX thread_members_private ON thread_members (private_in, user_id, channel_id)
            WHERE private_in IS NOT NULL
            """,
        ]
    }
}
