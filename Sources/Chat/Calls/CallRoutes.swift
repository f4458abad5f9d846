import Features
import HTTPTypes
import WebAPI

/// Calls and the doctor are of the contract and not of this server yet: clients that ask are told so instead of that there is
/// nothing.
struct CallRoutes: Feature {
    var routes: [Route] {
        let paths: [(HTTPRequest.Method, String)] = [
            (.get, "/voice/doctor/{run}"),
            (.post, "/voice/doctor"),
            (.patch, "/servers/{server_id}/voice-states/@me"),
            (.get, "/channels/{channel_id}/call"),
            (.post, "/channels/{channel_id}/call"),
            (.post, "/channels/{channel_id}/call/ring"),
            (.post, "/channels/{channel_id}/call/stop-ringing"),
        ]
        return paths.map { .notAvailable($0, $1) }
    }
}
