import Community
import Events
import Features
import HTTPTypes
import Kernel
import WebAPI

extension Typing: Feature {
    package static let module: Module? = .typing

    package var routes: [Route] {
        [
            .authenticated(
                .post, "/channels/{channel_id}/typing", "Show that one is typing", takes: .nothing,
                returns: Success.self, errors: Channels.access + [.permissionDenied]
            ) { caller, call in
                try await start(in: try call.id("channel_id"), by: caller.user)
                return .success
            }
        ]
    }
}
