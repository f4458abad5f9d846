import Community
import HTTPTypes
import Kernel
import WebAPI

extension ScheduledMessages {
    private static let draft = JSONReader<Draft>(
        .named("ScheduledMessageDraft", .object(Messages.draftInput.properties + [sendAtProperty]))
    ) { json in
        guard let body = json.object else { return .failure(.init("must be an object")) }
        guard let seconds = body["send_at"]?.integer, (0...253_402_300_799).contains(seconds) else {
            return .failure(.init("must have send_at, in Unix seconds"))
        }
        return .success(
            Draft(
                body: Messages.draftInput.schema.declaredPart(of: json).object ?? [:],
                sendAt: Timestamp(seconds: seconds)))
    }

    private static let sendAtProperty = JSONSchema.Property("send_at", .timestamp, isRequired: true)

    private static let path = "/channels/{channel_id}/scheduled-messages"

    package var routes: [Route] {
        [
            .authenticated(
                .get, "/users/@me/scheduled-messages", "List all of one's messages that are still to be sent",
                takes: .nothing, returns: [ScheduledMessage].self
            ) { caller, _ in .ok(try await list(of: caller)) },
            .authenticated(
                .get, Self.path, "List one's messages that are still to be sent", takes: .nothing,
                returns: [ScheduledMessage].self, errors: Channels.access
            ) { caller, call in .ok(try await list(try call.id("channel_id"), of: caller)) },
            .authenticated(
                .post, Self.path, "Send a message later", takes: .body(Self.draft), returns: ScheduledMessage.self,
                statuses: [.created], errors: Channels.access + [.permissionDenied, .emptyMessage, .cannotMessageUser]
            ) { caller, call in .created(try await create(call.body, in: try call.id("channel_id"), by: caller)) }
            .limited(by: .messageSend),
            .authenticated(
                .delete, "\(Self.path)/{scheduled_id}", "Do not send a message after all", takes: .nothing,
                returns: Success.self, errors: [.invalidChannelID, .messageNotFound, .invalidInput]
            ) { caller, call in
                try await delete(try call.id("scheduled_id"), in: try call.id("channel_id"), by: caller)
                return .success
            },
        ]
    }
}
