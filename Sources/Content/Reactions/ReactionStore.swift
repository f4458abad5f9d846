import Database
import Kernel

enum ReactionStore {
    /// Kinds in the order of their first use. Uses the primary keys.
    static func counts(
        of messages: [MessageID], for reader: UserID?, _ tx: Transaction
    ) throws -> [MessageID: [ReactionCount]] {
        guard !messages.isEmpty else { return [:] }
        let rows = try tx.all(
            """
            SELECT c.message_id, c.emoji, c.count, EXISTS (
                SELECT 1 FROM reactions r
                WHERE r.message_id = c.message_id AND r.emoji = c.emoji AND r.user_id = $1)
            FROM reaction_counts c WHERE c.message_id = ANY ($2) ORDER BY c.first_at, c.emoji
            """,
            [reader?.rawValue ?? 0, SQLList(messages)]
        ) { row in
            (
                row.id(0, MessageID.self),
                ReactionCount(emoji: row.text(1), count: row.int(2), me: reader.map { _ in row.bool(3) })
            )
        }
        return Dictionary(grouping: rows, by: \.0).mapValues { $0.map(\.1) }
    }

    /// - Returns: false when the user had reacted so already.
    static func insert(_ emoji: String, to message: MessageID, by user: UserID, _ tx: Transaction) throws -> Bool {
        try tx.count(
            """
            INSERT INTO reactions (message_id, emoji, user_id, reacted_at) VALUES ($1, $2, $3, $4)
            ON CONFLICT (message_id, emoji, user_id) DO NOTHING RETURNING user_id
            """, [message, emoji, user, tx.now]) == 1
    }

    static func delete(_ emoji: String, from message: MessageID, by user: UserID, _ tx: Transaction) throws -> Bool {
        try tx.count(
            "DELETE FROM reactions WHERE message_id = $1 AND emoji = $2 AND user_id = $3 RETURNING user_id",
            [message, emoji, user]) == 1
    }

    static func deleteAll(from messages: [MessageID], _ tx: Transaction) throws {
        try tx.execute("DELETE FROM reactions WHERE message_id = ANY ($1)", [SQLList(messages)])
    }

    static func kinds(of message: MessageID, _ tx: Transaction) throws -> [String] {
        try tx.all("SELECT emoji FROM reaction_counts WHERE message_id = $1", [message]) { $0.text(0) }
    }

    /// Who reacted, by user id.
    static func reactors(
        of message: MessageID, _ emoji: String, after: UserID?, limit: Int, _ tx: Transaction
    ) throws -> [Reactor] {
        try tx.all(
            """
            SELECT r.user_id, u.username, r.reacted_at FROM reactions r JOIN users u ON u.id = r.user_id
            WHERE r.message_id = $1 AND r.emoji = $2 AND r.user_id > $3 ORDER BY r.user_id LIMIT $4
            """, [message, emoji, after?.rawValue ?? 0, limit]
        ) { Reactor(user: $0.id(0), username: $0.text(1), reactedAt: $0.timestamp(2)) }
    }

    static func deleteAll(by user: UserID, limit: Int, _ tx: Transaction) throws -> Bool {
        let found = try tx.all(
            "SELECT message_id, emoji FROM reactions WHERE user_id = $1 LIMIT $2", [user, limit]
        ) { ($0.id(0, MessageID.self), $0.text(1)) }
        for (message, emoji) in found { _ = try delete(emoji, from: message, by: user, tx) }
        return found.count == limit
    }
}
