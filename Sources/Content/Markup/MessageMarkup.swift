import Kernel

/// The grammar of messages as the server reads it, which has to know whom a text speaks to and where it leads, and may see
/// neither otherwise than the people who read it do. The web client reads the same grammar (`Web/markdown`);
/// `Tests/Grammar` holds both to it.
enum MessageMarkup {
    /// The blocks of a text. Takes time that grows with the length of the text, whatever it is.
    static func parse(_ text: String) -> [MarkupNode] {
        var parser = MarkupBlockParser(text)
        return parser.parse()
    }

    /// Whom a text is seen to speak to: code, links, and what is escaped speak to nobody.
    static func mentions(in text: String) -> MentionedNames {
        var names = MentionedNames()
        // Most messages speak to nobody, and are not read any further.
        guard mayMention(text.utf8) else { return names }
        for block in parse(text) { collect(block, &names) }
        return names
    }

    /// Where a text leads, each address as often as it is there.
    static func links(in text: String) -> [MarkupLink] {
        // By bytes: as characters, a slash that bears an accent is none.
        guard text.utf8.contains(UInt8(ascii: ":")), text.utf8.contains("://".utf8) else { return [] }
        var links: [MarkupLink] = []
        for block in parse(text) { collect(block, isHidden: false, &links) }
        return links
    }

    private static func mayMention(_ text: String.UTF8View) -> Bool {
        guard text.contains(UInt8(ascii: "@")) else { return false }
        var previous: UInt8 = 0
        for (index, byte) in zip(text.indices, text) {
            defer { previous = byte }
            guard byte == UInt8(ascii: "@") else { continue }
            if previous == UInt8(ascii: "<") { return true }
            let rest = text[text.index(after: index)...]
            if rest.starts(with: "everyone".utf8) || rest.starts(with: "here".utf8) { return true }
        }
        return false
    }

    private static func collect(_ node: MarkupNode, _ names: inout MentionedNames) {
        switch node {
        case .user(let id): names.users.insert(id)
        case .role(let id): names.roles.insert(id)
        case .everyone: names.everyone = true
        default: for child in node.children { collect(child, &names) }
        }
    }

    private static func collect(_ node: MarkupNode, isHidden: Bool, _ links: inout [MarkupLink]) {
        if case .link(let address, let isQuiet, _) = node {
            links.append(MarkupLink(address: address, isQuiet: isQuiet, isHidden: isHidden))
        }
        let isHidden = isHidden || node.isSpoiler
        for child in node.children { collect(child, isHidden: isHidden, &links) }
    }
}

/// An address in a text.
struct MarkupLink: Sendable, Equatable {
    let address: String
    /// Whether it stands in `<…>`, to be without a preview.
    let isQuiet: Bool
    /// Whether it stands in a spoiler.
    let isHidden: Bool
}

/// A piece of a message.
indirect enum MarkupNode: Sendable, Equatable {
    enum Style: String, Sendable {
        case strong
        case emphasis
        case underline
        case strike
        case spoiler
    }

    case text(String)
    case codeSpan(String)
    case styled(Style, [MarkupNode])
    case link(address: String, isQuiet: Bool, words: [MarkupNode])
    case user(UserID)
    case role(RoleID)
    case channel(ChannelID)
    /// `everyone` or `here`.
    case everyone(String)
    case emoji(name: String, id: Int64, isAnimated: Bool)
    /// A moment, and the letter of how it is shown.
    case time(seconds: Int64, style: String)

    // MARK: Blocks
    case paragraph([MarkupNode])
    /// Levels are 1 to 3.
    case heading(level: Int, [MarkupNode])
    case quote([MarkupNode])
    /// The first number, if they are numbered, and the blocks of each item.
    case list(start: Int?, items: [[MarkupNode]])
    case code(language: String, String)
    /// A spoiler over blocks.
    case hidden([MarkupNode])

    var children: [MarkupNode] {
        switch self {
        case .styled(_, let children), .link(_, _, let children), .paragraph(let children), .heading(_, let children),
            .quote(let children), .hidden(let children):
            children
        case .list(_, let items): items.flatMap(\.self)
        case .text, .codeSpan, .user, .role, .channel, .everyone, .emoji, .time, .code: []
        }
    }

    var isSpoiler: Bool {
        switch self {
        case .styled(.spoiler, _), .hidden: true
        default: false
        }
    }
}
