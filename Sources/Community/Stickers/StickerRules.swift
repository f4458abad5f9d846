import Features
import Kernel

extension Stickers {
    static let name = NameRules.name(2...30)
    static let description = NameRules.text(0...100)
    private static let tag = NameRules.name(1...30)
    static let tagList = JSONReader<[String]>.array(of: tag, count: 0...10)

    static let relatedEmoji = JSONReader.string(1...32).checked("must be an emoji of Unicode") { (text: String) in
        UnicodeEmoji.isOne(text) ? UnicodeEmoji.key(text) : nil
    }

    /// Reads the fields of a form; tags stand there between commas, or as JSON.
    static func texts(of fields: [String: String]) throws(APIError) -> Texts {
        let description = try field("description", description, of: fields)
        return Texts(
            name: try name.value(of: fields["name"].map { .string($0) } ?? .null, named: "name"),
            description: description.flatMap { NameRules.isVisible($0) ? $0 : nil },
            tags: try fields["tags"].map { text throws(APIError) in
                try tagList.value(of: list(in: text), named: "tags")
            } ?? [],
            relatedEmoji: try field("related_emoji", relatedEmoji, of: fields))
    }

    private static func field(
        _ name: String, _ reader: JSONReader<String>, of fields: [String: String]
    ) throws(APIError) -> String? {
        guard let text = fields[name], !text.isEmpty else { return nil }
        return try reader.value(of: .string(text), named: name)
    }

    private static func list(in text: String) -> JSON {
        if let list = JSON(text: text), list.array != nil { return list }
        return .array(text.split(separator: ",").map { .string(String($0)) })
    }
}

/// What somebody has written, as far as a sticker can say it.
struct StickerWish: Sendable {
    private static let longest = 200

    private let text: SearchText
    private let words: Set<[Unicode.Scalar]>
    private let emoji: Set<String>

    /// - Parameter content: what is longer is read from its end, where the writer is.
    init(_ content: String) {
        let end = String(content.suffix(Self.longest))
        text = SearchText(end)
        words = Set(text.words.map { Array($0) })
        emoji = Set(end.map(String.init).filter(UnicodeEmoji.isOne).map(UnicodeEmoji.key))
    }

    /// 0 for a sticker that has nothing to do with it: by all of the text, by an emoji, by a word, by the beginning of one.
    func rating(of sticker: Sticker) -> Int {
        let names = ([sticker.name] + sticker.tags).map { SearchText($0) }
        if !text.scalars.isEmpty, names.contains(text) { return 4 }
        if let related = sticker.relatedEmoji, emoji.contains(related) { return 3 }
        let known = names.flatMap(\.words).map { Array($0) }
        if known.contains(where: words.contains) { return 2 }
        let begun = words.contains { word in
            word.count >= 2 && known.contains { $0.starts(with: word) }
        }
        // Where nothing stands between words, a name is looked for in all of the text.
        let within = names.contains { name in
            name.scalars.count >= 2 && !name.scalars.allSatisfy(\.isASCII) && text.contains(SearchTerm(name))
        }
        return begun || within ? 1 : 0
    }
}
