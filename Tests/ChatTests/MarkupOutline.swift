import Foundation
import Kernel

@testable import Content

/// A text and how it is read, as `Tests/Grammar` and the web client's scripts say it.
struct ReadText: Sendable {
    let text: String
    let tree: JSON
    let mentions: MentionedNames

    init?(_ json: JSON) {
        guard let text = json["text"]?.string, let tree = json["tree"] else { return nil }
        self.text = text
        self.tree = tree
        func ids(_ name: String) -> [Int64] {
            (json["mentions"]?[name]?.array ?? []).compactMap { $0.string.flatMap { Int64($0) } }
        }
        mentions = MentionTests.names(
            ids("users"), ids("roles"), everyone: json["mentions"]?["everyone"]?.bool ?? false)
    }

    /// All of `Tests/Grammar`.
    static func grammar() throws -> [ReadText] {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../Grammar")
        return try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil).flatMap {
            file in
            try JSONParser.parse(Array(Data(contentsOf: file))).array?.compactMap(ReadText.init) ?? []
        }
    }

    /// Whether the server reads the text in the same way, to the last unit.
    var isReadAlike: Bool {
        let read = JSON.array(MessageMarkup.parse(text).map(\.outline))
        return Array(read.text.utf8) == Array(tree.text.utf8) && MessageMarkup.mentions(in: text) == mentions
    }
}

extension MarkupNode {
    /// A text is a string, everything else `[type, …]`.
    var outline: JSON {
        switch self {
        case .text(let text): .string(text)
        case .codeSpan(let text): .array([.string("code-span"), .string(text)])
        case .styled(let style, let children): Self.outline(style.rawValue, children)
        case .link(let address, let isQuiet, let words):
            Self.outline(isQuiet ? "quiet-link" : "link", .string(address), words)
        case .user(let id): .array([.string("user"), .string(id.description)])
        case .role(let id): .array([.string("role"), .string(id.description)])
        case .channel(let id): .array([.string("channel"), .string(id.description)])
        case .everyone(let name): .array([.string("everyone"), .string(name)])
        case .emoji(let name, let id, let isAnimated):
            .array([.string(isAnimated ? "animated-emoji" : "emoji"), .string(name), .string(String(id))])
        case .time(let seconds, let style): .array([.string("time"), .integer(seconds), .string(style)])
        case .paragraph(let children): Self.outline("paragraph", children)
        case .heading(let level, let children): Self.outline("heading", .integer(Int64(level)), children)
        case .quote(let children): Self.outline("quote", children)
        case .list(let start, let items): Self.list(start, items)
        case .code(let language, let text): .array([.string("code"), .string(language), .string(text)])
        case .hidden(let children): Self.outline("hidden", children)
        }
    }

    private static func list(_ start: Int?, _ items: [[MarkupNode]]) -> JSON {
        let number: JSON = start.map { JSON.integer(Int64($0)) } ?? .null
        let contents: [JSON] = items.map { item in JSON.array(item.map(\.outline)) }
        return .array([JSON.string("list"), number] + contents)
    }

    private static func outline(_ type: String, _ more: JSON..., children: [MarkupNode]) -> JSON {
        .array([JSON.string(type)] + more + children.map(\.outline))
    }

    private static func outline(_ type: String, _ children: [MarkupNode]) -> JSON {
        outline(type, children: children)
    }

    private static func outline(_ type: String, _ first: JSON, _ children: [MarkupNode]) -> JSON {
        outline(type, first, children: children)
    }
}
