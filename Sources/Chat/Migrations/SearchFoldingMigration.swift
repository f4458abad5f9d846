import Database

extension Migration {
    /// What the index of messages was made by, and how far back it goes. It is made anew in the background.
    static let searchFolding = Migration(17, "search folding") { _ in
        [
            "CREATE TABLE search_state (id BIGINT PRIMARY KEY, version BIGINT NOT NULL, next_id BIGINT NOT NULL)",
            "INSERT INTO search_state (id, version, next_id) VALUES (1, 0, 0)",
            "CREATE INDEX thread_members_by_newest ON thread_members (user_id, channel_id)",
            "DROP INDEX thread_members_by_user",
        ]
    }
}
