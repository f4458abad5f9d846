import Database

extension Migration {
    /// What moderators have done about somebody is told to them.
    static let measures = Migration(21, "measures") { _ in
        [
            "ALTER TABLE notifications ADD COLUMN action TEXT",
            "ALTER TABLE notifications ADD COLUMN server_name TEXT",
            "ALTER TABLE notifications ADD COLUMN reason TEXT",
            "ALTER TABLE notifications ADD COLUMN ends_at BIGINT",
        ]
    }
}
