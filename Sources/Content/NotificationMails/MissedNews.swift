import Community
import Database
import Kernel
import People

/// What somebody has missed, as a mail tells it: looked for when the mail is written, with no more than they may see then.
struct MissedNews: Sendable {
    /// So much of each kind stands in a mail; of the rest only how much it is.
    static let longestList = 20
    private static let longestText = 200

    /// A message, or a conversation with its newest one.
    struct Item: Sendable {
        let who: String
        /// The channel, with its server.
        let place: String?
        let text: String?
        let count: Int
        let path: String
    }

    /// How much is unread in a server.
    struct Rest: Sendable {
        let server: String
        let count: Int
        let path: String
    }

    var mentions: [Item] = []
    var conversations: [Item] = []
    var servers: [Rest] = []
    /// What there is besides that fits no list.
    var left = 0

    var isEmpty: Bool { mentions.isEmpty && conversations.isEmpty && servers.isEmpty }

    /// Mentions and private messages of a time that are unread.
    /// - Parameters:
    ///   - since: when they were written to last.
    ///   - until: who may still be reading what came later is not told of it.
    static func missed(by user: UserID, since: Timestamp, until: Timestamp, _ tx: Transaction) throws -> MissedNews {
        let reader = try Reader(user, tx)
        let all = try mentions(of: reader, since: since, until: until, tx)
        let private_ = try conversations(of: reader, since: since, until: until, tx)
        var news = MissedNews()
        news.mentions = Array(all.prefix(longestList))
        news.conversations = Array(private_.prefix(longestList))
        news.left = all.count - news.mentions.count + private_.count - news.conversations.count
        return news
    }

    /// The same, and how much is unread elsewhere.
    static func digest(for user: UserID, since: Timestamp, until: Timestamp, _ tx: Transaction) throws -> MissedNews {
        var news = try missed(by: user, since: since, until: until, tx)
        news.servers = try servers(of: Reader(user, tx), since: since, tx)
        return news
    }

    // MARK: Looking

    private struct Reader {
        let user: UserID
        let blocked: Set<UserID>
        let wishes: NotificationWishes
        let showsTexts: Bool

        init(_ user: UserID, _ tx: Transaction) throws {
            self.user = user
            blocked = Set(try RelationshipStore.others(of: user, .blocked, tx))
            wishes = try NotificationSettings.wishes(of: user, tx)
            showsTexts = try NotificationSettings.preferences(of: user, tx).preview == .full
        }

        func attention(to channel: Channel, _ tx: Transaction) throws -> Attention {
            let parent = try channel.thread.flatMap { try ChannelStore.channel($0.parent, tx) }
            return wishes.attention(to: channel, in: parent, at: tx.now)
        }

        func text(of message: Message, in channel: Channel, _ tx: Transaction) throws -> String? {
            guard showsTexts, let content = message.content, try !PushNews.isForAdults(channel, tx) else { return nil }
            var words = PlainText(for: user, in: channel.server)
            let text = try words.text(content, longest: MissedNews.longestText, tx)
            return text.isEmpty ? nil : text
        }
    }

    private static func mentions(
        of reader: Reader, since: Timestamp, until: Timestamp, _ tx: Transaction
    ) throws -> [Item] {
        try Notifications.unread(of: reader.user, tx).compactMap { notification -> Item? in
            guard [.mention, .reply].contains(notification.kind), notification.createdAt > since,
                notification.createdAt <= until, !reader.blocked.contains(notification.user),
                let id = notification.channel, let place = try Channels.readable(id, by: reader.user, tx),
                try reader.attention(to: place.channel, tx).tellsOfMentions,
                let message = try notification.message.flatMap({ try MessageStore.message($0, in: place.channel, tx) })
            else { return nil }
            // What is said in private stands with its conversation.
            guard let server = try place.channel.server.flatMap({ try ServerStore.server($0, tx) }) else { return nil }
            return Item(
                who: message.authorDisplayName ?? message.authorUsername,
                place: "#\(place.channel.name) (\(server.name))",
                text: try reader.text(of: message, in: place.channel, tx), count: 1,
                path: "/channels/\(server.id)/\(id)/\(message.id)")
        }
    }

    private static func conversations(
        of reader: Reader, since: Timestamp, until: Timestamp, _ tx: Transaction
    ) throws -> [Item] {
        try ChannelStore.privateChannels(of: reader.user, tx).compactMap { channel -> Item? in
            guard let newest = channel.lastMessage, newest.createdAt > since,
                let place = try Channels.readable(channel.id, by: reader.user, tx),
                try reader.attention(to: channel, tx).tellsOfEverything
            else { return nil }
            let state = try ReadStates.state(of: place, for: reader.user, tx)
            let mark = state.lastRead ?? MessageID(rawValue: 0)
            let newer = try MessageStore.messages(in: channel, .newest, limit: 20, for: reader.user, tx)
            let isMissed = { (message: Message) in
                message.author != reader.user && !reader.blocked.contains(message.author) && message.id > mark
                    && message.createdAt > since && message.createdAt <= until
            }
            guard state.unread > 0, let message = newer.first(where: isMissed) else { return nil }
            return Item(
                who: message.authorDisplayName ?? message.authorUsername,
                place: channel.name.isEmpty ? nil : channel.name, text: try reader.text(of: message, in: channel, tx),
                count: state.unread, path: "/channels/@me/\(channel.id)/\(message.id)")
        }
    }

    /// Servers in which something new is unread where they want to hear of it.
    private static func servers(of reader: Reader, since: Timestamp, _ tx: Transaction) throws -> [Rest] {
        let unread = try ReadStates.states(of: reader.user, tx).filter { $0.unread > 0 }
        var counts: [ServerID: Int] = [:]
        for state in unread {
            guard let channel = try ChannelStore.channel(state.channel, tx), let server = channel.server,
                let newest = channel.lastMessage, newest.createdAt > since
            else { continue }
            let attention = try reader.attention(to: channel, tx)
            if !attention.isMuted, attention.level != .none { counts[server, default: 0] += state.unread }
        }
        return try counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(longestList).compactMap {
            id, count -> Rest? in
            try ServerStore.server(id, tx).map { Rest(server: $0.name, count: count, path: "/channels/\(id)") }
        }
    }
}
