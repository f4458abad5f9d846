import Crypto
import Files
import Foundation
import Kernel
import Media

/// A file that belongs to a message, or will (contract: REST, Messages).
package struct Attachment: Sendable {
    package let id: AttachmentID
    package let channel: ChannelID
    let author: UserID
    /// Nil until a message uses it.
    package let message: MessageID?
    package let blob: Blob
    package let filename: String
    /// In pixels; nil for what is not seen.
    let width: Int?
    let height: Int?
    let duration_ms: Int?
    /// What a client draws until the picture has come (blurha.sh).
    let blurHash: String?
    /// What its addresses are signed with.
    let secret: [UInt8]
    /// The moment of reading, from which addresses live.
    var shownAt: Timestamp

    /// Whether there are smaller pictures of it.
    var hasThumbnails: Bool { blurHash != nil }

    /// Where it can be fetched, relative to the server, for a day or so by everybody who has the address.
    var url: String {
        let signature = AttachmentSignature.make(for: self, at: shownAt)
        return "\(path)?expires=\(signature.expires)&signature=\(signature.text)"
    }

    private var path: String {
        let name = filename.addingPercentEncoding(withAllowedCharacters: Self.plain) ?? "file"
        return "/api/v1/media/attachments/\(id)/\(name)"
    }

    private static let plain = CharacterSet(
        charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")

    struct Thumbnail: JSONObjectEncodable {
        let edge: Int
        let url: String

        static let shape = JSONShape<Thumbnail>("Thumbnail", .field("size", \.edge), .field("url", \.url))
    }

    var thumbnails: [Thumbnail]? {
        hasThumbnails
            ? PictureEdge.offered.map { Thumbnail(edge: $0.rawValue, url: "\(url)&size=\($0.rawValue)") } : nil
    }
}

extension Attachment: JSONObjectEncodable {
    package static let shape = JSONShape<Attachment>(
        "Attachment",
        .field("id", \.id),
        .field("filename", \.filename),
        .field("size", \.blob.size_bytes),
        .field("content_type", \.blob.type.name),
        .field("url", \.url),
        .field("hash", \.blob.sha256),
        .field("width", \.width),
        .field("height", \.height),
        .field("duration_ms", \.duration_ms),
        .field("blurhash", \.blurHash),
        .field("thumbnails", \.thumbnails))
}

/// Proof that somebody who could see a file was given its address (HMAC, RFC 2104).
struct AttachmentSignature: Equatable {
    /// Addresses change only so often, so that browsers find again what they have.
    private static let step_s: Int64 = 12 * 3600

    /// Unix seconds.
    let expires: Int64
    let text: String

    /// It holds for 24 to 36 hours: longer than an event can be replayed.
    static func make(for attachment: Attachment, at moment: Timestamp) -> AttachmentSignature {
        make(for: attachment, expires: (moment.seconds / step_s + 3) * step_s)
    }

    private static func make(for attachment: Attachment, expires: Int64) -> AttachmentSignature {
        let code = HMAC<SHA256>.authenticationCode(
            for: Array("\(attachment.id) \(expires)".utf8), using: SymmetricKey(data: attachment.secret))
        return AttachmentSignature(expires: expires, text: Base64URL.encode(Array(code)))
    }

    func isValid(for attachment: Attachment, at moment: Timestamp) -> Bool {
        guard expires > moment.seconds, let code = Base64URL.decode(text) else { return false }
        return HMAC<SHA256>.isValidAuthenticationCode(
            code, authenticating: Array("\(attachment.id) \(expires)".utf8),
            using: SymmetricKey(data: attachment.secret))
    }
}
