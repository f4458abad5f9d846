import EventLog
import HTTPTypes
import Kernel
import WebAPI

extension Typing: Feature {
    static let module: Module? = .typing

    var routes: [Route] {
        [
            .authenticated(
                .post, "/channels/{channel_id}/typing", "Show that one is typing", takes: .nothing,
                returns: Success.self, errors: Channels.access + [.permissionDenied]
            ) { caller, call in
                try await announce(in: try call.id("channel_id"), by: caller.user, hasStopped: false)
                return .success
            }
        ]
    }
}
