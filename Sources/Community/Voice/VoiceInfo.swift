import Database
import Features
import Kernel

/// `GET /voice/channels/{id}/info`.
struct VoiceInfo: JSONObjectEncodable, Sendable {
    let channel: Channel
    let session: VoiceSessionID
    let servers: [ICEServer]
    let isEncrypted: Bool
    let mode: VoiceMode

    static let shape = JSONShape<VoiceInfo>(
        "VoiceInfo",
        .field("channel_id", \.channel.id), .field("session_id", \.session), .field("ice_servers", \.servers),
        .field("bitrate", \.channel.voice.bitrate), .field("mode", \.mode.rawValue),
        .field("e2ee", \.isEncrypted), .field("user_limit", \.channel.voice.userLimit))
}

extension Voice {
    /// - Throws: `.channelNotFound`; `.accessDenied` for a channel out of sight, or in which one has no place.
    func info(of channel: ChannelID, for user: UserID) async throws -> VoiceInfo {
        let servers = iceServers(for: user, at: parts.clock.now()).servers
        return try await parts.database.read { tx in
            let place = try Channels.place(channel, for: user, tx)
            let there = try VoiceStore.states(in: channel, tx)
            guard let own = there.first(where: { $0.user == user }) else { throw APIError.accessDenied }
            return VoiceInfo(
                channel: place.channel, session: own.id, servers: servers,
                isEncrypted: VoiceRules.isEncrypted(there, in: place.channel),
                mode: try VoiceRoomStore.room(channel, tx)?.node == nil ? .mesh : .forwarding)
        }
    }
}
