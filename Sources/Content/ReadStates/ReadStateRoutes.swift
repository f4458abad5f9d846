import Community
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

    private static let list = JSONReader<[(channel: ChannelID, message: MessageID?)]>.array(
        of: .object(itemInput), count: 1...maximumAtOnce)

    /// A list of channels, or a map from each to the last message that was read in it.
    private static let bulk = JSONReader<[(channel: ChannelID, message: MessageID?)]>(
        .either(.object([.init("channels", list.schema, isRequired: true)]), .map(of: .writtenIdentifier))
    ) { json in
        guard let members = json.object else { return .failure(.init("must be an object")) }
        do throws(APIError) {
            if let channels = members["channels"] { return .success(try list.value(of: channels, named: "channels")) }
            guard (1...maximumAtOnce).contains(members.count) else {
                return .failure(.init("must name 1 to \(maximumAtOnce) channels"))
            }
            var items: [(channel: ChannelID, message: MessageID?)] = []
            for channel in members.keys.sorted() {
                let message = JSONReader.id(MessageID.self)
                items.append(
                    (
                        try ChannelID(parsing: channel),
                        members[channel] == .null
                            ? nil
                            : try members[channel].map { json throws(APIError) in
                                try message.value(of: json, named: channel)
                            }
                    ))
            }
            return .success(items)
        } catch {
            return .failure(.init(error.details.first?.message ?? error.message))
        }
    }

    private static let maximumAtOnce = 100

    private static let access = Channels.access + [.permissionDenied]

    package var routes: [Route] {
        [
            .authenticated(
                .get, "/users/@me/unread", "What is unread, in all channels", takes: .nothing,
                returns: UnreadReport.self
            ) { caller, _ in .ok(try await unread(of: caller)) },
            .authenticated(
                .post, "/channels/ack/bulk", "Mark several channels as read", takes: .body(Self.bulk),
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
