import Database

extension Migration {
    /// Full-text search. What was written before is put in line for the index.
    static let search = Migration(9, "search") { dialect in
        let index: [StaticSQL] =
            switch dialect {
            case .sqlite:
                [
                    """
                    CREATE VIRTUAL TABLE message_search USING fts5 (tokens, content = '', detail = none, tokenize = 'ascii')
                    """
                ]
            case .postgresql:
                [
                    "CREATE TABLE message_search (message_id BIGINT PRIMARY KEY, tokens INTEGER[] NOT NULL)",
                    "CREATE INDEX message_search_tokens ON message_search USING gin (tokens)",
                ]
            }
        return index + [
            "CREATE TABLE search_queue (message_id \(sql: dialect.primaryKey))",
            "INSERT INTO search_queue (message_id) SELECT id FROM messages WHERE content IS NOT NULL",
        ]
    }
}
