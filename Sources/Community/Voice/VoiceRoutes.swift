import Features
import HTTPTypes
import Kernel
import WebAPI

extension Voice {
    private static let measureInput = JSONInput(
        "VoiceMeasures",
        .replacement("mute", .bool), .replacement("deaf", .bool), .replacement("suppress", .bool),
        .change("channel_id", .id(ChannelID.self)),
        make: { (isMuted, isDeafened, isSuppressed, channel) throws(APIError) in
            Measures(isMuted: isMuted, isDeafened: isDeafened, isSuppressed: isSuppressed, channel: channel)
        })

    package var routes: [Route] {
        [
            .authenticated(
                .get, "/voice/ice-servers", "What helps to reach others in voice channels", takes: .nothing,
                returns: ICEServers.self
            ) { caller, _ in .ok(iceServers(for: caller.user, at: parts.clock.now())) },
            .authenticated(
                .get, "/voice/channels/{channel_id}/info", "How one is connected to a voice channel", takes: .nothing,
                returns: VoiceInfo.self, errors: Channels.access
            ) { caller, call in .ok(try await info(of: try call.id("channel_id"), for: caller.user)) },
            .authenticated(
                .get, "/channels/{channel_id}/voice-states", "Who is in a voice channel", takes: .nothing,
                returns: [VoiceState].self, errors: Channels.access
            ) { caller, call in .ok(try await states(in: try call.id("channel_id"), for: caller.user)) },
            .authenticated(
                .patch, "/servers/{server_id}/voice-states/{user_id}", "Mute, deafen, move or remove somebody",
                takes: .body(Self.measureInput), returns: VoiceState.self,
                errors: Servers.access + [
                    .invalidUserID, .memberNotFound, .permissionDenied, .channelNotFound, .channelIsFull,
                ]
            ) { caller, call in
                .ok(
                    try await impose(
                        call.body, on: try call.id("user_id"), in: try call.id("server_id"), by: caller))
            }
            .limited(by: .serverChange),
        ]
    }
}
