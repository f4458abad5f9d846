import Features
import HTTPTypes
import WebAPI

/// Voice is of the contract and not of this server yet: clients that ask are told so instead of that there is nothing.
struct VoiceRoutes: Feature {
    var routes: [Route] {
        let paths: [(HTTPRequest.Method, String)] = [
            (.get, "/voice/ice-servers"),
            (.get, "/voice/channels/{channel_id}/info"),
            (.get, "/voice/doctor/{run}"),
            (.post, "/voice/doctor"),
            (.get, "/channels/{channel_id}/voice-states"),
            (.patch, "/servers/{server_id}/voice-states/{user_id}"),
            (.get, "/channels/{channel_id}/call"),
            (.post, "/channels/{channel_id}/call"),
            (.post, "/channels/{channel_id}/call/ring"),
            (.post, "/channels/{channel_id}/call/stop-ringing"),
        ]
        return paths.map { .notAvailable($0, $1) }
    }
}
