import Database
import Kernel
import Media

/// Smaller forms of pictures, made when they are first asked for.
struct Thumbnails: Sendable {
    let parts: Parts
    let blobs: Blobs
    let intake: Intake

    /// A picture in WebP, at most so wide and high.
    /// - Throws: `.moduleNotAvailable` when it is not there yet and there are no tools.
    func thumbnail(_ edge: PictureEdge, of blob: Blob) async throws -> Blob {
        let (known, large) = try await parts.database.read { tx in
            (
                try BlobStore.variant(Self.name(edge), of: blob.id, tx),
                try BlobStore.variant(Self.name(.large), of: blob.id, tx)
            )
        }
        if let known { return known }
        // The small ones are made of the large one, which is quicker than to draw the original again.
        let scaled = try await scaled(large ?? blob, edge)
        return try await keep(scaled, edge, of: blob)
    }

    private func scaled(_ source: Blob, _ edge: PictureEdge) async throws -> ReceivedFile {
        let file = try await blobs.fetched(source)
        return try await Intake.translating {
            guard source.type.kind == .video else {
                return try await intake.tools().scaled(file, source.type, edge: edge.rawValue)
            }
            let poster = try await blobs.available().films?.poster(of: file, source.type, edge: edge.rawValue)
            guard let poster else { throw APIError.moduleNotAvailable }
            return poster
        }
    }

    @discardableResult
    func keep(_ file: ReceivedFile, _ edge: PictureEdge, of blob: Blob) async throws -> Blob {
        try await blobs.keep(file, .webp) { variant, tx in
            // Whose picture it is may be gone meanwhile; then this one goes, too.
            guard let source = try BlobStore.blob(blob.id, tx), source.state != .deleting else {
                try Blobs.release(variant.id, tx)
                return variant
            }
            try BlobStore.setVariant(variant.id, named: Self.name(edge), of: blob.id, tx)
            return variant
        }
    }

    private static func name(_ edge: PictureEdge) -> String { String(edge.rawValue) }
}
