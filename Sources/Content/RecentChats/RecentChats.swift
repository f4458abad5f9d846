import Community
import Database
import Events
import Features
import Kernel

/// Where somebody was last, so that another device goes on from there.
struct RecentChats: Sendable {
    static let cap = Cap("recent chats", per: .person, 50, .oldestGoes)

    let parts: Parts

    struct Draft: Sendable {
        let channel: ChannelID
        let lastMessage: MessageID?
        let scrollPosition: Int
    }

    /// - Throws: `.channelNotFound`, `.accessDenied`.
    func enter(_ draft: Draft, by caller: Caller) async throws -> RecentChat {
        try await parts.database.write { tx in
            let place = try Channels.place(draft.channel, for: caller.user, tx)
            let chat = RecentChat(
                channel: draft.channel, server: place.channel.server, lastMessage: draft.lastMessage,
                scrollPosition: draft.scrollPosition, accessedAt: tx.now)
            try RecentChatStore.set(chat, of: caller.user, tx)
            try RecentChatStore.trim(of: caller.user, to: Self.cap.maximum, tx)
            tx.emit(.recentChatsUpdate, chat, about: place.subject, to: .user(caller.user))
            return chat
        }
    }

    /// Where one was, without what one can't see any more.
    private static func visible(of user: UserID, limit: Int, _ tx: Transaction) throws -> [(RecentChat, Place)] {
        var visible: [(RecentChat, Place)] = []
        for var chat in try RecentChatStore.chats(of: user, tx) where visible.count < limit {
            let place: Place
            do {
                place = try Channels.place(chat.channel, for: user, tx)
            } catch is APIError {
                continue
            }
            chat.server = place.channel.server
            visible.append((chat, place))
        }
        return visible
    }

    func last(of caller: Caller) async throws -> RecentChat? {
        try await parts.database.read { tx in try Self.visible(of: caller.user, limit: 1, tx).first?.0 }
    }

    func list(_ limit: Int, of caller: Caller) async throws -> [ListedChat] {
        try await parts.database.read { tx in
            try Self.visible(of: caller.user, limit: limit, tx).map { chat, place in
                let canRead = place.permissions.contains(.messagesRead)
                let unread = canRead ? try ReadStates.state(of: place, for: caller.user, tx).unread : 0
                return ListedChat(chat: chat, channel: place.channel, unread: unread)
            }
        }
    }
}
