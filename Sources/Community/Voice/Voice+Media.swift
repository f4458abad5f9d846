import Database
import Events
import Features
import Kernel

/// The media of a place: opening them, and what devices say to each other about them.
extension Voice {
    /// What a device says to another one.
    package enum Signal: Sendable {
        case offer(sdp: String, streams: [(mid: String, kind: String)])
        case answer(sdp: String)
        case candidate(String, mid: String?, line: Int?)
    }

    /// Opens the media of a place that was taken with the same session.
    /// - Throws: `.invalidInput` where none was taken.
    package func connect(
        _ channel: ChannelID, _ device: VoiceState.Device, _ change: VoiceState.ChoiceChange,
        as holder: VoiceState.Holder, on connection: UInt64
    ) async throws {
        let servers = iceServers(for: holder.user, at: parts.clock.now()).servers
        let readiness = await readiness()
        let (state, node, tellings) = try await parts.database.write { tx -> (VoiceState, String?, [VoiceTelling]) in
            guard var state = try Self.own(channel, holder, tx) else { throw Self.noPlace }
            try VoiceRules.require(device, in: try ChannelStore.channel(channel, tx))
            state.device = device
            state.choice.isMuted = change.isMuted ?? state.choice.isMuted
            state.choice.isDeafened = change.isDeafened ?? state.choice.isDeafened
            state.keptUntil = tx.now + Self.keeping
            try store(state, tx)
            let node = try self.node(of: channel, for: holder, ifReady: readiness, tx)
            if let node, node == self.node {
                try VoiceRoomStore.lease(channel, to: node, until: tx.now + Self.lease, tx)
            }
            let epoch = try Self.epoch(of: channel, .join, tx)
            guard node == nil, case .epoch(let event, _) = epoch else { return (state, node, [epoch]) }
            let own = VoiceServerEvent(
                channel: channel, server: state.server, place: state.id, mode: .mesh, servers: servers,
                isEncrypted: event.isEncrypted, epoch: event.epoch)
            return (state, nil, [.server(own, to: state.ownAudience), epoch])
        }
        seats.sit(state, on: connection)
        // Whatever becomes of this device, the others know who is there.
        defer { tell(tellings) }
        if let node {
            try await ask(node, VoiceRoomRequest(channel: channel, place: state.id, content: .enter))
        }
    }

    static var noPlace: APIError { .invalidInput("channel_id", "is not where this session has a place") }
    static var noMedia: APIError { .invalidInput("channel_id", "is not where the media of this session are open") }

    /// The place of a session in a channel.
    static func own(_ channel: ChannelID, _ holder: VoiceState.Holder, _ tx: Transaction) throws -> VoiceState? {
        try VoiceStore.states(of: holder.user, tx).first { $0.channel == channel && $0.holder == holder }
    }

    /// The others in a room, and oneself.
    private func room(
        _ channel: ChannelID, of holder: VoiceState.Holder
    ) async throws -> (own: VoiceState, others: [VoiceState]) {
        let states = try await parts.database.read { tx in try VoiceStore.states(in: channel, tx) }
        guard let own = states.first(where: { $0.holder == holder && $0.device != nil }) else { throw Self.noMedia }
        return (own, states.filter { $0.id != own.id && $0.device != nil })
    }

    /// Hands something on to the device of somebody in the same room.
    /// - Throws: `.invalidInput` where the media are not open, `.userNotFound` for who is not there.
    package func signal(
        _ signal: Signal, to peer: UserID, in channel: ChannelID, generation: Int, by holder: VoiceState.Holder
    ) async throws {
        let room = try await room(channel, of: holder)
        guard let target = room.others.first(where: { $0.user == peer }) else { throw APIError.userNotFound }
        let devices = [target.ownAudience]
        switch signal {
        case .offer(let sdp, let streams):
            let reports = streams.map {
                VoiceDescriptionEvent.Stream(mid: $0.mid, kind: $0.kind, user: holder.user)
            }
            tell(.voiceOffer, description(sdp, reports, room.own, in: channel, generation), to: devices)
        case .answer(let sdp): tell(.voiceAnswer, description(sdp, nil, room.own, in: channel, generation), to: devices)
        case .candidate(let candidate, let mid, let line):
            let event = VoiceCandidateEvent(
                channel: channel, server: room.own.server, peer: holder.user, candidate: candidate, mid: mid,
                line: line, generation: generation)
            tell(.voiceCandidate, event, to: devices)
        }
    }

    /// Hands something on to the media server.
    /// - Throws: `.invalidInput` where the media are not open, or do not go through a server, and for what the server does not take.
    package func signalServer(
        _ signal: Signal, for side: ServerSide, in channel: ChannelID, generation: Int, by holder: VoiceState.Holder
    ) async throws {
        let (state, node) = try await parts.database.read { tx in
            (try Self.own(channel, holder, tx), try VoiceRoomStore.room(channel, tx)?.node)
        }
        guard let state, state.device != nil else { throw Self.noMedia }
        guard let node else {
            throw APIError.invalidInput("pc", "must be the id of a user, since there is no server between")
        }
        let content = try Self.content(signal, for: side, generation: generation)
        try await ask(node, VoiceRoomRequest(channel: channel, place: state.id, content: content))
    }

    /// Which of the two connections of a device with the media server.
    package enum ServerSide: Sendable {
        case publishing
        case subscribing
    }

    private static func content(
        _ signal: Signal, for side: ServerSide, generation: Int
    ) throws(APIError) -> VoiceRoomRequest.Content {
        switch (signal, side) {
        case (.offer(let sdp, let streams), .publishing):
            let kinds = Dictionary(streams.map { ($0.mid, $0.kind) }, uniquingKeysWith: { first, _ in first })
            guard kinds.count == streams.count else { throw .invalidInput("streams", "name a media section twice") }
            return .publish(sdp: sdp, kinds: kinds, attempt: generation)
        case (.answer(let sdp), .subscribing): return .accept(sdp: sdp, generation: generation)
        case (.candidate(let candidate, let mid, let line), let side):
            return .candidate(
                candidate, mid: mid, line: line, side == .publishing ? .publishing : .subscribing)
        case (.offer, .subscribing): throw .invalidInput("pc", "is offered by the server alone")
        case (.answer, .publishing): throw .invalidInput("pc", "is answered by the server alone")
        }
    }

    private func description(
        _ sdp: String, _ streams: [VoiceDescriptionEvent.Stream]?, _ own: VoiceState, in channel: ChannelID,
        _ generation: Int
    ) -> VoiceDescriptionEvent {
        VoiceDescriptionEvent(
            channel: channel, server: own.server, peer: .user(own.user), sdp: sdp, streams: streams,
            generation: generation)
    }

    /// Tells the others in a room that somebody speaks, or has ended.
    package func speak(_ bits: Int, in channel: ChannelID, by holder: VoiceState.Holder) async throws {
        let room = try await room(channel, of: holder)
        speak(bits, as: room.own, in: channel, to: room.others)
    }

    /// Whom nobody hears is not told of.
    func speak(_ bits: Int, as speaker: VoiceState, in channel: ChannelID, to others: [VoiceState]) {
        let isHeard = !speaker.measure.isMuted && !speaker.isSuppressed
        seats.quiet.hear(isHeard && bits != 0 ? .begins : .ends, of: speaker.id)
        let shown = isHeard ? speaker.hasPriority ? bits : bits & 3 : 0
        tell(
            .voiceSpeaking,
            VoiceSpeakingEvent(channel: channel, server: speaker.server, user: speaker.user, speaking: shown),
            to: others.map(\.ownAudience))
    }
}
