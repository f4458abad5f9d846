import Community
import HTTPTypes
import Kernel
import WebAPI

extension Reactions {
    private static let pageInput = JSONInput(
        "ReactorPage",
        .optional("limit", .integer(1...100), default: 25), .optional("after", .id(UserID.self)),
        make: { (limit, after) throws(APIError) in (limit: limit, after: after) })

    private static let path = "/channels/{channel_id}/messages/{message_id}/reactions"
    private static let access = Channels.access + [.permissionDenied, .invalidMessageID, .messageNotFound]
    private static let one = access + [.invalidInput, .emojiNotFound]

    package var routes: [Route] {
        [
            .authenticated(
                .get, Self.path, "Count a message's reactions", takes: .nothing, returns: [ReactionCount].self,
                errors: Self.access
            ) { caller, call in
                .ok(try await counts(of: try call.id("message_id"), in: try call.id("channel_id"), for: caller))
            },
            .authenticated(
                .delete, Self.path, "Remove all reactions", takes: .nothing, returns: Success.self,
                errors: Self.access
            ) { caller, call in
                try await removeAll(from: try call.id("message_id"), in: try call.id("channel_id"), by: caller)
                return .success
            }
            .limited(by: .reaction),
            .authenticated(
                .get, "\(Self.path)/{emoji}", "List who reacted with an emoji", takes: .query(Self.pageInput),
                returns: [Reactor].self, errors: Self.one
            ) { caller, call in
                .ok(
                    try await reactors(
                        call.text("emoji"), of: try call.id("message_id"), in: try call.id("channel_id"),
                        after: call.query.after, limit: call.query.limit, for: caller))
            },
            .authenticated(
                .put, "\(Self.path)/{emoji}", "React", takes: .nothing, returns: Success.self,
                errors: Self.one + [.cannotMessageUser]
            ) { caller, call in
                try await add(
                    call.text("emoji"), to: try call.id("message_id"), in: try call.id("channel_id"), by: caller)
                return .success
            }
            .limited(by: .reaction),
            .authenticated(
                .delete, "\(Self.path)/{emoji}", "Take one's reaction back", takes: .nothing,
                returns: Success.self, errors: Self.one
            ) { caller, call in
                try await remove(
                    call.text("emoji"), of: caller.user, from: try call.id("message_id"),
                    in: try call.id("channel_id"), by: caller)
                return .success
            }
            .limited(by: .reaction),
            .authenticated(
                .delete, "\(Self.path)/{emoji}/{user_id}", "Remove somebody's reaction", takes: .nothing,
                returns: Success.self, errors: Self.one + [.invalidUserID]
            ) { caller, call in
                try await remove(
                    call.text("emoji"), of: try call.id("user_id"), from: try call.id("message_id"),
                    in: try call.id("channel_id"), by: caller)
                return .success
            }
            .limited(by: .reaction),
        ]
    }
}
