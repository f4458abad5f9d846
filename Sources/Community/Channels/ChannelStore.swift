import Database
import Events
import Features
import Kernel

package enum ChannelStore {
    package static let shape = RowShape<Channel> { row in
        Channel(
            id: row["id", \.id], server: row["server_id", \.server], name: row["name", \.name],
            type: try row.knownWord("type", \.type), topic: row["topic", \.topic],
            position: row["position", \.position], category: row["category_id", \.category], nsfw: row["nsfw", \.nsfw],
            slowmode_s: row["slowmode_seconds", \.slowmode_s], forwarding: row["forwarding", \.forwarding],
            createdAt: row["created_at", \.createdAt],
            lastMessage: row["last_message_id"], newestMessage: row["newest_message_id"],
            messagesRevision: row["revision"],
            owner: row["owner_id", \.owner],
            defaultAutoArchive_min: row["default_auto_archive_minutes", \.defaultAutoArchive_min],
            readReceipts: row["read_receipts", \.readReceipts],
            voice: VoiceSettings(
                bitrate: row["bitrate", \.voice.bitrate], userLimit: row["user_limit", \.voice.userLimit],
                videoLimit: row["video_limit", \.voice.videoLimit],
                encryption: try row.knownWord("e2ee", \.voice.encryption)),
            thread: try row.partIfAny(thread, of: "t"))
    }

    package static let thread = RowShape<ThreadState> { row in
        ThreadState(
            parent: row["parent_id", \.parent], message: row["message_id", \.message],
            isPrivate: row["is_private", \.isPrivate], isInvitable: row["is_invitable", \.isInvitable],
            isArchived: row["archived", \.isArchived], isLocked: row["locked", \.isLocked],
            autoArchive_min: row["auto_archive_minutes", \.autoArchive_min],
            archivedAt: row["archived_at", \.archivedAt], memberCount: row["member_count"],
            messageCount: row["message_count"], lastMessageAt: row["last_message_at"])
    }

    package static let columns = shape.columns(of: "c")

    static let tables: StaticSQL = "channels c LEFT JOIN threads t ON t.channel_id = c.id"

    package static func insert(_ channel: Channel, _ tx: Transaction) throws {
        try tx.execute(
            "INSERT INTO channels (\(shape.stored)) VALUES (\(shape.placeholders))", shape.values(of: channel))
    }

    package static func channel(_ id: ChannelID, _ tx: Transaction) throws -> Channel? { try tx.ask(channel(id)) }

    package static func channel(_ id: ChannelID) -> Query<Channel?> {
        .first("SELECT \(columns) FROM \(tables) WHERE c.id = $1 AND c.deleted_at IS NULL", [id], as: shape)
    }

    /// In the order in which they are shown, with their overwrites, without threads. Uses `channels_listed`.
    static func channels(of server: ServerID, _ tx: Transaction) throws -> [Channel] {
        try channels(of: [server], tx)
    }

    /// Those of several servers, in each by their places.
    static func channels(of servers: [ServerID], _ tx: Transaction) throws -> [Channel] {
        guard !servers.isEmpty else { return [] }
        let overwrites = try overwrites(in: servers, tx)
        return try tx.all(
            """
            SELECT \(columns) FROM \(tables)
            WHERE c.server_id = ANY ($1) AND c.type <> 'thread' AND c.deleted_at IS NULL ORDER BY c.position, c.id
            """,
            [SQLList(servers)], as: shape
        ).map { channel in
            var channel = channel
            channel.overwrites = overwrites[channel.id] ?? []
            return channel
        }
    }

    package static func update(_ channel: Channel, _ tx: Transaction) throws {
        try tx.execute(
            """
            UPDATE channels SET name = $2, topic = $3, position = $4, category_id = $5, nsfw = $6, slowmode_seconds = $7,
                owner_id = $8, forwarding = $9, default_auto_archive_minutes = $10, read_receipts = $11,
                bitrate = $12, user_limit = $13, video_limit = $14, e2ee = $15
            WHERE id = $1
            """,
            [
                channel.id, channel.name, channel.topic, channel.position, channel.category, channel.nsfw,
                channel.slowmode_s, channel.owner, channel.forwarding, channel.defaultAutoArchive_min,
                channel.readReceipts, channel.voice.bitrate, channel.voice.userLimit, channel.voice.videoLimit,
                channel.voice.encryption.rawValue,
            ])
    }

    /// Whoever sends later in the same transaction need not see it: no identifier of this node is smaller than an earlier one of it.
    package static func setLastMessage(_ message: MessageID, of channel: ChannelID, _ tx: Transaction) throws {
        try tx.execute(
            "UPDATE channels SET last_message_id = $2, newest_message_id = $2 WHERE id = $1", [channel, message],
            changingOnly: .none)
    }

    /// The channel disappears at once, with its threads; the messages are removed step by step by the upkeep.
    package static func markDeleted(_ channel: ChannelID, _ features: FeatureList, _ tx: Transaction) throws {
        try tx.execute(
            """
            UPDATE channels SET deleted_at = $2
            WHERE id = $1 OR id IN (SELECT channel_id FROM threads WHERE parent_id = $1)
            """,
            [channel, tx.now])
        try features.channelDisappears(channel, tx)
    }

    /// Those of a server that disappears.
    static func markDeleted(in server: ServerID, _ tx: Transaction) throws {
        try tx.execute(
            "UPDATE channels SET deleted_at = $2 WHERE server_id = $1 AND deleted_at IS NULL", [server, tx.now])
    }

    /// A deleted channel of which something is left. Uses `channels_deleted`.
    static func deleted(_ tx: Transaction) throws -> ChannelID? {
        try tx.first(
            """
            SELECT id FROM channels WHERE deleted_at IS NOT NULL AND \(SetAsideStore.none(of: .channel, "CAST(id AS TEXT)"))
            LIMIT 1
            """, [tx.now]
        ) { $0.id(0) }
    }

    static func delete(_ channel: ChannelID, _ tx: Transaction) throws {
        try tx.execute("DELETE FROM channels WHERE id = $1", [channel])
    }

    /// Those of `ids` that are there.
    package static func present(_ ids: [Int64], _ tx: Transaction) throws -> [Int64] {
        try tx.all("SELECT id FROM channels WHERE id = ANY ($1) AND deleted_at IS NULL", [SQLList(ids)]) {
            $0.integer(0)
        }
    }

    // MARK: Participants

    static func add(_ user: UserID, to channel: ChannelID, isOpen: Bool, _ tx: Transaction) throws {
        try tx.execute(
            """
            INSERT INTO participants (channel_id, user_id, is_open, joined_at) VALUES ($1, $2, $3, $4)
            ON CONFLICT (channel_id, user_id) DO NOTHING
            """,
            [channel, user, isOpen, tx.now])
    }

    static func remove(_ user: UserID, from channel: ChannelID, _ tx: Transaction) throws {
        try tx.execute("DELETE FROM participants WHERE channel_id = $1 AND user_id = $2", [channel, user])
    }

    package static func joinedAt(_ user: UserID, _ channel: ChannelID, _ tx: Transaction) throws -> Timestamp? {
        try tx.first(
            "SELECT joined_at FROM participants WHERE channel_id = $1 AND user_id = $2", [channel, user]
        ) { $0.timestamp(0) }
    }

    /// When they came to it.
    static func arrivals(
        in channel: ChannelID, among users: [UserID], _ tx: Transaction
    ) throws -> [UserID: Timestamp] {
        let rows = try tx.all(
            "SELECT user_id, joined_at FROM participants WHERE channel_id = $1 AND user_id = ANY ($2)",
            [channel, SQLList(users)]
        ) { ($0.id(0, UserID.self), $0.timestamp(1)) }
        return Dictionary(uniqueKeysWithValues: rows)
    }

    static func participants(of channel: ChannelID, _ tx: Transaction) throws -> [UserID] {
        try tx.all("SELECT user_id FROM participants WHERE channel_id = $1 ORDER BY user_id", [channel]) { $0.id(0) }
    }

    /// Shows the channel to all of its participants.
    /// - Returns: those to whom it was not shown before.
    static func open(_ channel: ChannelID, _ tx: Transaction) throws -> [UserID] {
        try tx.all(
            "UPDATE participants SET is_open = $2 WHERE channel_id = $1 AND NOT is_open RETURNING user_id",
            [channel, true]
        ) { $0.id(0) }
    }

    /// - Returns: the user, when it was closed for them.
    static func open(_ channel: ChannelID, for user: UserID, _ tx: Transaction) throws -> [UserID] {
        try tx.all(
            """
            UPDATE participants SET is_open = $3 WHERE channel_id = $1 AND user_id = $2 AND NOT is_open
            RETURNING user_id
            """, [channel, user, true]
        ) { $0.id(0) }
    }

    /// The private channels that a user is in, the ones with the newest messages first. Uses `participants_by_user`.
    package static func privateChannels(of user: UserID, _ tx: Transaction) throws -> [Channel] {
        try tx.all(
            """
            SELECT \(columns) FROM participants p JOIN channels c ON c.id = p.channel_id
                LEFT JOIN threads t ON t.channel_id = c.id
            WHERE p.user_id = $1 AND p.is_open AND c.deleted_at IS NULL
            ORDER BY COALESCE(c.last_message_id, c.id) DESC
            """,
            [user], as: shape)
    }

    static func participants(of channels: [ChannelID], _ tx: Transaction) throws -> [ChannelID: [UserID]] {
        guard !channels.isEmpty else { return [:] }
        let rows = try tx.all(
            "SELECT channel_id, user_id FROM participants WHERE channel_id = ANY ($1) ORDER BY user_id",
            [SQLList(channels)]
        ) { ($0.id(0, ChannelID.self), $0.id(1, UserID.self)) }
        return Dictionary(grouping: rows, by: \.0).mapValues { $0.map(\.1) }
    }

    // MARK: Overwrites

    private static let overwrite = RowShape<(channel: ChannelID, overwrite: PermissionOverwrite)> { row in
        let channel: ChannelID = row["channel_id"]
        let (number, isRole): (Int64, Bool) = (row["subject_id"], row["is_role"])
        let subject: PermissionOverwrite.Subject =
            isRole ? .role(RoleID(rawValue: number)) : .member(UserID(rawValue: number))
        return (channel, PermissionOverwrite(subject, allow: row["allow"], deny: row["deny"]))
    }

    /// Uses `overwrites_by_subject`.
    static func channels(withOverwriteOf user: UserID, _ tx: Transaction) throws -> [ChannelID] {
        try tx.all("SELECT channel_id FROM overwrites WHERE subject_id = $1 AND NOT is_role", [user]) { $0.id(0) }
    }

    static func overwrites(of channels: [ChannelID], _ tx: Transaction) throws -> [ChannelID: [PermissionOverwrite]] {
        try tx.ask(overwrites(of: channels))
    }

    static func overwrites(of channels: [ChannelID]) -> Query<[ChannelID: [PermissionOverwrite]]> {
        Query.all(
            """
            SELECT \(overwrite.columns) FROM overwrites WHERE channel_id = ANY ($1) ORDER BY subject_id
            """,
            [SQLList(channels)], as: overwrite
        ).map { rows in Dictionary(grouping: rows, by: \.channel).mapValues { $0.map(\.overwrite) } }
    }

    private static func overwrites(
        in servers: [ServerID], _ tx: Transaction
    ) throws -> [ChannelID: [PermissionOverwrite]] {
        let rows = try tx.all(
            """
            SELECT \(overwrite.columns(of: "o"))
            FROM channels c JOIN overwrites o ON o.channel_id = c.id
            WHERE c.server_id = ANY ($1) AND c.type <> 'thread' ORDER BY o.subject_id
            """,
            [SQLList(servers)], as: overwrite)
        return Dictionary(grouping: rows, by: \.channel).mapValues { $0.map(\.overwrite) }
    }

    private static func set(_ overwrite: PermissionOverwrite, of channel: ChannelID, _ tx: Transaction) throws {
        let isRole = if case .role = overwrite.subject { true } else { false }
        try tx.execute(
            """
            INSERT INTO overwrites (channel_id, subject_id, is_role, allow, deny) VALUES ($1, $2, $3, $4, $5)
            ON CONFLICT (channel_id, subject_id) DO UPDATE SET allow = excluded.allow, deny = excluded.deny
            """,
            [channel, overwrite.subject.number, isRole, overwrite.allow, overwrite.deny])
    }

    /// Gives a new channel its overwrites.
    static func add(_ overwrites: [PermissionOverwrite], to channel: ChannelID, _ tx: Transaction) throws {
        for overwrite in overwrites { try set(overwrite, of: channel, tx) }
    }

    /// Makes these the overwrites of a channel, and writes only what is new.
    static func setOverwrites(_ overwrites: [PermissionOverwrite], of channel: ChannelID, _ tx: Transaction) throws {
        let old = try self.overwrites(of: [channel], tx)[channel] ?? []
        let wanted = Set(overwrites)
        let subjects = Set(overwrites.map(\.subject))
        for overwrite in old where !subjects.contains(overwrite.subject) {
            try removeOverwrite(of: overwrite.subject.number, from: channel, tx)
        }
        for overwrite in wanted.subtracting(old) { try set(overwrite, of: channel, tx) }
    }

    private static func removeOverwrite(of subject: Int64, from channel: ChannelID, _ tx: Transaction) throws {
        try tx.execute("DELETE FROM overwrites WHERE channel_id = $1 AND subject_id = $2", [channel, subject])
    }
}
