import Database
import Features
import Kernel
import Media
import NIOConcurrencyHelpers

/// Smaller forms of pictures, made when they are first asked for.
package final class Thumbnails: Sendable {
    private struct Wanted: Hashable {
        let blob: BlobID
        let edge: PictureEdge
    }

    private let parts: Parts
    private let blobs: Blobs
    private let intake: Intake
    /// What is being made. A new picture is asked for by everybody at once, and drawn once.
    private let underway = NIOLockedValueBox<[Wanted: Task<Blob, any Error>]>([:])

    init(parts: Parts, blobs: Blobs, intake: Intake) {
        self.parts = parts
        self.blobs = blobs
        self.intake = intake
    }

    /// A picture in WebP, at most so wide and high.
    /// - Throws: `.moduleNotAvailable` when it is not there yet and there are no tools.
    package func thumbnail(_ edge: PictureEdge, of blob: Blob) async throws -> Blob {
        let (known, large) = try await parts.database.read { tx in
            (
                try BlobStore.variant(Self.name(edge), of: blob.id, tx),
                try BlobStore.variant(Self.name(.large), of: blob.id, tx)
            )
        }
        if let known { return known }
        let wanted = Wanted(blob: blob.id, edge: edge)
        let task = underway.withLockedValue { underway in
            if let task = underway[wanted] { return task }
            let task = Task {
                defer { _ = self.underway.withLockedValue { $0.removeValue(forKey: wanted) } }
                // The small ones are made of the large one, which is quicker than to draw the original again.
                let source = edge.rawValue < PictureEdge.large.rawValue ? large ?? blob : blob
                return try await self.keep(try await self.scaled(source, edge), edge, of: blob)
            }
            underway[wanted] = task
            return task
        }
        return try await task.value
    }

    private func scaled(_ source: Blob, _ edge: PictureEdge) async throws -> ReceivedFile {
        let file = try await blobs.fetched(source)
        return try await intake.translating {
            guard source.type.kind == .video else {
                return try await intake.tools().scaled(file, source.type, edge: edge.rawValue)
            }
            let poster = try await blobs.available().films?.poster(of: file, source.type, edge: edge.rawValue)
            guard let poster else { throw APIError.moduleNotAvailable }
            return poster
        }
    }

    @discardableResult
    package func keep(_ file: ReceivedFile, _ edge: PictureEdge, of blob: Blob) async throws -> Blob {
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
