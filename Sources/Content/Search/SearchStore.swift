import Database
import Features
import Files
import Kernel
import Media

/// The index of messages, and the line of those that are not in it yet. A message is in one of the two, never in both; older
/// ones than `beginning` are in neither.
enum SearchStore {
    /// A row, to which its poll and its files are still missing.
    private struct Stored {
        let id: MessageID
        let channel: ChannelID
        let author: UserID
        let content: String
        let mentions: Mentions
        let isPinned: Bool
        let embeds: StoredEmbeds
        let poll: PollID?
        let hasFiles: Bool
        let stickers: String?
        let forward: String?

        init(_ row: inout ShapedRow<Stored>) {
            id = row["id"]
            channel = row["channel_id"]
            author = row["author_id"]
            content = row["content"] ?? ""
            mentions = Mentions(stored: row["mentions"])
            isPinned = row["m.pinned_at IS NOT NULL"]
            embeds = StoredEmbeds(text: row["embeds"])
            poll = row["poll_id"]
            hasFiles = row["has_attachments"]
            stickers = row["stickers"]
            forward = row["forward"]
        }
    }

    private static let shape = RowShape<Stored> { Stored(&$0) }
    private static let columns = shape.columns(of: "m")

    private static let placed = RowShape<(message: Stored, server: ServerID?, thread: ThreadPlace?)> { row in
        let message = try row.part(shape, of: "m")
        let server: ServerID? = row["c.server_id"]
        let (parent, isPrivate): (ChannelID?, Bool) = (row["t.parent_id"], row["COALESCE(t.is_private, FALSE)"])
        return (message, server, parent.map { ThreadPlace(parent: $0, isPrivate: isPrivate) })
    }

    private static func complete(_ rows: [Stored], _ tx: Transaction) throws -> [SearchCandidate] {
        let polls = try PollStore.polls(rows.compactMap(\.poll), for: nil, tx)
        let files = try AttachmentStore.attachments(of: rows.filter(\.hasFiles).map(\.id), tx)
        return rows.map { row in
            SearchCandidate(
                id: row.id, channel: row.channel, author: row.author, content: row.content, embeds: row.embeds,
                poll: row.poll.map { polls[$0]?.searchedTexts ?? [] },
                stickers: [MessageSticker](stored: row.stickers), forward: row.forward.flatMap(Forward.init(stored:)),
                files: (files[row.id] ?? []).map { ($0.filename, $0.blob.type.kind) }, mentions: row.mentions,
                isPinned: row.isPinned)
        }
    }

    // MARK: The line

    static func enqueue(_ messages: [MessageID], _ tx: Transaction) throws {
        for message in messages {
            try tx.execute(
                "INSERT INTO search_queue (message_id) VALUES ($1) ON CONFLICT (message_id) DO NOTHING", [message])
        }
    }

    /// - Returns: those that were in line.
    static func dequeue(_ messages: [MessageID], _ tx: Transaction) throws -> [MessageID] {
        try tx.all(
            "DELETE FROM search_queue WHERE message_id = ANY ($1) RETURNING message_id", [SQLList(messages)]
        ) { $0.id(0) }
    }

    /// The oldest in line.
    static func queued(limit: Int, _ tx: Transaction) throws -> [MessageID] {
        try tx.all("SELECT message_id FROM search_queue ORDER BY message_id LIMIT $1", [limit]) { $0.id(0) }
    }

    /// Everything in line, newest first. Ordered by the line's key, or SQLite would walk all messages in that order.
    static func queuedCandidates(_ tx: Transaction) throws -> [SearchCandidate] {
        try complete(
            tx.all(
                """
                SELECT \(columns) FROM search_queue q JOIN messages m ON m.id = q.message_id ORDER BY q.message_id DESC
                """, [], as: shape), tx)
    }

    // MARK: Making the index anew

    static func isCurrent(_ tx: Transaction) throws -> Bool {
        try tx.exists("SELECT 1 FROM search_state WHERE id = 1 AND version = $1", [SearchIndex.version])
    }

