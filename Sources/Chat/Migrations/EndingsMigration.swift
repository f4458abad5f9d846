import Database

extension Migration {
    /// What ends with a person or a channel; members who stay only while they are there.
    static let endings = Migration(12, "endings") { _ in
        [
            "ALTER TABLE members ADD COLUMN is_temporary BOOLEAN NOT NULL DEFAULT FALSE",
            "CREATE INDEX members_temporary ON members (server_id, user_id) WHERE is_temporary",
            "CREATE INDEX invites_by_channel ON invites (channel_id)",
            "CREATE INDEX scheduled_messages_by_author ON scheduled_messages (author_id)",
            "CREATE INDEX reports_by_reporter ON reports (reporter_id)",
            "CREATE INDEX relationships_by_other ON relationships (other_id)",
            "CREATE INDEX user_notes_by_subject ON user_notes (about_id)",
        ]
    }
}
