import Features
import HTTPTypes
import Kernel
import WebAPI

/// The routes of who has a webhook's token.
extension Webhooks {
    /// Where a message stands, and whether it is wanted back.
    private struct Delivery: Sendable {
        let isAwaited: Bool
        let thread: ChannelID?
    }

    private static let deliveryInput = JSONInput(
        "WebhookDelivery", .optional("wait", .bool, default: false), .optional("thread_id", .id(ChannelID.self)),
        make: { (wait, thread) throws(APIError) in Delivery(isAwaited: wait, thread: thread) })

    private static let threadInput = JSONInput(
        "WebhookThread", .optional("thread_id", .id(ChannelID.self)), make: { (thread) throws(APIError) in thread })

    /// A picture is an upload of one's own elsewhere; here it can only be taken away.
    private static let ownChangeInput = JSONInput(
        "OwnWebhookChange",
        .replacement("name", NameRules.name(1...80)), .change("avatar_url", WebLink.reader),
        .change("avatar", WebLink.reader),
        make: { (name, avatarURL, avatar) throws(APIError) in
            if case .unchanged = avatarURL { return Change(name: name, avatarURL: avatar, channel: nil) }
            return Change(name: name, avatarURL: avatarURL, channel: nil)
        })

    private static let own: [ErrorKind] = [.invalidWebhookID, .webhookNotFound, .invalidToken]
    private static let writing = own + [.channelNotFound, .permissionDenied, .emptyMessage]
    private static let one = own + [.channelNotFound, .invalidMessageID, .messageNotFound]
    private static let path = "/webhooks/{webhook_id}/{token}"

    var writingRoutes: [Route] {
        [execution, slack, gitHub].map { $0.limited(by: .webhook) }
            + (messageRoutes + ownRoutes).map { $0.limited(by: .webhook).withoutCharset }
    }

    private var execution: Route {
        .open(
            .post, Self.path, "Write as a webhook",
            takes: .both(query: Self.deliveryInput, body: WebhookPost.input), returns: WebhookMessage?.self,
            statuses: [.noContent, .ok], errors: Self.writing
        ) { call in
            var post = call.body
            post.thread = try Self.thread(call.query.thread, post.thread)
            let message = try await execute(try call.id("webhook_id"), token: call.text("token"), post)
            return call.query.isAwaited ? .ok(WebhookMessage(message: message)) : .noContent
        }
        .withoutCharset
    }

    /// - Throws: `.invalidInput` when the address and the body name different ones.
    private static func thread(_ inQuery: ChannelID?, _ inBody: ChannelID?) throws(APIError) -> ChannelID? {
        if let inQuery, let inBody, inQuery != inBody {
            throw .invalidInput("thread_id", "is another in the address than in the body")
        }
        return inQuery ?? inBody
    }

    private var slack: Route {
        .hook(
            "\(Self.path)/slack", "Write as a webhook what was written for Slack", takes: Self.deliveryInput,
            answers: "ok", errors: Self.writing
        ) { call in
            guard var post = SlackPayload.post(call.body.json) else { throw APIError.emptyMessage }
            post.thread = call.query.thread
            _ = try await execute(try call.id("webhook_id"), token: call.text("token"), post)
        }
    }

    private var gitHub: Route {
        .hook(
            "\(Self.path)/github", "Write as a webhook what GitHub tells", takes: Self.deliveryInput,
            answers: nil, errors: Self.writing
        ) { call in
            let (id, token) = (try call.id("webhook_id", WebhookID.self), call.text("token"))
            guard let event = call.body.header("X-GitHub-Event") else {
                throw APIError.invalidInput("X-GitHub-Event", "is required")
            }
            guard var post = GitHubPayload.post(event, call.body.json) else {
                // Nothing to tell; but whose webhook it is, is looked at all the same.
                _ = try await read(id, token: token)
                return
            }
            post.thread = call.query.thread
            _ = try await execute(id, token: token, post)
        }
    }

    private var messageRoutes: [Route] {
        let path = "\(Self.path)/messages/{message_id}"
        return [
            .open(
                .get, path, "Read a message of a webhook's", takes: .query(Self.threadInput),
                returns: WebhookMessage.self,
                errors: Self.one
            ) { call in
                .ok(
                    WebhookMessage(
                        message: try await message(
                            try call.id("message_id"), in: call.query, of: try call.id("webhook_id"),
                            token: call.text("token"))))
            },
            .open(
                .patch, path, "Edit a message of a webhook's",
                takes: .both(query: Self.threadInput, body: WebhookMessageEdit.input), returns: WebhookMessage.self,
                errors: Self.one + [.permissionDenied, .emptyMessage]
            ) { call in
                .ok(
                    WebhookMessage(
                        message: try await edit(
                            try call.id("message_id"), call.body, in: call.query, of: try call.id("webhook_id"),
                            token: call.text("token"))))
            },
            .open(
                .delete, path, "Delete a message of a webhook's", takes: .query(Self.threadInput),
                returns: Success?.self,
                statuses: [.noContent], errors: Self.one + [.permissionDenied]
            ) { call in
                try await delete(
                    try call.id("message_id"), in: call.query, of: try call.id("webhook_id"), token: call.text("token"))
                return .noContent
            },
        ]
    }

    private var ownRoutes: [Route] {
        [
            .open(
                .get, Self.path, "Read a webhook with its token", takes: .nothing, returns: OwnWebhook.self,
                errors: Self.own
            ) { call in .ok(try await read(try call.id("webhook_id"), token: call.text("token"))) },
            .open(
                .patch, Self.path, "Change a webhook with its token", takes: .body(Self.ownChangeInput),
                returns: OwnWebhook.self, errors: Self.own
            ) { call in .ok(try await change(try call.id("webhook_id"), token: call.text("token"), call.body)) },
            .open(
                .delete, Self.path, "Delete a webhook with its token", takes: .nothing, returns: Success?.self,
                statuses: [.noContent], errors: Self.own
            ) { call in
                try await delete(try call.id("webhook_id"), token: call.text("token"))
                return .noContent
            },
        ]
    }
}
