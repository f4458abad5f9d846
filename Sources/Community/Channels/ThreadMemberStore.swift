import Database
import Events
import Kernel
import People

/// Somebody in a thread.
package struct ThreadMember: Sendable {
    package let user: UserID
    let username: String
    package let joinedAt: Timestamp
}

extension ThreadMember: JSONObjectEncodable {
    package static let shape = JSONShape<ThreadMember>(
        "ThreadMember",
        .field("user_id", \.user), .field("username", \.username), .field("joined_at", \.joinedAt))
}

/// Who is in which thread. Of a private one that decides who sees it, so it stands with the channels.
package enum ThreadMemberStore {
    /// Of the threads that somebody has joined, so many are looked at, the newest first.
    package static let maximumJoined = 2000

    // MARK: Joining and leaving

    /// - Parameter thread: whose count of members is the caller's business.
    /// - Returns: false when they were in it already.
    package static func add(_ user: UserID, to thread: Channel, _ tx: Transaction) throws -> Bool {
        let privateIn = thread.thread.flatMap { $0.isPrivate ? $0.parent : nil }
        return try tx.count(
            """
            INSERT INTO thread_members (channel_id, user_id, joined_at, private_in) VALUES ($1, $2, $3, $4)
            ON CONFLICT (channel_id, user_id) DO NOTHING RETURNING user_id
            """, [thread.id, user, tx.now, privateIn]) == 1
    }

    /// - Returns: false when they were not in it.
    package static func remove(_ user: UserID, from thread: ChannelID, _ tx: Transaction) throws -> Bool {
        try tx.count(
            "DELETE FROM thread_members WHERE channel_id = $1 AND user_id = $2 RETURNING user_id", [thread, user])
            == 1
    }

    // MARK: Asking

    package static func isMember(_ user: UserID, of thread: ChannelID, _ tx: Transaction) throws -> Bool {
        try tx.exists("SELECT 1 FROM thread_members WHERE channel_id = $1 AND user_id = $2", [thread, user])
    }

    /// In the order of their ids.
    package static func members(
        of thread: ChannelID, after user: UserID?, limit: Int, _ tx: Transaction
    ) throws -> [ThreadMember] {
        let rows = try tx.all(
            """
            SELECT user_id, joined_at FROM thread_members WHERE channel_id = $1 AND user_id > $2
            ORDER BY user_id LIMIT $3
            """, [thread, user?.rawValue ?? 0, limit]
        ) { (user: $0.id(0, UserID.self), joinedAt: $0.timestamp(1)) }
        let faces = rows.isEmpty ? [:] : try UserStore.faces(of: Set(rows.map(\.user)), tx)
        return rows.map {
            ThreadMember(user: $0.user, username: faces[$0.user]?.username ?? "", joinedAt: $0.joinedAt)
        }
    }

    package static func members(of thread: ChannelID, _ tx: Transaction) throws -> [UserID] {
        try tx.all("SELECT user_id FROM thread_members WHERE channel_id = $1", [thread]) { $0.id(0) }
    }

    /// Those of some threads that somebody is in.
    package static func joined(
        _ threads: some Collection<ChannelID>, by user: UserID, _ tx: Transaction
    ) throws -> [ChannelID: Timestamp] {
        guard !threads.isEmpty else { return [:] }
        let rows = try tx.all(
            "SELECT channel_id, joined_at FROM thread_members WHERE user_id = $1 AND channel_id = ANY ($2)",
            [user, SQLList(Array(threads))]
        ) { ($0.id(0, ChannelID.self), $0.timestamp(1)) }
        return Dictionary(uniqueKeysWithValues: rows)
    }

    /// The same threads, which say whether somebody is in them.
    package static func marked(_ threads: [Channel], for user: UserID, _ tx: Transaction) throws -> [Channel] {
        let joined = try joined(threads.filter { $0.thread != nil }.map(\.id), by: user, tx)
        return threads.map { thread in
            var thread = thread
            thread.thread?.isJoined = joined[thread.id] != nil
            return thread
        }
    }

    package static func marked(_ thread: Channel, for user: UserID, _ tx: Transaction) throws -> Channel {
        try marked([thread], for: user, tx)[0]
    }

    /// All that somebody is in. Uses `thread_members_by_newest`.
    package static func threads(of user: UserID, _ tx: Transaction) throws -> [ChannelID] {
        try tx.all("SELECT channel_id FROM thread_members WHERE user_id = $1", [user]) { $0.id(0) }
    }

    /// Those in a server. Uses `thread_members_by_newest`.
    package static func threads(of user: UserID, in server: ServerID, _ tx: Transaction) throws -> [Channel] {
        try tx.all(
            """
            SELECT \(ChannelStore.columns) FROM thread_members tm JOIN channels c ON c.id = tm.channel_id
                LEFT JOIN threads t ON t.channel_id = c.id
            WHERE tm.user_id = $1 AND c.server_id = $2
            """, [user, server], as: ChannelStore.shape)
    }

    /// The threads that a user has joined and that are not archived. Uses `thread_members_by_newest`.
    package static func joined(by user: UserID, _ tx: Transaction) throws -> [Channel] {
        try tx.all(
            """
            SELECT \(ChannelStore.columns) FROM (
                SELECT channel_id FROM thread_members WHERE user_id = $1 ORDER BY channel_id DESC LIMIT $2) AS joined
            JOIN channels c ON c.id = joined.channel_id JOIN threads t ON t.channel_id = joined.channel_id
            WHERE NOT t.archived AND c.deleted_at IS NULL ORDER BY c.id
            """, [user, maximumJoined], as: ChannelStore.shape)
    }

    // MARK: Listing

    /// Some threads of a channel.
    package struct Selection: Sendable {
        let parent: ChannelID
        let isArchived: Bool
        let before: ChannelID?
        let limit: Int

        package init(parent: ChannelID, isArchived: Bool, before: ChannelID?, limit: Int) {
            self.parent = parent
            self.isArchived = isArchived
            self.before = before
            self.limit = limit
        }

        fileprivate var values: [any SQLBindable] { [parent, isArchived, before?.rawValue ?? .max, limit] }
    }

    /// The newest first. Uses `threads_by_parent`.
    package static func publicThreads(_ selection: Selection, _ tx: Transaction) throws -> [Channel] {
        try threads(selection, "t.is_private = FALSE", tx)
    }

    /// The newest first, whoever is in them. Uses `threads_by_parent`.
    package static func privateThreads(_ selection: Selection, _ tx: Transaction) throws -> [Channel] {
        try threads(selection, "t.is_private = TRUE", tx)
    }

    private static func threads(
        _ selection: Selection, _ condition: StaticSQL, _ tx: Transaction
    ) throws -> [Channel] {
        try tx.all(
            """
            SELECT \(ChannelStore.columns) FROM threads t JOIN channels c ON c.id = t.channel_id
            WHERE t.parent_id = $1 AND t.archived = $2 AND \(condition) AND t.channel_id < $3 AND c.deleted_at IS NULL
            ORDER BY t.channel_id DESC LIMIT $4
            """, selection.values, as: ChannelStore.shape)
    }

    /// Those that somebody is in; how many others there are takes no time. Uses `thread_members_private`.
    package static func privateThreads(
        _ selection: Selection, joinedBy user: UserID, _ tx: Transaction
    ) throws -> [Channel] {
        try tx.all(
            """
            SELECT \(ChannelStore.columns) FROM thread_members tm JOIN threads t ON t.channel_id = tm.channel_id
                JOIN channels c ON c.id = t.channel_id
            WHERE tm.private_in = $1 AND tm.user_id = $5 AND t.archived = $2 AND tm.channel_id < $3
                AND c.deleted_at IS NULL
            ORDER BY tm.channel_id DESC LIMIT $4
            """, selection.values + [user], as: ChannelStore.shape)
    }

    /// Those of a server that are not archived, whoever sees them. Uses `threads_active_by_server`.
    package static func active(in server: ServerID, _ tx: Transaction) throws -> [Channel] {
        try tx.all(
            """
            SELECT \(ChannelStore.columns) FROM threads t JOIN channels c ON c.id = t.channel_id
            WHERE t.server_id = $1 AND NOT t.archived AND c.deleted_at IS NULL ORDER BY t.channel_id DESC
            """, [server], as: ChannelStore.shape)
    }

    // MARK: Sight of private threads

    /// Those that somebody is in, the newest first. Uses `thread_members_private`.
    package static func privateThreads(
        joinedBy user: UserID, in parents: [ChannelID], _ tx: Transaction
    ) throws -> [ChannelID] {
        guard !parents.isEmpty else { return [] }
        return try tx.all(
            """
            SELECT channel_id FROM thread_members WHERE user_id = $1 AND private_in = ANY ($2)
            ORDER BY channel_id DESC LIMIT $3
            """, [user, SQLList(parents), maximumJoined]
        ) { $0.id(0) }
    }

    /// What somebody hears because they are in private threads of channels that they see.
    /// - Parameter servers: the channels of each. What somebody is brought into in one decides nothing in another.
    static func audiences(of user: UserID, in servers: [[Place]], _ tx: Transaction) throws -> [Audience] {
        let places = servers.flatMap { $0 }
        let found = try privateThreads(of: user, in: places.map(\.channel.id), tx)
        guard found.count < maximumJoined || servers.count == 1 else {
            return try servers.flatMap { try audiences(of: user, in: [$0], tx) }
        }
        let readable = Set(places.filter { $0.permissions.contains(.messagesRead) }.map(\.channel.id))
        return found.flatMap { thread, parent in
            readable.contains(parent) ? [.channel(thread), .messages(of: thread)] : [Audience.channel(thread)]
        }
    }

    /// The newest ones. Uses `thread_members_private`.
    private static func privateThreads(
        of user: UserID, in parents: [ChannelID], _ tx: Transaction
    ) throws -> [(thread: ChannelID, parent: ChannelID)] {
        guard !parents.isEmpty else { return [] }
        return try tx.all(
            """
            SELECT channel_id, private_in FROM thread_members WHERE user_id = $1 AND private_in = ANY ($2)
            ORDER BY channel_id DESC LIMIT $3
            """, [user, SQLList(parents), maximumJoined]
        ) { ($0.id(0), $0.id(1)) }
    }

    /// Who is in which private thread of some channels. Uses `thread_members_private`.
    static func privateMembers(
        in parents: [ChannelID], _ tx: Transaction
    ) throws -> [(thread: ChannelID, parent: ChannelID, user: UserID)] {
        guard !parents.isEmpty else { return [] }
        return try tx.all(
            """
            SELECT channel_id, private_in, user_id FROM thread_members WHERE private_in = ANY ($1)
            ORDER BY channel_id, user_id
            """, [SQLList(parents)]
        ) { ($0.id(0), $0.id(1), $0.id(2)) }
    }

    /// The private threads of some channels, those that are not archived first. Uses `threads_by_parent`.
    static func privateThreads(in parents: [ChannelID], limit: Int, _ tx: Transaction) throws -> [Channel] {
        guard !parents.isEmpty else { return [] }
        return try tx.all(
            """
            SELECT \(ChannelStore.columns) FROM threads t JOIN channels c ON c.id = t.channel_id
            WHERE t.parent_id = ANY ($1) AND t.archived IN (FALSE, TRUE) AND t.is_private = TRUE AND c.deleted_at IS NULL
            ORDER BY t.archived, t.channel_id DESC LIMIT $2
            """, [SQLList(parents), limit], as: ChannelStore.shape)
    }
}
