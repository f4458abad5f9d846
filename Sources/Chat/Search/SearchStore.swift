import Database
import Kernel
import Media

/// The index of messages, and the line of those that are not in it yet. A message is in one of the two, never in both.
enum SearchStore {
    private static let columns: StaticSQL = """
        m.id, m.channel_id, m.author_id, m.content, m.mentions, m.pinned_at, m.embeds IS NOT NULL, m.poll_id,
        m.has_attachments, \(has(filesOf: "image")), \(has(filesOf: "video")), \(has(filesOf: "audio"))
        """

    /// Whether a message has files of a type. Uses `attachments_by_message`.
    private static func has(filesOf type: StaticSQL) -> StaticSQL {
        """
        (m.has_attachments AND EXISTS (SELECT 1 FROM attachments a JOIN blobs b ON b.id = a.blob_id
            WHERE a.message_id = m.id AND b.content_type LIKE '\(type)/%'))
        """
    }

    private static func candidate(_ row: SQLRow) -> SearchCandidate {
        let content = row.textOrNil(3) ?? ""
        return SearchCandidate(
            id: row.id(0), channel: row.id(1), author: row.id(2), content: content,
            mentions: Mentions(stored: row.textOrNil(4)), isPinned: !row.isNull(5),
            kinds: SearchCandidate.kinds(
                content: content, hasEmbeds: row.bool(6), hasPoll: !row.isNull(7), files: files(row)))
    }

    private static func files(_ row: SQLRow) -> Set<MediaType.Kind> {
        guard row.bool(8) else { return [] }
        let kinds: [(Int, MediaType.Kind)] = [(9, .picture), (10, .video), (11, .audio)]
        return Set(kinds.filter { row.bool($0.0) }.map(\.1) + [.other])
    }

    // MARK: The line

    static func enqueue(_ message: MessageID, _ tx: Transaction) throws {
        try tx.execute(
            "INSERT INTO search_queue (message_id) VALUES ($1) ON CONFLICT (message_id) DO NOTHING", [message])
    }

    /// - Returns: those that were in line.
    static func dequeue(_ messages: [MessageID], _ tx: Transaction) throws -> [MessageID] {
        return try tx.all(
            "DELETE FROM search_queue WHERE message_id = ANY ($1) RETURNING message_id", [SQLList(messages)]
        ) { $0.id(0) }
    }

    /// The oldest in line.
    static func queued(limit: Int, _ tx: Transaction) throws -> [MessageID] {
        try tx.all("SELECT message_id FROM search_queue ORDER BY message_id LIMIT $1", [limit]) { $0.id(0) }
    }

    /// Everything in line, newest first. Ordered by the line's key, or SQLite would walk all messages in that order.
    static func queuedCandidates(_ tx: Transaction) throws -> [SearchCandidate] {
        try tx.all(
            """
            SELECT \(columns) FROM search_queue q JOIN messages m ON m.id = q.message_id ORDER BY q.message_id DESC
            """, [], candidate)
    }

    // MARK: The index

    /// Messages with the servers that they are in, as the index sees them.
    static func indexed(
        _ messages: [MessageID], _ tx: Transaction
    ) throws -> [(candidate: SearchCandidate, server: ServerID?)] {
        return try tx.all(
            """
            SELECT \(columns), c.server_id FROM messages m JOIN channels c ON c.id = m.channel_id
            WHERE m.id = ANY ($1)
            """, [SQLList(messages)]
        ) { (candidate($0), $0.idOrNil(12)) }
    }

    static func insert(_ message: MessageID, _ tokens: Set<Int32>, _ tx: Transaction) throws {
        switch tx.dialect {
        case .sqlite:
            try tx.execute("INSERT INTO message_search (rowid, tokens) VALUES ($1, $2)", [message, words(tokens)])
        case .postgresql:
            try tx.execute(
                "INSERT INTO message_search (message_id, tokens) VALUES ($1, $2)", [message, array(tokens.sorted())])
        }
    }

    /// - Parameter tokens: the same as were inserted.
    static func delete(_ message: MessageID, _ tokens: Set<Int32>, _ tx: Transaction) throws {
        switch tx.dialect {
        case .sqlite:
            try tx.execute(
                "INSERT INTO message_search (message_search, rowid, tokens) VALUES ('delete', $1, $2)",
                [message, words(tokens)])
        case .postgresql:
            try tx.execute("DELETE FROM message_search WHERE message_id = $1", [message])
        }
    }

    /// The newest messages before one that have all of some tokens and at least one of others.
    static func candidates(
        having tokens: Set<Int32>, anyOf scope: [Int32], before: MessageID, after: MessageID, limit: Int,
        _ tx: Transaction
    ) throws -> [SearchCandidate] {
        switch tx.dialect {
        case .sqlite:
            let all = tokens.sorted().map { "\"\(word($0))\"" }
            let any = scope.isEmpty ? [] : ["(" + scope.map { "\"\(word($0))\"" }.joined(separator: " OR ") + ")"]
            return try tx.all(
                """
                SELECT \(columns) FROM (
                    SELECT rowid AS id FROM message_search WHERE message_search MATCH $1 AND rowid < $2 AND rowid > $3
                    ORDER BY rowid DESC LIMIT $4) AS found
                JOIN messages m ON m.id = found.id ORDER BY m.id DESC
                """, [(all + any).joined(separator: " AND "), before, after, limit], candidate)
        case .postgresql:
            return try tx.all(
                """
                SELECT \(columns) FROM (
                    SELECT message_id FROM message_search
                    WHERE tokens @> $1::integer[] AND (tokens && $2::integer[] OR $2::integer[] = '{}')
                        AND message_id < $3 AND message_id > $4
                    ORDER BY message_id DESC LIMIT $5) AS found
                JOIN messages m ON m.id = found.message_id ORDER BY m.id DESC
                """, [array(tokens.sorted()), array(scope), before, after, limit], candidate)
        }
    }

    /// The pinned messages of some channels. Uses `messages_pinned`.
    static func pinnedCandidates(in channels: [ChannelID], _ tx: Transaction) throws -> [SearchCandidate] {
        try tx.all(
            "SELECT \(columns) FROM messages m WHERE m.channel_id = ANY ($1) AND m.pinned_at IS NOT NULL",
            [SQLList(channels)], candidate)
    }

    /// Letters and digits, which the index takes as one word.
    private static func word(_ token: Int32) -> String { words([token]) }

    /// Written digit by digit, for a message has a hundred: `t` and the number in hexadecimal.
    private static func words(_ tokens: Set<Int32>) -> String {
        var text: [UInt8] = []
        text.reserveCapacity(tokens.count * 10)
        for token in tokens {
            if !text.isEmpty { text.append(UInt8(ascii: " ")) }
            text.append(UInt8(ascii: "t"))
            for shift in stride(from: 28, through: 0, by: -4) {
                let digit = UInt8(truncatingIfNeeded: UInt32(bitPattern: token) >> UInt32(shift) & 0xF)
                text.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    private static func array(_ tokens: [Int32]) -> String { "{\(tokens.map(String.init).joined(separator: ","))}" }
}
