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

    static func delete(of user: UserID, _ tx: Transaction) throws {
        try tx.execute("DELETE FROM read_states WHERE user_id = $1", [user])
    }

    /// Counts what is unread in some channels, by the definition of `ReadState`. Uses `messages_unread` and
    /// `messages_mentioning`.
    /// - Parameter roles: those of the user, in all servers.
    static func counts(
        _ marks: [Mark], for user: UserID, roles: [RoleID], blocked: [UserID], _ tx: Transaction
    ) throws -> [ChannelID: (unread: Int, mentions: Int)] {
        var result: [ChannelID: (unread: Int, mentions: Int)] = [:]
        for start in stride(from: 0, to: marks.count, by: 100) {
            let chunk = marks[start..<min(start + 100, marks.count)]
            for (channel, unread, mentions) in try count(Array(chunk), user, roles, blocked, tx) {
                result[channel] = (unread, mentions)
            }
        }
        return result
    }

    private static func count(
        _ marks: [Mark], _ user: UserID, _ roles: [RoleID], _ blocked: [UserID], _ tx: Transaction
    ) throws -> [(ChannelID, Int, Int)] {
        var values: [any SQLBindable] = [user, ReadState.maximum]
        var next = 3
        func place(_ value: any SQLBindable) -> String {
            values.append(value)
            next += 1
            return "$\(next - 1)"
        }
        let wanted = marks.map { mark in
            "(CAST(\(place(mark.channel)) AS BIGINT), CAST(\(place(mark.after)) AS BIGINT))"
        }.joined(separator: ", ")
        let others = blocked.isEmpty ? "" : "AND m.author_id NOT IN (\(blocked.map(place).joined(separator: ", ")))"
        let names = [Mentions.token(user), Mentions.everyoneToken] + roles.map(Mentions.token)
        let speaking = names.map { "m.mentions LIKE \(place("% \($0) %"))" }.joined(separator: " OR ")
        return try tx.all(
            """
            WITH wanted (channel_id, after_id) AS (VALUES \(sql: wanted))
            SELECT w.channel_id,
                (SELECT COUNT(*) FROM (
                    SELECT 1 FROM messages m WHERE m.channel_id = w.channel_id AND m.id > w.after_id
                        AND m.author_id <> $1 \(sql: others) LIMIT $2) AS unread),
                (SELECT COUNT(*) FROM (
                    SELECT 1 FROM messages m WHERE m.channel_id = w.channel_id AND m.id > w.after_id
                        AND m.author_id <> $1 \(sql: others) AND m.mentions IS NOT NULL AND (\(sql: speaking)) LIMIT $2)
                    AS mentions)
            FROM wanted w
            """, values
        ) { ($0.id(0), $0.int(1), $0.int(2)) }
    }
}
