import Kernel
import Media

/// A file that comes in pieces, over as many connections as it takes (contract: REST, Media).
package struct Upload: Sendable {
    /// Small enough that a lost one is no loss, large enough that few are needed.
    package static let chunk_bytes = 5 << 20

    let id: UploadID
    let user: UserID
    let channel: ChannelID
    let filename: String
    let size_bytes: Int
    /// Once it is complete.
    let attachment: AttachmentID?
    let createdAt: Timestamp
    let expiresAt: Timestamp
    /// The numbers of the chunks that are here, from 0.
    var received: [Int]

    var chunks: Int { (size_bytes + Self.chunk_bytes - 1) / Self.chunk_bytes }

    /// The last one is smaller.
    func chunkSize_bytes(_ number: Int) -> Int {
        min(Self.chunk_bytes, size_bytes - number * Self.chunk_bytes)
    }

    var received_bytes: Int { received.reduce(0) { $0 + chunkSize_bytes($1) } }

    func key(_ number: Int) -> ObjectKey { .chunk(number, of: id.rawValue) }
}

extension Upload: JSONObjectEncodable {
    package static let shape = JSONShape<Upload>(
        "Upload",
        .field("id", \.id),
        .field("channel_id", \.channel),
        .field("filename", \.filename),
        .field("total_size", \.size_bytes),
        .field("chunk_size") { _ in chunk_bytes },
        .field("chunk_count", \.chunks),
        .field("received_chunks", \.received),
        .field("received_bytes", \.received_bytes),
        .field("attachment_id", \.attachment),
        .field("created_at", \.createdAt),
        .field("expires_at", \.expiresAt))
}
