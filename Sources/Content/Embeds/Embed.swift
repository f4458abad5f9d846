import Kernel

/// A card below a message (contract: REST, Messages). Lengths count Unicode scalars.
package struct Embed: Sendable, Equatable {
    struct Field: Sendable, Equatable {
        let name: String
        let value: String
        let isInline: Bool
    }

    /// A picture, which clients load from where it is.
    struct Picture: Sendable, Equatable { let url: String }

    struct Author: Sendable, Equatable {
        let name: String
        let url: String?
        let iconURL: String?
    }

    struct Footer: Sendable, Equatable {
        let text: String
        let iconURL: String?
    }

    /// What all embeds of a message may have together.
    static let maximumLength = 6000
    static let maximumCount = 10

    let title: String?
    let description: String?
    let url: String?
    /// `#rrggbb`.
    let color: String?
    let timestamp: Timestamp?
    let author: Author?
    let footer: Footer?
    let image: Picture?
    let thumbnail: Picture?
    let fields: [Field]

    var length: Int {
        let texts = [title, description, author?.name, footer?.text].compactMap { $0 }
        return (texts + fields.map { $0.name + $0.value }).reduce(0) { $0 + $1.unicodeScalars.count }
    }

    var isEmpty: Bool { length == 0 && image == nil && thumbnail == nil }
}

extension Embed: JSONObjectEncodable {
    package static let shape = JSONShape<Embed>(
        "Embed",
        .field("title", \.title),
        .field("description", \.description),
        .field("url", \.url),
        .field("color", \.color),
        .field("timestamp", \.timestamp),
        .field("author", \.author),
        .field("footer", \.footer),
        .field("image", \.image),
        .field("thumbnail", \.thumbnail),
        .field("fields", \.fields))
}

extension Embed.Field: JSONObjectEncodable {
    static let shape = JSONShape<Embed.Field>(
        "EmbedField", .field("name", \.name), .field("value", \.value), .field("inline", \.isInline))
}

extension Embed.Picture: JSONObjectEncodable {
    static let shape = JSONShape<Embed.Picture>("EmbedPicture", .field("url", \.url))
}

extension Embed.Author: JSONObjectEncodable {
    static let shape = JSONShape<Embed.Author>(
        "EmbedAuthor", .field("name", \.name), .field("url", \.url), .field("icon_url", \.iconURL))
}

extension Embed.Footer: JSONObjectEncodable {
    static let shape = JSONShape<Embed.Footer>(
        "EmbedFooter", .field("text", \.text), .field("icon_url", \.iconURL))
}
