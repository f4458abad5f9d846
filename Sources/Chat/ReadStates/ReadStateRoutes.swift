import HTTPTypes
import Kernel
import WebAPI

extension ReadStates {
    private static let ackInput = JSONInput(
        "AcknowledgeQuery", .optional("message_id", .id(MessageID.self)),
        make: { (message) throws(APIError) in message })

    private static let unreadInput = JSONInput(
        "MarkUnread", .required("message_id", .id(MessageID.self)), make: { (message) throws(APIError) in message })

    private static let itemInput = JSONInput(
        "AcknowledgeItem",
        .required("channel_id", .id(ChannelID.self)), .optional("message_id", .id(MessageID.self)),
        make: { (channel, message) throws(APIError) in (channel: channel, message: message) })

    private static let bulkInput = JSONInput(
        "AcknowledgeBulk", .required("channels", .array(of: .object(itemInput), count: 1...100)),
        make: { (items) throws(APIError) in items })

    private static let access = Channels.access + [.permissionDenied]

    var routes: [Route] {
        [
            .authenticated(
                .get, "/users/@me/unread", "What is unread, in all channels", takes: .nothing,
                returns: UnreadReport.self
            ) { caller, _ in .ok(try await unread(of: caller)) },
            .authenticated(
                .post, "/channels/ack/bulk", "Mark several channels as read", takes: .body(Self.bulkInput),
                returns: Acknowledgement.self, errors: Self.access + [.messageNotFound]
            ) { caller, call in .ok(try await acknowledge(call.body, by: caller)) },
            .authenticated(
                .post, "/channels/{channel_id}/messages/ack", "Mark a channel as read, up to a message or all of it",
                takes: .query(Self.ackInput), returns: Acknowledgement.self, errors: Self.access + [.messageNotFound]
            ) { caller, call in
                .ok(try await acknowledge(call.query, in: try call.id("channel_id"), by: caller))
            },
            .authenticated(
                .post, "/channels/{channel_id}/messages/mark-unread", "Mark a message and what follows as unread",
                takes: .body(Self.unreadInput), returns: ReadState.self, errors: Self.access + [.messageNotFound]
            ) { caller, call in
                .ok(try await markUnread(call.body, in: try call.id("channel_id"), by: caller))
            },
            .authenticated(
                .get, "/channels/{channel_id}/messages/unread", "What is unread in a channel", takes: .nothing,
                returns: ReadState.self, errors: Self.access
            ) { caller, call in .ok(try await state(of: try call.id("channel_id"), for: caller)) },
            .authenticated(
                .post, "/servers/{server_id}/messages/read-all", "Mark a whole server as read", takes: .nothing,
                returns: Acknowledgement.self, errors: Servers.access
            ) { caller, call in .ok(try await acknowledgeAll(in: try call.id("server_id"), by: caller)) },
        ]
    }
}
