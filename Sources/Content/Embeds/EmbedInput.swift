import Features
import Kernel

extension Embed {
    static let input = JSONInput(
        "EmbedDraft",
        .optional("title", NameRules.text(0...256)),
        .optional("description", NameRules.text(0...4096)),
        .optional("url", WebLink.reader),
        .optional("color", color),
        .optional("timestamp", .moment),
        .optional("author", .object(authorInput)),
        .optional("footer", .object(footerInput)),
        .optional("image", .object(pictureInput)),
        .optional("thumbnail", .object(pictureInput)),
        .optional("fields", .array(of: .object(fieldInput), count: 0...25), default: []),
        make: {
            (title, description, url, color, timestamp, author, footer, image, thumbnail, fields) throws(APIError) in
            let embed = Embed(
                title: title, description: description, url: url, color: color, timestamp: timestamp, author: author,
                footer: footer, image: image, thumbnail: thumbnail, fields: fields)
            guard !embed.isEmpty else { throw .invalidInput("embed", "has nothing to show") }
            return embed
        })

    /// - Throws: `.invalidInput` when they are too long together.
    static func check(_ embeds: [Embed]) throws(APIError) {
        guard embeds.reduce(0, { $0 + $1.length }) <= maximumLength else {
            throw .invalidInput("embeds", "must have at most \(maximumLength) characters together")
        }
    }

    /// `#rrggbb`, or the same as a number, as Discord's clients write it.
    private static let color = JSONReader<String>(
        .either(.string(length: 7...7), .integer(range: 0...Int64(EmbedColor.maximum)))
    ) { json in
        switch json {
        case .integer(let number) where (0...Int64(EmbedColor.maximum)).contains(number):
            return .success(EmbedColor.text(Int(number)))
        case .string(let text):
            if let number = EmbedColor.number(text) { return .success(EmbedColor.text(number)) }
        default: break
        }
        return .failure(.init("must be #rrggbb, or a number from 0 to \(EmbedColor.maximum)"))
    }

    private static let fieldInput = JSONInput(
        "EmbedFieldDraft",
        .required("name", NameRules.text(1...256)),
        .required("value", NameRules.text(1...1024)),
        .optional("inline", .bool, default: false),
        make: { (name, value, isInline) throws(APIError) in Field(name: name, value: value, isInline: isInline) })

    private static let authorInput = JSONInput(
        "EmbedAuthorDraft",
        .required("name", NameRules.text(1...256)),
        .optional("url", WebLink.reader),
        .optional("icon_url", WebLink.reader),
        make: { (name, url, icon) throws(APIError) in Author(name: name, url: url, iconURL: icon) })

    private static let footerInput = JSONInput(
        "EmbedFooterDraft",
        .required("text", NameRules.text(1...2048)),
        .optional("icon_url", WebLink.reader),
        make: { (text, icon) throws(APIError) in Footer(text: text, iconURL: icon) })

    private static let pictureInput = JSONInput(
        "EmbedPictureDraft", .required("url", WebLink.reader), make: { (url) throws(APIError) in Picture(url: url) })
}

/// Red, green and blue, as a text and as one number.
enum EmbedColor {
    static let maximum = 0xFF_FFFF

    /// - Parameter number: 0 to `maximum`.
    static func text(_ number: Int) -> String {
        let digits = String(min(max(0, number), maximum), radix: 16)
        return "#" + String(repeating: "0", count: 6 - digits.count) + digits
    }

    /// Nil for what is not `#rrggbb`.
    static func number(_ text: String) -> Int? {
        guard text.utf8.count == 7, text.hasPrefix("#"), text.utf8.dropFirst().allSatisfy(isHexadecimal) else {
            return nil
        }
        return Int(text.dropFirst(), radix: 16)
    }

    private static func isHexadecimal(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
            || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte | 0x20)
    }
}