    /// Older messages than this one are not in the index yet; 0 when all are.
    static func beginning(_ tx: Transaction) throws -> MessageID {
        try tx.first("SELECT next_id FROM search_state WHERE id = 1 AND version = $1", [SearchIndex.version]) {
            $0.id(0)
        } ?? MessageID(rawValue: .max)
    }

    /// Empties the index and the line, unless another process has.
    static func beginAnew(_ tx: Transaction) throws {
        let isFirst =
            try tx.count(
                """
                UPDATE search_state SET version = $1, next_id = (SELECT COALESCE(MAX(id), 0) FROM messages) + 1
                WHERE id = 1 AND version <> $1 RETURNING id
                """, [SearchIndex.version]) == 1
        guard isFirst else { return }
        switch tx.dialect {
        case .sqlite: try tx.execute("INSERT INTO message_search (message_search) VALUES ('delete-all')")
        case .postgresql: try tx.execute("TRUNCATE message_search")
        }
        try tx.execute("DELETE FROM search_queue")
    }

    /// Puts the newest that are neither in the index nor in line into the line.
    static func enqueueOlder(limit: Int, _ tx: Transaction) throws {
        let older = try tx.all(
            "SELECT id FROM messages WHERE id < $1 ORDER BY id DESC LIMIT $2", [try beginning(tx), limit]
        ) { $0.id(0, MessageID.self) }
        try enqueue(older, tx)
        let next = older.count < limit ? MessageID(rawValue: 0) : older.last
        try tx.execute(
            "UPDATE search_state SET next_id = $1 WHERE id = 1 AND version = $2", [next, SearchIndex.version])
    }

    /// The newest messages before one, of one channel or of all, whether the index has them or not.
    /// Uses `messages_unread`, or the primary key.
    static func unindexed(
        in channel: ChannelID?, before: MessageID, after: MessageID, limit: Int, _ tx: Transaction
    ) throws -> [SearchCandidate] {
        guard let channel else {
            return try complete(
                tx.all(
                    """
                    SELECT \(columns) FROM messages m WHERE m.id < $1 AND m.id > $2 ORDER BY m.id DESC LIMIT $3
                    """, [before, after, limit], as: shape), tx)
        }
        return try complete(
            tx.all(
                """
                SELECT \(columns) FROM messages m WHERE m.channel_id = $1 AND m.id < $2 AND m.id > $3
                ORDER BY m.id DESC LIMIT $4
                """, [channel, before, after, limit], as: shape), tx)
    }

    // MARK: The index

    /// A message, and what the index is told of it.
    struct Entry: Sendable, Equatable {
        let candidate: SearchCandidate
        fileprivate let server: ServerID?
        fileprivate let thread: ThreadPlace?

        /// To work them out takes longer than everything else that is done with an entry.
        var tokens: Set<Int32> { candidate.tokens(in: server, thread: thread) }

        /// Whether it has the same tokens for certain: letters that are the same to Swift may be taken apart in different ways.
        func isIdentical(to other: Entry) -> Bool {
            self == other
                && candidate.texts.elementsEqual(other.candidate.texts) { $0.utf8.elementsEqual($1.utf8) }
        }
    }

    static func entries(_ messages: [MessageID], _ tx: Transaction) throws -> [Entry] {
        let rows = try tx.all(
            """
            SELECT \(placed.columns) FROM messages m JOIN channels c ON c.id = m.channel_id
                LEFT JOIN threads t ON t.channel_id = m.channel_id
            WHERE m.id = ANY ($1)
            """, [SQLList(messages)], as: placed)
        return zip(try complete(rows.map(\.message), tx), rows).map { candidate, row in
            Entry(candidate: candidate, server: row.server, thread: row.thread)
        }
    }

