import Community
import Features
import HTTPTypes
import Kernel
import People
import WebAPI

extension RecentChats {
    private static let draftInput = JSONInput(
        "RecentChatDraft",
        .optional("channel_id", .id(ChannelID.self)), .optional("conversation_id", .id(ChannelID.self)),
        .optional("last_message_id", .id(MessageID.self)),
        .optional("scroll_position", .integer(0...1_000_000_000), default: 0),
        make: { (channel, conversation, message, position) throws(APIError) in
            guard let channel = channel ?? conversation else { throw .invalidInput("channel_id", "is required") }
            return Draft(channel: channel, lastMessage: message, scrollPosition: position)
        })

    private static let pageInput = JSONInput(
        "RecentChatPage", .optional("limit", .integer(1...50), default: 10),
        make: { (limit) throws(APIError) in limit })

    package var routes: [Route] {
        ["/users/@me/last-chat", "/features/users/@me/last-chat"].flatMap(lastChat) + [
            .authenticated(
                .get, "/users/@me/recent-chats", "Where one was, the last first", takes: .query(Self.pageInput),
                returns: ListedChats.self
            ) { caller, call in .ok(ListedChats(chats: try await list(call.query, of: caller))) }
        ]
    }

    /// They are reachable under two paths.
    private func lastChat(_ path: String) -> [Route] {
        [
            .authenticated(.get, path, "Where one was last", takes: .nothing, returns: LastChat.self) { caller, _ in
                .ok(LastChat(chat: try await last(of: caller)))
            },
            .authenticated(
                .put, path, "Say where one is", takes: .body(Self.draftInput), returns: LastChat.self,
                errors: Channels.access
            ) { caller, call in .ok(LastChat(chat: try await enter(call.body, by: caller))) }
            .limited(by: .settings),
        ]
    }
}
