import Database
import Features
import Kernel

enum ReceiptStore {
    struct Mark: Sendable {
        var read: MessageID?
        var fetched: MessageID?
        var acknowledged: MessageID?
    }

    // MARK: Marks

    /// - Returns: nil when nothing was ever read or fetched.
    static func mark(of user: UserID, in channel: ChannelID, _ tx: Transaction) throws -> Mark? {
        try tx.first(
            "SELECT read_id, fetched_id FROM receipts WHERE channel_id = $1 AND user_id = $2", [channel, user]
        ) { Mark(read: $0.idOrNil(0), fetched: $0.idOrNil(1)) }
    }

    /// The marks of some people in a channel, and what their devices have acknowledged.
    static func marks(
        of users: [UserID], in channel: ChannelID, _ tx: Transaction
    ) throws -> [UserID: Mark] {
        var marks: [UserID: Mark] = [:]
        let inChannel = try tx.all(
            "SELECT user_id, read_id, fetched_id FROM receipts WHERE channel_id = $1 AND user_id = ANY ($2)",
            [channel, SQLList(users)]
        ) { ($0.id(0, UserID.self), Mark(read: $0.idOrNil(1), fetched: $0.idOrNil(2))) }
        for (user, mark) in inChannel { marks[user] = mark }
        let acknowledged = try tx.all(
            "SELECT user_id, message_id FROM acknowledgements WHERE user_id = ANY ($1)", [SQLList(users)]
        ) { ($0.id(0, UserID.self), $0.id(1, MessageID.self)) }
        for (user, message) in acknowledged { marks[user, default: Mark()].acknowledged = message }
        return marks
    }

    static func setRead(_ message: MessageID, of user: UserID, in channel: ChannelID, _ tx: Transaction) throws {
        try tx.execute(
            """
            INSERT INTO receipts (channel_id, user_id, read_id) VALUES ($1, $2, $3)
            ON CONFLICT (channel_id, user_id) DO UPDATE SET read_id = excluded.read_id
            """, [channel, user, message])
    }

    static func setFetched(_ message: MessageID, of user: UserID, in channel: ChannelID, _ tx: Transaction) throws {
        try tx.execute(
            """
            INSERT INTO receipts (channel_id, user_id, fetched_id) VALUES ($1, $2, $3)
            ON CONFLICT (channel_id, user_id) DO UPDATE SET fetched_id = excluded.fetched_id
            WHERE receipts.fetched_id IS NULL OR receipts.fetched_id < excluded.fetched_id
            """, [channel, user, message])
    }

    static func setAcknowledged(_ message: MessageID, of user: UserID, _ tx: Transaction) throws {
        try tx.execute(
            """
            INSERT INTO acknowledgements (user_id, message_id) VALUES ($1, $2)
            ON CONFLICT (user_id) DO UPDATE SET message_id = excluded.message_id
            WHERE acknowledgements.message_id < excluded.message_id
            """, [user, message])
    }

    // MARK: Times

    /// All after one message up to another were read at this moment. Of the times of a person in a channel the oldest go.
    static func setTime(
        of user: UserID, in channel: ChannelID, after previous: MessageID?, through message: MessageID,
        _ tx: Transaction
    ) throws {
        try tx.execute(
            """
            INSERT INTO receipt_times (channel_id, user_id, through_id, after_id, read_at) VALUES ($1, $2, $3, $4, $5)
            ON CONFLICT (channel_id, user_id, through_id) DO NOTHING
            """, [channel, user, message, previous?.rawValue ?? 0, tx.now])
        try tx.execute(
            """
            DELETE FROM receipt_times WHERE channel_id = $1 AND user_id = $2 AND through_id <= (
                SELECT through_id FROM receipt_times WHERE channel_id = $1 AND user_id = $2
                ORDER BY through_id DESC LIMIT 1 OFFSET $3)
            """, [channel, user, Receipts.timeCap.maximum])
    }

    /// When somebody read a message, if that is still known.
    static func time(
        of user: UserID, in channel: ChannelID, at message: MessageID, _ tx: Transaction
    ) throws -> Timestamp? {
        let first = try tx.first(
            """
            SELECT after_id, read_at FROM receipt_times WHERE channel_id = $1 AND user_id = $2 AND through_id >= $3
            ORDER BY through_id LIMIT 1
            """, [channel, user, message]
        ) { (after: $0.id(0, MessageID.self), readAt: $0.timestamp(1)) }
        return first.flatMap { $0.after < message ? $0.readAt : nil }
    }

    /// Uses `receipt_times_by_age`.
    static func forgetTimes(before moment: Timestamp, limit: Int, _ tx: Transaction) throws -> Bool {
        try tx.count(
            """
            DELETE FROM receipt_times WHERE (channel_id, user_id, through_id) IN
                (SELECT channel_id, user_id, through_id FROM receipt_times WHERE read_at < $1 LIMIT $2)
            RETURNING through_id
            """, [moment, limit]) == limit
    }
}
