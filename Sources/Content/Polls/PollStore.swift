import Database
import Features
import Kernel

enum PollStore {
    /// A poll, to which its votes are still missing.
    private static let shape = RowShape<Poll> { row in
        Poll(
            id: row["id", \.id], channel: row["channel_id", \.channel], message: row["message_id", \.message],
            author: row["author_id", \.author], question: row["question", \.question],
            options: options(row["options", { JSON.array($0.options.map { .string($0.text) }).text }]),
            isMultiple: row["is_multiple", \.isMultiple], createdAt: row["created_at", \.createdAt],
            endsAt: row["ends_at", \.endsAt], closedAt: row["closed_at", \.closedAt])
    }

    private static func options(_ texts: String) -> [Poll.Option] {
        (JSON(text: texts)?.array ?? []).compactMap(\.string).enumerated().map { number, text in
            Poll.Option(number: number, text: text, votes: 0, me: nil)
        }
    }

    static func insert(_ poll: Poll, _ tx: Transaction) throws {
        try tx.execute("INSERT INTO polls (\(shape.stored)) VALUES (\(shape.placeholders))", shape.values(of: poll))
    }

    /// - Parameter reader: whose votes are marked.
    static func polls(_ ids: [PollID], for reader: UserID?, _ tx: Transaction) throws -> [PollID: Poll] {
        guard !ids.isEmpty else { return [:] }
        let votes = try votes(of: ids, for: reader, tx)
        let polls = try tx.all(
            "SELECT \(shape.columns) FROM polls WHERE id = ANY ($1)", [SQLList(ids)], as: shape
        ).map { poll in
            var poll = poll
            poll.options = poll.options.map { option in
                let counted = votes[poll.id]?[option.number]
                return Poll.Option(
                    number: option.number, text: option.text, votes: counted?.count ?? 0,
                    me: reader.map { _ in counted?.hasOwn ?? false })
            }
            return poll
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
