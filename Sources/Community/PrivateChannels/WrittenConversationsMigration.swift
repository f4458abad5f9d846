import Database

extension Migration {
    /// Whom one has ever written to may answer.
    static let writtenConversations = Migration(26, "who has written in conversations") { _ in
        [
            "ALTER TABLE participants ADD COLUMN has_written BOOLEAN NOT NULL DEFAULT FALSE",
            """
            UPDATE participants SET has_written = TRUE
            WHERE channel_id IN (SELECT channel_id FROM direct_channels) AND EXISTS (
                SELECT 1 FROM messages m
                WHERE m.channel_id = participants.channel_id AND m.author_id = participants.user_id)
            """,
        ]
    }
}