    static func insert(_ message: MessageID, _ tokens: Set<Int32>, _ tx: Transaction) throws {
        switch tx.dialect {
        case .sqlite:
            try tx.execute(
                "INSERT INTO message_search (rowid, tokens) VALUES ($1, $2)", [message, TextPieces.words(tokens)])
        case .postgresql:
            try tx.execute(
                """
                INSERT INTO message_search (message_id, tokens) VALUES ($1, $2)
                ON CONFLICT (message_id) DO UPDATE SET tokens = excluded.tokens
                """, [message, TextPieces.array(tokens.sorted())])
        }
    }

    /// - Parameter tokens: the same as were inserted.
    static func delete(_ message: MessageID, _ tokens: Set<Int32>, _ tx: Transaction) throws {
        switch tx.dialect {
        case .sqlite:
            try tx.execute(
                "INSERT INTO message_search (message_search, rowid, tokens) VALUES ('delete', $1, $2)",
                [message, TextPieces.words(tokens)])
        case .postgresql:
            try tx.execute("DELETE FROM message_search WHERE message_id = $1", [message])
        }
    }

    /// What has been inserted lies in segments, which have to be put together again and again. FTS5 by itself does much of that at
    /// once, within a statement that happens to be the next one, while all who write wait.
    static let mergesAsked: [StaticSQL] = ["INSERT INTO message_search (message_search, rank) VALUES ('automerge', 0)"]

    /// So much is put together in a millisecond or two.
    private static let mergedPages = 16

    /// Goes on putting segments together.
    /// - Returns: whether there was something to be done.
    static func merge(_ tx: Transaction) throws -> Bool {
        guard tx.dialect == .sqlite else { return false }
        let changes = { try tx.first("SELECT total_changes()") { $0.int(0) } ?? 0 }
        let before = try changes()
        try tx.execute("INSERT INTO message_search (message_search, rank) VALUES ('merge', $1)", [mergedPages])
        // By one the command counts itself.
        return try changes() - before > 1
    }

    /// The newest messages before one that have all of some tokens and at least one of others.
    static func candidates(
        having tokens: Set<Int32>, anyOf scope: [Int32], before: MessageID, after: MessageID, limit: Int,
        _ tx: Transaction
    ) throws -> [SearchCandidate] {
        switch tx.dialect {
        case .sqlite:
            let all = tokens.isEmpty ? [] : [TextPieces.all(tokens)]
            let any = scope.isEmpty ? [] : ["(\(TextPieces.any(scope)))"]
            return try complete(
                tx.all(
                    """
                    SELECT \(columns) FROM (
                        SELECT rowid AS id FROM message_search WHERE message_search MATCH $1 AND rowid < $2 AND rowid > $3
                        ORDER BY rowid DESC LIMIT $4) AS found
                    JOIN messages m ON m.id = found.id ORDER BY m.id DESC
                    """, [(all + any).joined(separator: " AND "), before, after, limit], as: shape), tx)
        case .postgresql:
            return try complete(
                tx.all(
                    """
                    SELECT \(columns) FROM (
                        SELECT message_id FROM message_search
                        WHERE tokens @> $1::integer[] AND (tokens && $2::integer[] OR $2::integer[] = '{}')
                            AND message_id < $3 AND message_id > $4
                        ORDER BY message_id DESC LIMIT $5) AS found
                    JOIN messages m ON m.id = found.message_id ORDER BY m.id DESC
                    """, [TextPieces.array(tokens.sorted()), TextPieces.array(scope), before, after, limit], as: shape),
                tx)
        }
    }

    /// The pinned messages of some channels, and of the threads of some. Uses `messages_pinned`.
    static func pinnedCandidates(
        in channels: [ChannelID], andThreadsOf parents: [ChannelID], _ tx: Transaction
    ) throws -> [SearchCandidate] {
        try complete(
            tx.all(
                """
                SELECT \(columns) FROM messages m WHERE m.pinned_at IS NOT NULL AND m.channel_id IN (
                    SELECT id FROM channels WHERE id = ANY ($1)
                    UNION SELECT channel_id FROM threads WHERE parent_id = ANY ($2))
                """, [SQLList(channels), SQLList(parents)], as: shape), tx)
    }
}
