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
            INSERT INTO threads (channel_id, server_id, active_at, member_count, message_count,
                \(ChannelStore.thread.stored))
            VALUES ($1, $2, $3, 0, 0, \(ChannelStore.thread.placeholders(from: 4)))
            """, [thread.id, thread.server, tx.now] + ChannelStore.thread.values(of: state))
    }

    static func update(_ thread: Channel, _ tx: Transaction) throws {
        guard let state = thread.thread else { return }
        try ChannelStore.update(thread, tx)
        try tx.execute(
            """
            UPDATE threads SET archived = $2, locked = $3, auto_archive_minutes = $4, active_at = $5, is_invitable = $6,
                archived_at = $7
            WHERE channel_id = $1
            """,
            [
                thread.id, state.isArchived, state.isLocked, state.autoArchive_min, tx.now, state.isInvitable,
                state.archivedAt,
            ])
    }

    /// Uses `threads_active_by_server`.
    static func activeCount(in server: ServerID, _ tx: Transaction) throws -> Int {
        try tx.first("SELECT COUNT(*) FROM threads WHERE server_id = $1 AND NOT archived", [server]) { $0.int(0) } ?? 0
    }

    static func count(of parent: ChannelID, _ tx: Transaction) throws -> Int {
        try tx.first("SELECT COUNT(*) FROM threads WHERE parent_id = $1", [parent]) { $0.int(0) } ?? 0
    }

    static func memberCount(of thread: ChannelID, _ tx: Transaction) throws -> Int {
        try tx.first("SELECT member_count FROM threads WHERE channel_id = $1", [thread]) { $0.int(0) } ?? 0
    }

    /// Something was said.
    static func addMessage(to thread: ChannelID, at moment: Timestamp, _ tx: Transaction) throws {
        try tx.execute(
            """
            UPDATE threads SET message_count = message_count + 1, last_message_at = $2, active_at = $3
            WHERE channel_id = $1
            """, [thread, moment, tx.now])
    }

    /// Some of what was said is gone.
    /// - Parameter last: when the newest was said that is left.
    static func takeMessages(_ count: Int, from thread: ChannelID, last: Timestamp?, _ tx: Transaction) throws {
        try tx.execute(
            "UPDATE threads SET message_count = message_count - $2, last_message_at = $3 WHERE channel_id = $1",
            [thread, count, last])
    }

    /// It is looked at again when it could be archived next.
    static func postpone(_ thread: ChannelID, _ tx: Transaction) throws {
        try tx.execute("UPDATE threads SET active_at = $2 WHERE channel_id = $1", [thread, tx.now])
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
    static func add(_ user: UserID, to thread: Channel, _ tx: Transaction) throws -> Bool {
        guard try ThreadMemberStore.add(user, to: thread, tx) else { return false }
        try changeCount(of: thread.id, by: 1, tx)
        return true
    }

    /// - Returns: false when they were not in it.
    static func remove(_ user: UserID, from thread: ChannelID, _ tx: Transaction) throws -> Bool {
        guard try ThreadMemberStore.remove(user, from: thread, tx) else { return false }
        try changeCount(of: thread, by: -1, tx)
        return true
    }

    private static func changeCount(of thread: ChannelID, by difference: Int, _ tx: Transaction) throws {
        try tx.execute(
            "UPDATE threads SET member_count = member_count + $2 WHERE channel_id = $1", [thread, difference])
    }
}
