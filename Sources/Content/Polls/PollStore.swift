import Database
import Features
import Kernel

enum PollStore {
    /// A poll, to which its votes are still missing.
    private static let shape = RowShape<Poll> { row in
        Poll(
            id: row["id", \.id], channel: row["channel_id", \.channel], message: row["message_id", \.message],
            author: row["author_id", \.author], question: row["question", \.question],
            options: options(row["options", { JSON.array($0.options.map(stored)).text }]),
            isMultiple: row["is_multiple", \.isMultiple],
            visibility: Poll.Visibility(rawValue: row["results_visibility", \.visibility.rawValue]) ?? .afterEnd,
            isAnonymous: row["is_anonymous", \.isAnonymous], createdAt: row["created_at", \.createdAt],
            endsAt: row["ends_at", \.endsAt], closedAt: row["closed_at", \.closedAt])
    }

    private static func options(_ stored: String) -> [Poll.Option] {
        (JSON(text: stored)?.array ?? []).enumerated().map { number, option in
            Poll.Option(
                number: number, text: option.string ?? option["text"]?.string ?? "", emoji: option["emoji"]?.string,
                votes: 0, me: nil)
        }
    }

    /// Its text alone, as it was before there were emoji, where there is none.
    private static func stored(_ option: Poll.Option) -> JSON {
        guard let emoji = option.emoji else { return .string(option.text) }
        return .object(["text": .string(option.text), "emoji": .string(emoji)])
    }

    static func insert(_ poll: Poll, _ tx: Transaction) throws {
        try tx.execute("INSERT INTO polls (\(shape.stored)) VALUES (\(shape.placeholders))", shape.values(of: poll))
    }

    /// Polls as they are told.
    /// - Parameter reader: whose votes are marked, and by whose votes it goes what is told.
    static func polls(_ ids: [PollID], for reader: UserID?, _ tx: Transaction) throws -> [PollID: Poll] {
        guard !ids.isEmpty else { return [:] }
        let votes = try votes(of: ids, for: reader, tx)
        let polls = try tx.all(
            "SELECT \(shape.columns) FROM polls WHERE id = ANY ($1)", [SQLList(ids)], as: shape
        ).map { poll in
            var poll = poll
            poll.isOver = poll.endsAt <= tx.now
            for index in poll.options.indices {
                let counted = votes[poll.id]?[poll.options[index].number]
                poll.options[index].votes = counted?.count ?? 0
                poll.options[index].me = reader.map { _ in counted?.hasOwn ?? false }
            }
            return poll.told()
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

    /// Who has chosen an option. Uses the key of the votes.
    static func voters(
        of poll: PollID, option: Int, after: UserID?, limit: Int, _ tx: Transaction
    ) throws -> [UserID] {
        try tx.all(
            """
            SELECT user_id FROM poll_votes WHERE poll_id = $1 AND option_number = $2 AND user_id > $3
            ORDER BY user_id LIMIT $4
            """, [poll, option, after?.rawValue ?? 0, limit]
        ) { $0.id(0) }
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
