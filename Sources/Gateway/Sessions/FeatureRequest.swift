import Kernel
import Logging

/// What a session asks of the features.
enum FeatureRequest: Sendable {
    case members(GuildMembersRequest)
    case typingStart(ChannelID)
    case typingStop(ChannelID)
    case presence(String)

    /// Has the features do it. What they refuse is not answered: these frames have no way to say so.
    /// - Returns: the data of a GUILD_MEMBERS_CHUNK.
    func answer(
        to identity: GatewayIdentity, on connection: UInt64, _ services: Services
    ) async -> [UInt8]? {
        do {
            switch self {
            case .members(let request): return try await services.backend.members(request, for: identity)
            case .presence(let status):
                try await services.backend.presence(status, of: connection, by: identity)
            case .typingStart(let channel): try await services.backend.startsTyping(in: channel, identity)
            case .typingStop(let channel): try await services.backend.stopsTyping(in: channel, identity)
            }
        } catch is APIError {
        } catch {
            services.logger.warning("a gateway request failed", metadata: ["error": "\(error)"])
        }
        return nil
    }
}
