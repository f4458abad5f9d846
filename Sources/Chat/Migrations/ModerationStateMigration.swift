import Database

extension Migration {
    /// What somebody was put under in a server, apart from the membership; and who has left is in no thread any more.
    static let moderationStates = Migration(15, "moderation states") { dialect in
        [
            """
            CREATE TABLE moderation_states (
                server_id BIGINT NOT NULL,
                user_id BIGINT NOT NULL,
                kind TEXT NOT NULL,
                until BIGINT NOT NULL,
                PRIMARY KEY (server_id, user_id, kind)) \(sql: dialect.clustered)
            """,
            "CREATE INDEX moderation_states_by_user ON moderation_states (user_id)",
            "CREATE INDEX moderation_states_by_end ON moderation_states (until)",
            """
            INSERT INTO moderation_states (server_id, user_id, kind, until)
                SELECT server_id, user_id, 'timeout', timeout_until FROM members WHERE timeout_until IS NOT NULL
            """,
            "ALTER TABLE members DROP COLUMN timeout_until",
            """
            DELETE FROM thread_members WHERE NOT EXISTS (
                SELECT 1 FROM channels c JOIN members m ON m.server_id = c.server_id
                WHERE c.id = thread_members.channel_id AND m.user_id = thread_members.user_id)
            """,
            """
            UPDATE threads SET member_count =
                (SELECT COUNT(*) FROM thread_members t WHERE t.channel_id = threads.channel_id)
            """,
        ]
    }
}
