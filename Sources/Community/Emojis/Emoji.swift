import Files
import Kernel

/// A picture that a server's members write with (contract: REST, Servers).
package struct Emoji: Sendable {
    package let id: EmojiID
    package let server: ServerID
    package var name: String
    let isAnimated: Bool
    /// Its picture.
    let blob: BlobID?
    let creator: UserID
    let createdAt: Timestamp

    /// How a reaction with it is called.
    package var reactionName: String { "\(name):\(id)" }
}

extension Emoji: JSONObjectEncodable {
    package static let shape = JSONShape<Emoji>(
        "Emoji",
        .field("id", \.id),
        .field("server_id", \.server),
        .field("name", \.name),
        .field("animated", \.isAnimated),
        .field("url") { PictureLinks.emoji($0.id) },
        .field("creator_id", \.creator),
        .field("created_at", \.createdAt))
}

/// GUILD_EMOJIS_UPDATE: all of a server's emoji.
struct EmojisEvent: JSONObjectEncodable {
    let server: ServerID
    let emojis: [Emoji]

    static let shape = JSONShape<EmojisEvent>(
        "EmojisEvent", .field("server_id", \.server), .field("emojis", \.emojis))
}

package struct EmojiCounts: JSONObjectEncodable {
    static let maximum = 50

    let still: Int
    let animated: Int

    package static let shape = JSONShape<EmojiCounts>(
        "EmojiCounts",
        .field("static", \.still), .field("animated", \.animated), .field("max_static") { _ in maximum },
        .field("max_animated") { _ in maximum })
}
