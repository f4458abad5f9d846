import Database
import Kernel

/// A voice channel as a room for media.
struct VoiceRoom: Sendable, Equatable {
    /// Counts the changes of who is in it, for good: no epoch comes twice.
    let epoch: Int
    /// The node whose media server has it; nil where each device sends to each.
    let node: String?
    /// Until then nobody else's, unless that is said again.
    let leasedUntil: Timestamp
}

/// The rows of rooms.
enum VoiceRoomStore {
    private static let shape = RowShape<VoiceRoom> { row in
        VoiceRoom(
            epoch: row["epoch", \.epoch], node: row["node", \.node],
            leasedUntil: row["leased_until", \.leasedUntil])
    }

    static func room(_ channel: ChannelID, _ tx: Transaction) throws -> VoiceRoom? {
        try tx.first("SELECT \(shape.columns) FROM voice_rooms WHERE channel_id = $1", [channel], as: shape)
    }

    static func beginEpoch(of channel: ChannelID, _ tx: Transaction) throws -> Int {
        try tx.first(
            """
            INSERT INTO voice_rooms (channel_id, epoch, is_stale) VALUES ($1, 1, $2)
            ON CONFLICT (channel_id) DO UPDATE SET epoch = voice_rooms.epoch + 1, is_stale = excluded.is_stale
            RETURNING epoch
            """, [channel, false]
        ) { $0.int(0) } ?? 1
    }

    /// Somebody has left a room of whom those who stay were not told.
    static func setStale(_ channel: ChannelID, _ tx: Transaction) throws {
        try tx.execute("UPDATE voice_rooms SET is_stale = $2 WHERE channel_id = $1", [channel, true])
    }

    /// Uses `voice_rooms_stale`.
    static func stale(limit: Int, _ tx: Transaction) throws -> [ChannelID] {
        try tx.all("SELECT channel_id FROM voice_rooms WHERE is_stale LIMIT $1", [limit]) { $0.id(0) }
    }

    // MARK: Nodes

    static func lease(_ channel: ChannelID, to node: String, until end: Timestamp, _ tx: Transaction) throws {
        try tx.execute(
            """
            INSERT INTO voice_rooms (channel_id, epoch, is_stale, node, leased_until) VALUES ($1, 0, $2, $3, $4)
            ON CONFLICT (channel_id) DO UPDATE SET node = excluded.node, leased_until = excluded.leased_until
            """, [channel, false, node, end])
    }

    /// Nobody is in it any more.
    static func release(_ channel: ChannelID, _ tx: Transaction) throws {
        try tx.execute("UPDATE voice_rooms SET node = NULL WHERE channel_id = $1 AND node IS NOT NULL", [channel])
    }

    /// - Returns: those that are this node's still.
    static func renew(
        _ channels: [ChannelID], of node: String, until end: Timestamp, _ tx: Transaction
    ) throws -> [ChannelID] {
        try tx.all(
            """
            UPDATE voice_rooms SET leased_until = $3 WHERE channel_id = ANY ($1) AND node = $2 RETURNING channel_id
            """, [SQLList(channels), node, end]
        ) { $0.id(0) }
    }

    /// Those whose node has not said for a while that it is there. Uses `voice_rooms_by_lease`.
    static func abandoned(before time: Timestamp, limit: Int, _ tx: Transaction) throws -> [ChannelID] {
        try tx.all(
            """
            SELECT channel_id FROM voice_rooms WHERE node IS NOT NULL AND leased_until < $1
            ORDER BY leased_until LIMIT $2
            """, [time, limit]
        ) { $0.id(0) }
    }
}
