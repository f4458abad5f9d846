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
        let (state, tellings) = try await parts.database.write { tx -> (VoiceState, [VoiceTelling]) in
            guard var state = try Self.own(channel, holder, tx) else { throw Self.noPlace }
            try VoiceRules.require(device, in: try ChannelStore.channel(channel, tx))
            state.device = device
            state.choice.isMuted = change.isMuted ?? state.choice.isMuted
            state.choice.isDeafened = change.isDeafened ?? state.choice.isDeafened
            state.keptUntil = tx.now + Self.keeping
            try store(state, tx)
            let epoch = try Self.epoch(of: channel, .join, tx)
            guard case .epoch(let event, _) = epoch else { return (state, [epoch]) }
            let own = VoiceServerEvent(
                channel: channel, server: state.server, place: state.id, mode: .mesh, servers: servers,
                isEncrypted: event.isEncrypted, epoch: event.epoch)
            return (state, [.server(own, to: state.ownAudience), epoch])
        }
        seats.sit(state, on: connection)
        tell(tellings)
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

    private func description(
        _ sdp: String, _ streams: [VoiceDescriptionEvent.Stream]?, _ own: VoiceState, in channel: ChannelID,
        _ generation: Int
    ) -> VoiceDescriptionEvent {
        VoiceDescriptionEvent(
            channel: channel, server: own.server, peer: own.user, sdp: sdp, streams: streams,
            generation: generation)
    }

    /// Tells the others in a room that somebody speaks, or has ended. Whom nobody hears is not told of.
    package func speak(_ bits: Int, in channel: ChannelID, by holder: VoiceState.Holder) async throws {
        let room = try await room(channel, of: holder)
        let isHeard = !room.own.measure.isMuted && !room.own.isSuppressed
        let shown = isHeard ? room.own.hasPriority ? bits : bits & 3 : 0
        tell(
            .voiceSpeaking,
            VoiceSpeakingEvent(channel: channel, server: room.own.server, user: holder.user, speaking: shown),
            to: room.others.map(\.ownAudience))
    }
}
