import Features
import Kernel

/// Texts of other systems, made to fit what a message may have.
enum ForeignText {
    /// Without control characters, and no longer than so many Unicode scalars; what was cut is told by an ellipsis. Nil for nothing.
    static func fitted(_ text: String?, _ length: Int) -> String? {
        guard let text, NameRules.isVisible(text) else { return nil }
        let clean = String(
            String.UnicodeScalarView(
                text.unicodeScalars.filter {
                    $0.properties.generalCategory != .control || $0 == "\n" || $0 == "\t"
                }))
        guard !clean.fits(.scalars(length)) else { return clean }
        return clean.beginning(.scalars(length - 1)) + "…"
    }

    /// Nil for what is no address that a client may open.
    static func link(_ json: JSON?) -> String? {
        json?.string.flatMap { $0.fits(.scalars(2048)) && WebLink.isValid($0) ? $0 : nil }
    }

    /// An embed of what fits into one; nil when nothing is left to show.
    static func embed(
        title: String? = nil, description: String? = nil, url: String? = nil, color: String? = nil,
        timestamp: Timestamp? = nil, author: Embed.Author? = nil, footer: Embed.Footer? = nil, image: String? = nil,
        thumbnail: String? = nil, fields: [Embed.Field] = []
    ) -> Embed? {
        let embed = Embed(
            title: fitted(title, 256), description: fitted(description, 2000), url: url, color: color,
            timestamp: timestamp,
            author: author, footer: footer, image: image.map(Embed.Picture.init),
            thumbnail: thumbnail.map(Embed.Picture.init),
            fields: Array(fields.prefix(25)))
        return embed.isEmpty ? nil : embed
    }

    /// As many from the front as a message may have.
    static func bounded(_ embeds: [Embed]) -> [Embed] {
        var rest = Embed.maximumLength
        return embeds.prefix(Embed.maximumCount).filter { embed in
            guard embed.length <= rest else { return false }
            rest -= embed.length
            return true
        }
    }
}
