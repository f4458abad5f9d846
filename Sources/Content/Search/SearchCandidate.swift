import Community
import Features
import Kernel
import Media

/// A message that may be what is looked for.
struct SearchCandidate: Sendable, Equatable {
    let id: MessageID
    let channel: ChannelID
    let author: UserID
    /// Everything in the message that people read: its text, its poll, its cards, the names of its files.
    let texts: [String]
    let mentions: Mentions
    let isPinned: Bool
    private let content: String
    private let hasEmbeds: Bool
    private let hasPoll: Bool
    private let files: [MediaType.Kind]

    init(
        id: MessageID, channel: ChannelID, author: UserID, content: String, embeds: StoredEmbeds, poll: [String]?,
        stickers: [MessageSticker] = [], forward: Forward? = nil,
        files: [(name: String, kind: MediaType.Kind)], mentions: Mentions, isPinned: Bool
    ) {
        self.id = id
        self.channel = channel
        self.author = author
        let forwarded = [forward?.snapshot.content ?? ""] + (forward?.snapshot.embeds.searchedTexts ?? [])
        let all = [content] + forwarded + embeds.searchedTexts + (poll ?? []) + stickers.map(\.name) + files.map(\.name)
        self.texts = all.filter { !$0.isEmpty }
        self.mentions = mentions
        self.isPinned = isPinned
        self.content = content + (forward?.snapshot.content.map { "\n" + $0 } ?? "")
        self.hasEmbeds = embeds != .none || forward.map { $0.snapshot.embeds != .none } ?? false
        self.hasPoll = poll != nil
        self.files = files.map(\.kind)
    }

    /// Worked out for who asks: the links of a text take reading it as it is shown.
    var kinds: Set<SearchQuery.Kind> {
        var kinds: Set<SearchQuery.Kind> = []
        if !MessageMarkup.links(in: content).isEmpty { kinds.insert(.link) }
        if hasEmbeds { kinds.insert(.embed) }
        if hasPoll { kinds.insert(.poll) }
        if !files.isEmpty { kinds.insert(.file) }
        if files.contains(.picture) { kinds.insert(.image) }
        if files.contains(.video) { kinds.insert(.video) }
        if files.contains(.audio) { kinds.insert(.sound) }
        return kinds
    }

    /// How much there is to read.
    var length_bytes: Int { texts.reduce(0) { $0 + $1.utf8.count } }

    /// Everything that the index is told of the message.
    /// - Parameters:
    ///   - server: nil for what is said in private.
    ///   - parent: the channel of the thread in which it is said.
    /// - Parameter thread: the thread that it stands in.
    func tokens(in server: ServerID?, thread: ThreadPlace?) -> Set<Int32> {
        var tokens = texts.reduce(into: Set<Int32>()) { $0.formUnion(TextPieces.pieces(of: SearchText($1))) }
        tokens.insert(SearchToken.channel(channel))
        if let thread, thread.isPrivate {
            // Who searches a channel or a server does not come across it.
            tokens.insert(SearchToken.privateThreads(of: thread.parent))
        } else {
            if let server { tokens.insert(SearchToken.server(server)) }
            if let thread { tokens.insert(SearchToken.threads(of: thread.parent)) }
        }
        tokens.insert(SearchToken.author(author))
        for kind in kinds { tokens.insert(SearchToken.has(kind)) }
        for user in mentions.users { tokens.insert(SearchToken.mention(Mentions.token(user))) }
        return tokens
    }
}

/// Where a thread is, as far as the index has to know.
struct ThreadPlace: Sendable, Equatable {
    let parent: ChannelID
    let isPrivate: Bool

    init(parent: ChannelID, isPrivate: Bool) {
        self.parent = parent
        self.isPrivate = isPrivate
    }

    init?(of channel: Channel?) {
        guard let thread = channel?.thread else { return nil }
        self.init(parent: thread.parent, isPrivate: thread.isPrivate)
    }
}

extension Poll {
    /// What a search finds of it.
    var searchedTexts: [String] { [question] + options.map(\.text) }
}

extension StoredEmbeds {
    /// What a search finds of them: what is read, without addresses.
    fileprivate var searchedTexts: [String] {
        guard let text, let embeds = JSON(text: text)?.array else { return [] }
        return embeds.flatMap { embed in
            let fields = (embed["fields"]?.array ?? []).flatMap { [$0["name"], $0["value"]] }
            let texts = [embed["title"], embed["description"], embed["author"]?["name"], embed["footer"]?["text"]]
            return (texts + fields).compactMap { $0?.string }
        }
    }
}
