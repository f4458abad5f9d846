import Database
import Kernel

enum ReadStateStore {
    /// A channel with the mark after which its messages are unread.
    struct Mark: Sendable {
        let channel: ChannelID
        let after: MessageID
    }

    static func marks(of user: UserID, _ tx: Transaction) throws -> [ChannelID: MessageID] {
        let rows = try tx.all("SELECT channel_id, last_read_id FROM read_states WHERE user_id = $1", [user]) {
            ($0.id(0, ChannelID.self), $0.id(1, MessageID.self))
        }
        return Dictionary(uniqueKeysWithValues: rows)
    }

    static func mark(of user: UserID, in channel: ChannelID, _ tx: Transaction) throws -> MessageID? {
        try tx.first(
            "SELECT last_read_id FROM read_states WHERE user_id = $1 AND channel_id = $2", [user, channel]
        ) { $0.id(0) }
    }

    static func set(_ mark: MessageID, of user: UserID, in channel: ChannelID, _ tx: Transaction) throws {
        try tx.execute(
            """
            INSERT INTO read_states (user_id, channel_id, last_read_id) VALUES ($1, $2, $3)
            ON CONFLICT (user_id, channel_id) DO UPDATE SET last_read_id = excluded.last_read_id
            """, [user, channel, mark])
    }

    static func delete(of user: UserID, in channel: ChannelID, _ tx: Transaction) throws {
        try tx.execute("DELETE FROM read_states WHERE user_id = $1 AND channel_id = $2", [user, channel])
    }

    /// Of the messages that speak to anybody, so many are looked at in a channel, the newest first. Nothing that is unread
    /// costs more than this, however long somebody was away.
    static let maximumExamined = 5000
    /// Counts what is unread in some channels, by the definition of `ReadState`. Uses `messages_unread` and
    /// `messages_mentioning`.
    /// - Parameter names: what speaks to the user, as it is stored (`Mentions.names`).
    static func counts(
        _ marks: [Mark], for user: UserID, names: [String], blocked: [UserID], _ tx: Transaction
    ) throws -> [ChannelID: (unread: Int, mentions: Int)] {
        let wanted = JSON.array(marks.map { .array([.integer($0.channel.rawValue), .integer($0.after.rawValue)]) })
        let rows = try tx.all(
            """
            WITH wanted (channel_id, after_id) AS (
                SELECT CAST(value ->> 0 AS BIGINT), CAST(value ->> 1 AS BIGINT) FROM \(items(tx.dialect)))
            SELECT w.channel_id,
                (SELECT COUNT(*) FROM (
                    SELECT 1 FROM messages m WHERE m.channel_id = w.channel_id AND m.id > w.after_id
                        AND m.author_id <> $1 AND m.author_id <> ALL ($4) LIMIT $2) AS unread),
                (SELECT COUNT(*) FROM (
                    SELECT 1 FROM (
                        SELECT m.mentions FROM messages m WHERE m.channel_id = w.channel_id AND m.id > w.after_id
                            AND m.mentions IS NOT NULL AND m.author_id <> $1 AND m.author_id <> ALL ($4)
                        ORDER BY m.id DESC LIMIT $6) AS speaking
                    WHERE \(namesAny(tx.dialect)) LIMIT $2) AS mentions)
            FROM wanted w
            """,
            [user, ReadState.maximum, wanted.text, SQLList(blocked), SQLList(names), maximumExamined]
        ) { ($0.id(0, ChannelID.self), $0.int(1), $0.int(2)) }
        return Dictionary(rows.map { ($0.0, ($0.1, $0.2)) }) { first, _ in first }
    }

    /// The items of `$3`, a list in JSON.
    private static func items(_ dialect: SQLDialect) -> StaticSQL {
        switch dialect {
        case .sqlite: "json_each($3)"
        case .postgresql: "json_array_elements(CAST($3 AS JSON))"
        }
    }

    /// Whether the stored `mentions` have one of the names in `$5`. How many names there are does not matter: a person has
    /// as many as roles.
    private static func namesAny(_ dialect: SQLDialect) -> StaticSQL {
        switch dialect {
        case .sqlite:
            """
            EXISTS (SELECT 1 FROM json_each('["' || replace(trim(mentions), ' ', '","') || '"]') AS name
                WHERE name.value = ANY ($5))
            """
        case .postgresql: "string_to_array(trim(mentions), ' ') && CAST($5 AS TEXT[])"
        }
    }
}
