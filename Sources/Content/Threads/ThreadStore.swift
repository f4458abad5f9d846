import Community
import Database
import Features
import Kernel

enum ThreadStore {
    static func insert(_ thread: Channel, _ tx: Transaction) throws {
        guard let state = thread.thread else { return }
        try ChannelStore.insert(thread, tx)
        try tx.execute(
            """
            INSERT INTO threads (channel_id, active_at, member_count, \(ChannelStore.thread.stored))
            VALUES ($1, $2, 0, \(ChannelStore.thread.placeholders(from: 3)))
            """, [thread.id, tx.now] + ChannelStore.thread.values(of: state))
    }

    static func update(_ thread: Channel, _ tx: Transaction) throws {
        guard let state = thread.thread else { return }
        try ChannelStore.update(thread, tx)
        try tx.execute(
            """
            UPDATE threads SET archived = $2, locked = $3, auto_archive_minutes = $4, active_at = $5
            WHERE channel_id = $1
            """, [thread.id, state.isArchived, state.isLocked, state.autoArchive_min, tx.now])
    }

    /// The newest first. Uses `threads_by_parent`.
    static func threads(
        of parent: ChannelID, archived: Bool, before: ChannelID?, limit: Int, _ tx: Transaction
    ) throws -> [ChannelID] {
        try tx.all(
            """
            SELECT t.channel_id FROM threads t JOIN channels c ON c.id = t.channel_id
            WHERE t.parent_id = $1 AND t.archived = $2 AND t.channel_id < $3 AND c.deleted_at IS NULL
            ORDER BY t.channel_id DESC LIMIT $4
            """, [parent, archived, before?.rawValue ?? .max, limit]
        ) { $0.id(0) }
    }

    static func activeCount(of parent: ChannelID, _ tx: Transaction) throws -> Int {
        try tx.first(
            "SELECT COUNT(*) FROM threads WHERE parent_id = $1 AND archived = $2", [parent, false]
        ) { $0.int(0) } ?? 0
    }

    static func count(of parent: ChannelID, _ tx: Transaction) throws -> Int {
        try tx.first("SELECT COUNT(*) FROM threads WHERE parent_id = $1", [parent]) { $0.int(0) } ?? 0
    }

    static func memberCount(of thread: ChannelID, _ tx: Transaction) throws -> Int {
        try tx.first("SELECT member_count FROM threads WHERE channel_id = $1", [thread]) { $0.int(0) } ?? 0
    }

    /// Something was said: the thread is up again.
    static func touch(_ thread: ChannelID, _ tx: Transaction) throws {
        try tx.execute(
            "UPDATE threads SET active_at = $2, archived = $3 WHERE channel_id = $1", [thread, tx.now, false])
    }

    /// Some in which nothing was said for as long as they wait. Uses `threads_active`.
    static func idle(limit: Int, _ tx: Transaction) throws -> [ChannelID] {
        try tx.all(
            """
            SELECT channel_id FROM threads WHERE NOT archived AND active_at + auto_archive_minutes * 60000 <= $1
                AND \(SetAsideStore.none(of: .thread, "CAST(threads.channel_id AS TEXT)"))
            ORDER BY active_at LIMIT $2
            """, [tx.now, limit]
        ) { $0.id(0) }
    }

    static func isIdle(_ thread: ChannelID, _ tx: Transaction) throws -> Bool {
        try tx.exists(
            """
            SELECT 1 FROM threads
            WHERE channel_id = $1 AND NOT archived AND active_at + auto_archive_minutes * 60000 <= $2
            """, [thread, tx.now])
    }

    // MARK: Members

    /// - Returns: false when they were in it already.
    static func add(_ user: UserID, to thread: ChannelID, _ tx: Transaction) throws -> Bool {
        let isNew =
            try tx.count(
                """
                INSERT INTO thread_members (channel_id, user_id, joined_at) VALUES ($1, $2, $3)
                ON CONFLICT (channel_id, user_id) DO NOTHING RETURNING user_id
                """, [thread, user, tx.now]) == 1
        if isNew { try changeCount(of: thread, by: 1, tx) }
        return isNew
    }

    static func remove(_ user: UserID, from thread: ChannelID, _ tx: Transaction) throws -> Bool {
        let wasThere =
            try tx.count(
                "DELETE FROM thread_members WHERE channel_id = $1 AND user_id = $2 RETURNING user_id", [thread, user])
            == 1
        if wasThere { try changeCount(of: thread, by: -1, tx) }
        return wasThere
    }

    /// Takes somebody out of all threads of a server. Uses `thread_members_by_user`.
    static func removeAll(of user: UserID, in server: ServerID, _ tx: Transaction) throws {
        let own: StaticSQL = """
            SELECT tm.channel_id FROM thread_members tm JOIN channels c ON c.id = tm.channel_id
            WHERE tm.user_id = $1 AND c.server_id = $2
            """
        try tx.execute(
            "UPDATE threads SET member_count = member_count - 1 WHERE channel_id IN (\(own))", [user, server])
        try tx.execute("DELETE FROM thread_members WHERE user_id = $1 AND channel_id IN (\(own))", [user, server])
    }

    private static func changeCount(of thread: ChannelID, by difference: Int, _ tx: Transaction) throws {
        try tx.execute(
            "UPDATE threads SET member_count = member_count + $2 WHERE channel_id = $1", [thread, difference])
    }

    static func members(of thread: ChannelID, _ tx: Transaction) throws -> [UserID] {
        try tx.all("SELECT user_id FROM thread_members WHERE channel_id = $1 ORDER BY user_id", [thread]) { $0.id(0) }
    }

    /// All that somebody is in. Uses `thread_members_by_user`.
    static func threads(of user: UserID, _ tx: Transaction) throws -> [ChannelID] {
        try tx.all("SELECT channel_id FROM thread_members WHERE user_id = $1", [user]) { $0.id(0) }
    }

    static func isMember(_ user: UserID, of thread: ChannelID, _ tx: Transaction) throws -> Bool {
        try tx.exists("SELECT 1 FROM thread_members WHERE channel_id = $1 AND user_id = $2", [thread, user])
    }

    /// Of the threads that somebody has joined, so many are looked at, the newest first.
    static let maximumJoined = 2000

    /// The threads that a user has joined and that are not archived. Uses `thread_members_by_newest`.
    static func joined(by user: UserID, _ tx: Transaction) throws -> [Channel] {
        try tx.all(
            """
            SELECT \(ChannelStore.columns) FROM (
                SELECT channel_id FROM thread_members WHERE user_id = $1 ORDER BY channel_id DESC LIMIT $2) AS joined
            JOIN channels c ON c.id = joined.channel_id JOIN threads t ON t.channel_id = joined.channel_id
            WHERE NOT t.archived AND c.deleted_at IS NULL ORDER BY c.id
            """, [user, maximumJoined], as: ChannelStore.shape)
    }
}
