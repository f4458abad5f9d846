import Community
import Features
import HTTPTypes
import Kernel
import WebAPI

extension Webhooks {
    private static let draftInput = JSONInput(
        "WebhookDraft",
        .required("channel_id", .id(ChannelID.self)),
        .required("name", NameRules.name(1...80)),
        .optional("avatar_url", WebLink.reader),
        make: { (channel, name, avatar) throws(APIError) in Draft(channel: channel, name: name, avatarURL: avatar) })

    private static let changeInput = JSONInput(
        "WebhookChange",
        .replacement("name", NameRules.name(1...80)),
        .change("avatar_url", WebLink.reader),
        .replacement("channel_id", .id(ChannelID.self)),
        make: { (name, avatar, channel) throws(APIError) in Change(name: name, avatarURL: avatar, channel: channel) })

    private static let managing: [ErrorKind] = [
        .invalidWebhookID, .webhookNotFound, .accessDenied, .permissionDenied,
    ]

    /// Where the instance is, for the address of a webhook.
    private func origin(_ client: ClientInformation) -> String {
        parts.configuration.publicURL.isEmpty ? client.origin : parts.configuration.publicURL
    }

    package var routes: [Route] {
        [
            .authenticated(
                .post, "/webhooks", "Make a webhook", takes: .body(Self.draftInput), returns: WebhookWithToken.self,
                statuses: [.created], errors: Channels.access + [.permissionDenied]
            ) { caller, call in
                .created(try await create(call.body, origin: origin(call.client), by: caller))
            },
            .authenticated(
                .get, "/servers/{server_id}/webhooks", "List a server's webhooks", takes: .nothing,
                returns: [Webhook].self, errors: Servers.access + [.permissionDenied]
            ) { caller, call in .ok(try await list(try call.id("server_id"), for: caller)) },
            .authenticated(
                .get, "/webhooks/{webhook_id}", "Read a webhook", takes: .nothing, returns: Webhook.self,
                errors: Self.managing
            ) { caller, call in .ok(try await read(try call.id("webhook_id"), for: caller)) },
            .authenticated(
                .patch, "/webhooks/{webhook_id}", "Change a webhook", takes: .body(Self.changeInput),
                returns: Webhook.self, errors: Self.managing + [.channelNotFound]
            ) { caller, call in .ok(try await change(try call.id("webhook_id"), call.body, by: caller)) },
            .authenticated(
                .delete, "/webhooks/{webhook_id}", "Delete a webhook", takes: .nothing, returns: Success.self,
                errors: Self.managing
            ) { caller, call in
                try await delete(try call.id("webhook_id"), by: caller)
                return .success
            },
            .authenticated(
                .post, "/webhooks/{webhook_id}/regenerate-token", "Give a webhook another token", takes: .nothing,
                returns: WebhookWithToken.self, errors: Self.managing
            ) { caller, call in
                .ok(try await regenerateToken(of: try call.id("webhook_id"), origin: origin(call.client), by: caller))
            },
            .authenticated(
                .get, "/channels/{channel_id}/webhooks", "List a channel's webhooks", takes: .nothing,
                returns: [Webhook].self, errors: Channels.access + [.permissionDenied]
            ) { caller, call in .ok(try await list(in: try call.id("channel_id"), for: caller)) },
        ] + writingRoutes
    }
}
