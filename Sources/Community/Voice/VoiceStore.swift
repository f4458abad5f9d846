import Database
import Kernel

/// The rows of who is in voice channels, and of what was imposed on whom.
enum VoiceStore {
    private static let shape = RowShape<VoiceState> { row in
        VoiceState(
            id: row["id", \.id],
            holder: VoiceState.Holder(
                user: row["user_id", \.user], login: row["login", \.holder.login],
                session: row["gateway_session", \.holder.session]),
            server: row["server_id", \.server], channel: row["channel_id", \.channel],
            choice: VoiceState.Choice(
                isMuted: row["self_mute", \.choice.isMuted], isDeafened: row["self_deaf", \.choice.isDeafened],
                hasVideo: row["self_video", \.choice.hasVideo], isStreaming: row["self_stream", \.choice.isStreaming]),
            device: device(id: row["device", \.device?.id], key: row["public_key", \.device?.publicKey]),
            measure: VoiceMeasure(
                isMuted: row["mute", \.measure.isMuted], isDeafened: row["deaf", \.measure.isDeafened]),
            isSuppressed: row["suppress", \.isSuppressed], hasPriority: row["priority_speaker", \.hasPriority],
            wasBrought: row["was_brought", \.wasBrought], joinedAt: row["joined_at", \.joinedAt],
            keptUntil: row["kept_until", \.keptUntil])
    }

    private static func device(id: String?, key: String?) -> VoiceState.Device? {
        id.map { VoiceState.Device(id: $0, publicKey: key) }
    }

    static func insert(_ state: VoiceState, _ tx: Transaction) throws {
        try tx.execute(
            "INSERT INTO voice_states (\(shape.stored)) VALUES (\(shape.placeholders))", shape.values(of: state))
    }

    static func update(_ state: VoiceState, _ tx: Transaction) throws {
        try tx.execute(
            """
            UPDATE voice_states SET self_mute = $2, self_deaf = $3, self_video = $4, self_stream = $5, device = $6,
                public_key = $7, mute = $8, deaf = $9, suppress = $10, priority_speaker = $11, kept_until = $12,
                channel_id = $13, was_brought = $14
            WHERE id = $1
            """,
            [
                state.id, state.choice.isMuted, state.choice.isDeafened, state.choice.hasVideo,
                state.choice.isStreaming, state.device?.id, state.device?.publicKey, state.measure.isMuted,
                state.measure.isDeafened, state.isSuppressed, state.hasPriority, state.keptUntil, state.channel,
                state.wasBrought,
            ])
    }

    static func delete(_ id: VoiceSessionID, _ tx: Transaction) throws {
        try tx.execute("DELETE FROM voice_states WHERE id = $1", [id])
    }

    static func state(_ id: VoiceSessionID, _ tx: Transaction) throws -> VoiceState? {
        try tx.first("SELECT \(shape.columns) FROM voice_states WHERE id = $1", [id], as: shape)
    }

    /// Where somebody is: people in one channel, bots in one of each server. Uses `voice_states_by_user`.
    static func states(of user: UserID, _ tx: Transaction) throws -> [VoiceState] {
        try tx.all("SELECT \(shape.columns) FROM voice_states WHERE user_id = $1 ORDER BY id", [user], as: shape)
    }

    /// Who is in a channel, in the order in which they came. Uses `voice_states_by_channel`.
    static func states(in channel: ChannelID, _ tx: Transaction) throws -> [VoiceState] {
        try tx.all("SELECT \(shape.columns) FROM voice_states WHERE channel_id = $1 ORDER BY id", [channel], as: shape)
    }

    /// Who is in any channel of some servers. Uses `voice_states_by_server`.
    static func states(in servers: [ServerID], _ tx: Transaction) throws -> [VoiceState] {
        guard !servers.isEmpty else { return [] }
        return try tx.all(
            "SELECT \(shape.columns) FROM voice_states WHERE server_id = ANY ($1) ORDER BY id", [SQLList(servers)],
            as: shape)
    }

    // MARK: Time

    /// Holds places of which the connections are there.
    /// - Returns: those that are there still.
    static func keep(_ ids: [VoiceSessionID], until end: Timestamp, _ tx: Transaction) throws -> [VoiceSessionID] {
        try tx.all(
            "UPDATE voice_states SET kept_until = $2 WHERE id = ANY ($1) RETURNING id", [SQLList(ids), end]
        ) { $0.id(0) }
    }

    /// Some of which nobody has said lately that their connections are there. Uses `voice_states_by_end`.
    static func overdue(limit: Int, _ tx: Transaction) throws -> [VoiceState] {
        try tx.all(
            "SELECT \(shape.columns) FROM voice_states WHERE kept_until < $1 ORDER BY kept_until LIMIT $2",
            [tx.now, limit], as: shape)
    }

    // MARK: Measures

    private static let measure = RowShape<VoiceMeasure> { row in
        VoiceMeasure(isMuted: row["mute", \.isMuted], isDeafened: row["deaf", \.isDeafened])
    }

    static func measure(of user: UserID, in server: ServerID, _ tx: Transaction) throws -> VoiceMeasure {
        try tx.first(
            "SELECT \(measure.columns) FROM voice_measures WHERE server_id = $1 AND user_id = $2", [server, user],
            as: measure) ?? .none
    }

    static func set(_ new: VoiceMeasure, of user: UserID, in server: ServerID, _ tx: Transaction) throws {
        if new == .none {
            return try tx.execute(
                "DELETE FROM voice_measures WHERE server_id = $1 AND user_id = $2", [server, user])
        }
        try tx.execute(
            """
            INSERT INTO voice_measures (server_id, user_id, mute, deaf) VALUES ($1, $2, $3, $4)
            ON CONFLICT (server_id, user_id) DO UPDATE SET mute = excluded.mute, deaf = excluded.deaf
            """, [server, user, new.isMuted, new.isDeafened])
    }
}
