import Files
import Kernel

package enum StickerKind: IdentifierKind {
    package static var invalidIdentifier: APIError { .invalidID("sticker") }
}

package typealias StickerID = Identifier<StickerKind>

/// A picture that is sent instead of words (contract: REST, Stickers).
package struct Sticker: Sendable {
    /// Whatever comes in is kept as this.
    package static let format = "webp"

    package let id: StickerID
    /// Nil for one of the instance's, which everybody may send.
    package let server: ServerID?
    package var name: String
    var description: String?
    /// Words by which it is suggested.
    var tags: [String]
    /// One of Unicode, by which it is suggested.
    var relatedEmoji: String?
    /// Its picture; nil once that was blocked.
    let blob: BlobID?
    let size_bytes: Int
    let width: Int
    let height: Int
    let isAnimated: Bool
    let creator: UserID
    let createdAt: Timestamp

    /// Whether it can be sent.
    package var isAvailable: Bool { blob != nil }

    package static func url(of id: StickerID) -> String { "/api/v1/media/stickers/\(id)" }
}

extension Sticker: JSONObjectEncodable {
    package static let shape = JSONShape<Sticker>(
        "Sticker",
        .field("id", \.id),
        .field("pack_id") { StickerPack.id(of: $0.server) },
        .field("server_id", \.server),
        .field("name", \.name),
        .field("description", \.description),
        .field("tags", \.tags),
        .field("related_emoji", \.relatedEmoji),
        .field("format") { _ in format },
        .field("url") { $0.isAvailable ? url(of: $0.id) : nil },
        .field("size", \.size_bytes),
        .field("width", \.width),
        .field("height", \.height),
        .field("animated", \.isAnimated),
        .field("available", \.isAvailable),
        .field("created_at", \.createdAt))
}

/// The stickers of a server, or those of the instance.
struct StickerPack: JSONObjectEncodable {
    /// Nil for the instance's.
    let server: Server?
    let stickers: [Sticker]

    /// A server's pack has its id; no server has that of the instance's, since ids begin with the time at which they were made.
    static func id(of server: ServerID?) -> String { server?.description ?? "1" }

    static let shape = JSONShape<StickerPack>(
        "StickerPack",
        .field("id") { id(of: $0.server?.id) },
        .field("name") { $0.server?.name ?? "Stickers" },
        .field("description", \.server?.description),
        .field("pack_type") { $0.server == nil ? "default" : "server" },
        .field("server_id", \.server?.id),
        .field("sticker_count", \.stickers.count),
        .field("stickers", \.stickers))
}

/// GUILD_STICKERS_UPDATE: all of a server's stickers.
struct StickersEvent: JSONObjectEncodable {
    let server: ServerID
    let stickers: [Sticker]

    static let shape = JSONShape<StickersEvent>(
        "StickersEvent", .field("server_id", \.server), .field("stickers", \.stickers))
}
