import Community
import Database
import Kernel
import People

/// The words of a text in one line and without its signs, for where nobody can be asked whether they want to see what is
/// hidden. The web client makes the same of a message (`Web/markdown/text.js`).
struct PlainText {
    private static let hidden = "▒▒▒"

    let reader: UserID
    let server: ServerID?
    private var known: [String: String] = [:]

    /// - Parameter reader: who is told no name of a channel that they can't see.
    init(for reader: UserID, in server: ServerID?) {
        self.reader = reader
        self.server = server
    }

    /// - Parameter longest: in Unicode scalars; what is left out is shown by an ellipsis.
    mutating func text(_ content: String, longest: Int, _ tx: Transaction) throws -> String {
        let blocks = try MessageMarkup.parse(content).map { try words([$0], tx) }
        let line = blocks.joined(separator: " ").split(whereSeparator: \.isWhitespace).joined(separator: " ")
        guard line.unicodeScalars.count > longest else { return line }
        return line.beginning(.scalars(longest - 1)) + "…"
    }

    private mutating func words(_ nodes: [MarkupNode], _ tx: Transaction) throws -> String {
        var text = ""
        for node in nodes { text += try node.isSpoiler ? Self.hidden : words(of: node, tx) }
        return text
    }

    private mutating func words(of node: MarkupNode, _ tx: Transaction) throws -> String {
        switch node {
        case .text(let text), .codeSpan(let text), .code(_, let text): text
        case .emoji(let name, _, _): ":\(name):"
        case .everyone(let name): "@\(name)"
        case .user(let id): try name("@\(id)") { try UserStore.faces(of: [id], tx)[id].map { "@\($0.username)" } }
        case .role(let id):
            try name("&\(id)") { [server] in
                try server.flatMap { try RoleStore.roles(of: $0, tx).first { $0.id == id } }.map { "@\($0.name)" }
            }
        case .channel(let id): try name("#\(id)") { [reader] in try Self.name(of: id, for: reader, tx) }
        case .time(let seconds, _): Timestamp(seconds: seconds).iso8601
        case .quote(let blocks): try line(of: blocks, tx)
        case .list(_, let items): try line(of: items.flatMap(\.self), tx)
        default: try words(node.children, tx)
        }
    }

    private mutating func line(of blocks: [MarkupNode], _ tx: Transaction) throws -> String {
        try blocks.map { try words([$0], tx) }.joined(separator: " ")
    }

    private static func name(of channel: ChannelID, for reader: UserID, _ tx: Transaction) throws -> String? {
        do {
            return "#\(try Channels.place(channel, for: reader, tx).channel.name)"
        } catch is APIError {
            return nil
        }
    }

    /// A name is looked for once; nothing stands where there is none.
    private mutating func name(_ key: String, _ find: () throws -> String?) rethrows -> String {
        if let name = known[key] { return name }
        let name = try find() ?? ""
        known[key] = name
        return name
    }
}
