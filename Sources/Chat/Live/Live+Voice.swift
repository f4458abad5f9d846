import Community
import Events
import Features
import Gateway
import Kernel

/// What clients want of voice, as the feature takes it.
extension Live {
    func voice(
        _ request: VoiceRequest, of connection: UInt64, by identity: GatewayIdentity
    ) async throws -> Audience? {
        try parts.configuration.require(.voice)
        let session = VoiceState.Holder(user: identity.user, login: identity.login, session: identity.session)
        switch request {
        case .state(let wanted):
            let choice = VoiceState.Choice(
                isMuted: wanted.isSelfMuted, isDeafened: wanted.isSelfDeafened, hasVideo: wanted.hasVideo,
                isStreaming: wanted.isStreaming)
            let state = try await voice.choose(
                wanted.channel, choice, as: session, on: connection, reach: identity.isBot ? .oneOfEachServer : .one)
            return state?.ownAudience
        case .connect(let wanted):
            let device = VoiceState.Device(id: wanted.device, publicKey: wanted.publicKey)
            let change = VoiceState.ChoiceChange(
                isMuted: wanted.isSelfMuted, isDeafened: wanted.isSelfDeafened)
            try await voice.connect(wanted.channel, device, change, as: session, on: connection)
        case .disconnect(let channel): try await voice.leave(channel, as: session)
        case .signal(let signal):
            let content = Self.signal(signal.kind)
            switch signal.peer {
            case .user(let peer):
                try await voice.signal(
                    content, to: peer, in: signal.channel, generation: signal.generation, by: session)
            case .publishing:
                try await voice.signalServer(
                    content, for: .publishing, in: signal.channel, generation: signal.generation, by: session)
            case .subscribing:
                try await voice.signalServer(
                    content, for: .subscribing, in: signal.channel, generation: signal.generation, by: session)
            }
        case .speaking(let channel, let speech):
            try await voice.speak(speech.rawValue, in: channel, by: session)
        case .quality: break
        case .keys(let wanted):
            try await voice.handOut(
                wanted.keys.map { Voice.SealedKey(user: $0.user, device: $0.device, sealed: $0.sealed) },
                of: wanted.epoch, in: wanted.channel, by: session)
        }
        return nil
    }

    private static func signal(_ kind: VoiceSignal.Kind) -> Voice.Signal {
        switch kind {
        case .offer(let sdp, let streams):
            .offer(sdp: sdp, streams: streams.map { (mid: $0.mid, kind: $0.kind.rawValue) })
        case .answer(let sdp): .answer(sdp: sdp)
        case .candidate(let candidate, let mid, let line): .candidate(candidate, mid: mid, line: line)
        }
    }
}
