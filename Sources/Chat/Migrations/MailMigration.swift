import Database

extension Migration {
    /// Mail that waits stands in the database, and is sent by one node at a time.
    static let mailInLine = Migration(55, "mail in line") { dialect in
        [
            """
            CREATE TABLE letters (
                id \(sql: dialect.primaryKey),
                kind TEXT NOT NULL,
                user_id BIGINT,
                address TEXT NOT NULL,
                details TEXT NOT NULL,
                created_at BIGINT NOT NULL,
                due_at BIGINT NOT NULL,
                taken_until BIGINT,
                attempts BIGINT NOT NULL)
            """,
            "CREATE INDEX letters_due ON letters (due_at, id)",
            "CREATE INDEX letters_by_user ON letters (user_id, id)",
            "ALTER TABLE notification_mails ADD COLUMN taken_until BIGINT",
            "ALTER TABLE notification_mails ADD COLUMN undo TEXT",
            "CREATE INDEX notification_mails_taken ON notification_mails (taken_until) WHERE taken_until IS NOT NULL",
        ]
    }
}
