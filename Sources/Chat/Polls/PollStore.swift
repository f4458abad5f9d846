import Database
import Kernel

enum PollStore {
    private static let columns: StaticSQL =
        "id, channel_id, message_id, author_id, question, options, is_multiple, created_at, ends_at, closed_at"

    static func insert(_ poll: Poll, _ tx: Transaction) throws {
        try tx.execute(
            """
            INSERT INTO polls (\(columns)) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
            """,
            [
                poll.id, poll.channel, poll.message, poll.author, poll.question,
                JSON.array(poll.options.map { .string($0.text) }).text, poll.isMultiple, poll.createdAt, poll.endsAt,
                poll.closedAt,
            ])
    }

    /// - Parameter reader: whose votes are marked.
    static func polls(_ ids: [PollID], for reader: UserID?, _ tx: Transaction) throws -> [PollID: Poll] {
        guard !ids.isEmpty else { return [:] }
        let votes = try votes(of: ids, for: reader, tx)
        let polls = try tx.all("SELECT \(columns) FROM polls WHERE id = ANY ($1)", [SQLList(ids)]) { row in
            let id: PollID = row.id(0)
            let texts = (JSON(text: row.text(5))?.array ?? []).compactMap(\.string)
            return Poll(
                id: id, channel: row.id(1), message: row.id(2), author: row.id(3), question: row.text(4),
                options: texts.enumerated().map { number, text in
                    let counted = votes[id]?[number]
                    return Poll.Option(
                        number: number, text: text, votes: counted?.count ?? 0,
                        me: reader.map { _ in counted?.hasOwn ?? false })
                },
                isMultiple: row.bool(6), createdAt: row.timestamp(7), endsAt: row.timestamp(8),
                closedAt: row.timestampOrNil(9))
        }
        return Dictionary(uniqueKeysWithValues: polls.map { ($0.id, $0) })
    }

    private static func votes(
        of ids: [PollID], for reader: UserID?, _ tx: Transaction
    ) throws -> [PollID: [Int: (count: Int, hasOwn: Bool)]] {
        var votes: [PollID: [Int: (count: Int, hasOwn: Bool)]] = [:]
        let rows = try tx.all(
            """
            SELECT poll_id, option_number, COUNT(*), MAX(CASE WHEN user_id = $1 THEN 1 ELSE 0 END) FROM poll_votes
            WHERE poll_id = ANY ($2) GROUP BY poll_id, option_number
            """, [reader?.rawValue ?? 0, SQLList(ids)]
        ) { ($0.id(0, PollID.self), $0.int(1), $0.int(2), $0.int(3) == 1) }
        for (poll, option, count, hasOwn) in rows { votes[poll, default: [:]][option] = (count, hasOwn) }
        return votes
    }

    static func setVotes(_ options: [Int], of user: UserID, in poll: PollID, _ tx: Transaction) throws {
        try tx.execute("DELETE FROM poll_votes WHERE poll_id = $1 AND user_id = $2", [poll, user])
        for option in options {
            try tx.execute(
                "INSERT INTO poll_votes (poll_id, option_number, user_id) VALUES ($1, $2, $3)", [poll, option, user])
        }
    }

    static func close(_ poll: PollID, _ tx: Transaction) throws {
        try tx.execute("UPDATE polls SET closed_at = $2 WHERE id = $1", [poll, tx.now])
    }

    /// Some whose time is over and that nobody has closed. Uses `polls_open`.
    static func due(limit: Int, _ tx: Transaction) throws -> [PollID] {
        try tx.all(
            """
            SELECT id FROM polls WHERE closed_at IS NULL AND ends_at <= $1
                AND \(SetAsideStore.none(of: .poll, "CAST(polls.id AS TEXT)")) LIMIT $2
            """, [tx.now, limit]
        ) { $0.id(0) }
    }

    static func delete(of messages: [MessageID], _ tx: Transaction) throws {
        try tx.execute(
            "DELETE FROM poll_votes WHERE poll_id IN (SELECT id FROM polls WHERE message_id = ANY ($1))",
            [SQLList(messages)])
        try tx.execute("DELETE FROM polls WHERE message_id = ANY ($1)", [SQLList(messages)])
    }
}
