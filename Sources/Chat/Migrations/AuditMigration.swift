import Database

extension Migration {
    /// In which channel something was done that the audit log tells of.
    static let audit = Migration(14, "audit") { _ in
        [
            "ALTER TABLE audit_log ADD COLUMN channel_id BIGINT",
            "ALTER TABLE audit_log ADD COLUMN last_overwrites TEXT",
            """
            UPDATE audit_log SET channel_id =
                COALESCE((SELECT parent_id FROM threads WHERE threads.channel_id = target_id), target_id)
            WHERE target_type = 'channel'
            """,
            """
            UPDATE audit_log SET channel_id = (SELECT parent_id FROM threads WHERE threads.channel_id = target_id)
            WHERE target_type = 'thread'
            """,
            """
            UPDATE audit_log SET channel_id = (
                SELECT COALESCE(t.parent_id, m.channel_id) FROM messages m
                    LEFT JOIN threads t ON t.channel_id = m.channel_id WHERE m.id = target_id)
            WHERE target_type = 'message'
            """,
            """
            UPDATE audit_log SET channel_id = (SELECT w.channel_id FROM webhooks w WHERE w.id = target_id)
            WHERE target_type = 'webhook'
            """,
            """
            CREATE INDEX audit_log_of_deleted_channels ON audit_log (channel_id) WHERE last_overwrites IS NOT NULL
            """,
        ]
    }
}
