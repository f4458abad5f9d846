import Events
import Kernel
import Logging

/// What a session asks of the features.
enum FeatureRequest: Sendable {
    case members(GuildMembersRequest)
    case typingStart(ChannelID)
    case typingStop(ChannelID)
    case presence(String)
    case voice(VoiceRequest)

    var isVoice: Bool { if case .voice = self { true } else { false } }

    /// Has the features do it. What they refuse of anything but voice is not answered: these frames have no way to say so.
    func answer(
        to identity: GatewayIdentity, on connection: UInt64, _ services: Services
    ) async -> FeatureAnswer? {
        do {
            switch self {
            case .members(let request):
                return .event(.guildMembersChunk, try await services.backend.members(request, for: identity))
            case .presence(let status):
                try await services.backend.presence(status, of: connection, by: identity)
            case .typingStart(let channel): try await services.backend.startsTyping(in: channel, identity)
            case .typingStop(let channel): try await services.backend.stopsTyping(in: channel, identity)
            case .voice(let request):
                return try await services.backend.voice(request, of: connection, by: identity).map(
                    FeatureAnswer.listens)
            }
        } catch let error as APIError {
            if case .voice(let request) = self { return VoiceError(error, to: request).answer }
        } catch {
            services.logger.warning("a gateway request failed", metadata: ["error": "\(error)"])
            if case .voice(let request) = self { return VoiceError(.internalServerError, to: request).answer }
        }
        return nil
    }
}

/// What a session does with the answer.
enum FeatureAnswer: Sendable {
    /// Tells it its client.
    case event(EventName, [UInt8])
    /// Hears from now on what is told to an audience that is this connection alone.
    case listens(Audience)
}

extension VoiceError {
    init(_ error: APIError, to request: VoiceRequest) {
        self.init(opcode: request.opcode.rawValue, error: error, channel: request.channel)
    }

    var answer: FeatureAnswer { .event(.voiceError, jsonBytes) }
}
