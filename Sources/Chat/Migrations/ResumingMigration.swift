import Database
import Events

extension Migration {
    /// What events are about, and who was told of whose presence: what a session that comes back needs to know.
    static let resuming = Migration(20, "resuming") { _ in
        EventLog.subjects + [
            // Others were told that they are there, and not yet that they have gone.
            "ALTER TABLE presences ADD COLUMN is_shown BOOLEAN NOT NULL DEFAULT FALSE",
            // The newest event when others were told that they have gone; when they chose as what to be shown.
            "ALTER TABLE presences ADD COLUMN gone_position BIGINT NOT NULL DEFAULT 0",
            "ALTER TABLE presences ADD COLUMN chosen_position BIGINT NOT NULL DEFAULT 0",
        ]
    }
}
