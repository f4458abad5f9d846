import Bus
import Database
import Events
import Features
import Janus
import Kernel

/// Who is in which voice channel, and what their devices say to each other.
///
/// A place is a row. It belongs to a gateway session, and stays for a while when the connection is lost: the node that has the
/// connection says every some seconds that it is still there, so that a place ends by itself with whatever held it.
package struct Voice: Sendable {
    /// How long a place is kept for a session that may be resumed, from when its node has last said that it is there.
    static let keeping = Duration.seconds(30) + VoiceSeats.interval

    /// How many may be in a channel while each sends to each.
    package static let maximumMesh = VoiceRules.maximumMesh

    let parts: Parts
    let transient: TransientEvents
    let auditLog: AuditLog
    let seats = VoiceSeats()
    let rooms: VoiceRooms
    /// What this node is called where rooms have one.
    let node: String

    /// - Parameter server: nil where there is no media server, and each device sends to each.
    init(parts: Parts, transient: TransientEvents, auditLog: AuditLog, server: JanusServer?) {
        self.parts = parts
        self.transient = transient
        self.auditLog = auditLog
        rooms = VoiceRooms(server, logger: parts.logger)
        node = transient.node?.name ?? "\(parts.ids.next() as VoiceSessionID)"
        parts.log.listen { [seats] events in seats.hear(events) }
        guard let server else { return }
        let voice = self
        server.listen { Task { await voice.reopenRooms() } }
        hearNodes()
        parts.log.listen { events in
            guard voice.rooms.hear(events, named: Self.stateUpdate) else { return }
            Task { await voice.reviewRooms(voice.rooms.takeChanged()) }
        }
    }

    // MARK: One's own place

    /// In how many channels somebody can be at a time.
    package enum Reach: Sendable {
        /// As people.
        case one
        /// As bots.
        case oneOfEachServer
    }

    /// Takes a place, changes how one is there, or leaves it.
    /// - Throws: `.channelNotFound`, `.accessDenied`, and what `VoiceRules` says.
    package func choose(
        _ channel: ChannelID?, _ choice: VoiceState.Choice, as holder: VoiceState.Holder, on connection: UInt64,
        reach: Reach
    ) async throws -> VoiceState? {
        let readiness = channel == nil ? .none : await readiness()
        let (state, tellings) = try await parts.database.write { tx -> (VoiceState?, [VoiceTelling]) in
            var tellings: [VoiceTelling] = []
            let old = try VoiceStore.states(of: holder.user, tx)
            guard let channel else {
                for state in old where reach == .one || state.holder == holder { tellings += try leave(state, tx) }
                return (nil, tellings)
            }
            let place = try Channels.place(channel, for: holder.user, tx)
            guard let server = place.channel.server else { throw APIError.moduleNotAvailable }
            let own = old.first { $0.channel == channel }
            let others = try VoiceStore.states(in: channel, tx).filter { $0.user != holder.user }
            let mode: VoiceMode =
                try node(of: channel, for: holder, ifReady: readiness, tx) == nil ? .mesh : .forwarding
            try VoiceRules.requireEntry(place, besides: others.count, insteadOf: own, by: mode)
            try VoiceRules.require(choice, in: place, besides: others)
            if var state = own, state.holder == holder {
                state.choice = choice
                state.keptUntil = tx.now + Self.keeping
                try store(state, tx)
                return (state, tellings)
            }
            for state in old where reach == .one || state.server == server { tellings += try leave(state, tx) }
            let state = try enter(place, in: server, choice, as: holder, insteadOf: own, tx)
            return (state, tellings)
        }
        tell(tellings)
        if let state { seats.sit(state, on: connection) } else { seats.rise(holder) }
        return state
    }

    private func enter(
        _ place: Place, in server: ServerID, _ choice: VoiceState.Choice, as holder: VoiceState.Holder,
        insteadOf old: VoiceState?, _ tx: Transaction
    ) throws -> VoiceState {
        let state = VoiceState(
            id: parts.ids.next(), holder: holder, server: server, channel: place.channel.id, choice: choice,
            device: nil, measure: try VoiceStore.measure(of: holder.user, in: server, tx),
            isSuppressed: try Self.isSuppressed(in: place, tx),
            hasPriority: place.permissions.contains(.voicePrioritySpeaker), wasBrought: old?.wasBrought ?? false,
            joinedAt: tx.now,
            keptUntil: tx.now + Self.keeping)
        try VoiceStore.insert(state, tx)
        Self.emit(state, in: place.channel.id, tx)
        return state
    }

    /// Leaves a channel, with this session alone.
    /// - Throws: `.invalidInput` where it has no place there.
    package func leave(_ channel: ChannelID, as holder: VoiceState.Holder) async throws {
        tell(
            try await parts.database.write { tx in
                guard let state = try Self.own(channel, holder, tx) else { throw Self.noPlace }
                return try leave(state, tx)
            })
        seats.rise(holder)
    }

    /// Writes down how somebody is there now, and tells it where that shows.
    func store(_ state: VoiceState, _ tx: Transaction) throws {
        guard let old = try VoiceStore.state(state.id, tx), let channel = state.channel else { return }
        try VoiceStore.update(state, tx)
        if old.jsonBytes != state.jsonBytes { Self.emit(state, in: channel, tx) }
    }

    static func emit(_ state: VoiceState, in channel: ChannelID, _ tx: Transaction) {
        tx.emit(.voiceStateUpdate, state, to: .channel(channel), .user(state.user))
    }

    /// Puts somebody into another channel.
    /// - Returns: what the devices that stay in the old one are told, once this is so.
    func change(_ old: VoiceState, to new: VoiceState, _ tx: Transaction) throws -> [VoiceTelling] {
        guard let from = old.channel, let channel = new.channel else { return [] }
        try VoiceStore.update(new, tx)
        tx.emit(.voiceStateUpdate, old.left, to: .channel(from))
        Self.emit(new, in: channel, tx)
        return old.device == nil ? [] : try [Self.epoch(of: from, .leave, tx)]
    }

    /// - Returns: what the devices that stay are told, once this is so.
    func leave(_ state: VoiceState, _ tx: Transaction) throws -> [VoiceTelling] {
        try Self.remove(state, tx)
        guard let channel = state.channel, state.device != nil else { return [] }
        return try [Self.epoch(of: channel, .leave, tx)]
    }

    /// Removes somebody from where they are. The devices that stay are told within a second or two, if not at once.
    static func remove(_ state: VoiceState, _ tx: Transaction) throws {
        try VoiceStore.delete(state.id, tx)
        guard let channel = state.channel else { return }
        emit(state.left, in: channel, tx)
        if state.device != nil { try VoiceRoomStore.setStale(channel, tx) }
    }

    // MARK: Reading

    /// - Throws: `.channelNotFound`, `.accessDenied`.
    func states(in channel: ChannelID, for user: UserID) async throws -> [VoiceState] {
        try await parts.database.read { tx in
            _ = try Channels.place(channel, for: user, tx)
            return try VoiceStore.states(in: channel, tx)
        }
    }

    /// Who is in those channels of some servers that somebody sees.
    static func states(seenIn places: [ServerID: [Place]], _ tx: Transaction) throws -> [ServerID: [VoiceState]] {
        let talking = places.filter { $0.value.contains { $0.channel.type == .voice } }
        let visible = Set(talking.values.joined().map(\.channel.id))
        let states = try VoiceStore.states(in: talking.keys.sorted(), tx)
        return Dictionary(grouping: states.filter { $0.channel.map(visible.contains) ?? false }, by: \.server)
    }
}
