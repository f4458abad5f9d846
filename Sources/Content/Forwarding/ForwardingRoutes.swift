import Community
import HTTPTypes
import Kernel
import WebAPI

extension Forwarding {
    static let sourceInput = JSONInput(
        "ForwardSource", .required("channel_id", .id(ChannelID.self)), .required("message_id", .id(MessageID.self)),
        make: { (channel, message) throws(APIError) in Source(channel: channel, message: message) })

    private static let draftInput = JSONInput(
        "ForwardDraft",
        .required("message_id", .id(MessageID.self)), .required("target_conversation_id", .id(ChannelID.self)),
        make: { (message, target) throws(APIError) in (message: message, target: target) })

    package var routes: [Route] {
        [
            .authenticated(
                .post, "/features/forward", "Hand a message on", takes: .body(Self.draftInput),
                returns: Forwarded.self,
                errors: [
                    .messageNotFound, .channelNotFound, .accessDenied, .permissionDenied, .cannotMessageUser,
                    .rateLimited,
                ]
            ) { caller, call in
                .ok(Forwarded(message: try await forward(call.body.message, to: call.body.target, by: caller)))
            }
            .limited(by: .messageSend)
        ]
    }
}

struct Forwarded: JSONObjectEncodable {
    let message: Message

    static let shape = JSONShape<Forwarded>(
        "Forwarded", .field("success") { _ in true }, .field("forward", \.message))
}
