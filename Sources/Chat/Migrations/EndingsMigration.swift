import Database

extension Migration {
    /// Indexes for what ends with a person or a channel.
    static let endings = Migration(12, "endings") { _ in
        [
            "CREATE INDEX invites_by_channel ON invites (channel_id)",
            "CREATE INDEX scheduled_messages_by_author ON scheduled_messages (author_id)",
            "CREATE INDEX reports_by_reporter ON reports (reporter_id)",
            "CREATE INDEX relationships_by_other ON relationships (other_id)",
            "CREATE INDEX user_notes_by_subject ON user_notes (about_id)",
        ]
    }
}
