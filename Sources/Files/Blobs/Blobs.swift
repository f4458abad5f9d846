import Database
import Features
import Kernel
import Logging
import Media

/// The files of the instance, in the store and in the database. The two can't be changed in one step, so the database goes
/// first when a file comes (`pending`) and when it goes (`deleting`), and what a crash leaves in between is looked at again.
package struct Blobs: Sendable {
    /// By then an upload is done, or its process is gone.
    private static let patience = Duration.seconds(3600)
    private static let attempts = 5

    let parts: Parts
    /// Nil where there is no store, as in the documentation.
    package let media: MediaParts?

    /// - Throws: `.moduleNotAvailable`.
    package func available() throws -> MediaParts {
        guard let media else { throw APIError.moduleNotAvailable }
        return media
    }

    // MARK: Storing

    /// Stores a file, unless its content is there already, and runs `use` in the transaction from which on it counts as used.
    package func keep<Result: Sendable>(
        _ file: ReceivedFile, _ type: MediaType, _ use: @escaping @Sendable (Blob, Transaction) throws -> Result
    ) async throws -> Result {
        let store = try available().store
        for _ in 0..<Self.attempts {
            let blob = try await announced(file, type)
            if blob.state == .pending {
                do {
                    try await store.put(file, at: blob.key, contentType: type.name)
                } catch {
                    parts.logger.error("a file can't be stored", metadata: ["error": "\(error)"])
                    throw APIError.serviceUnavailable
                }
            }
            let result: Result? = try await parts.database.write { tx in
                // The sweeper may have been quicker; then the content has to come once more.
                guard let now = try BlobStore.blob(blob.id, tx), now.state != .deleting else { return nil }
                if now.state == .pending { try BlobStore.setState(.stored, of: blob.id, tx) }
                return try use(blob, tx)
            }
            if let result { return result }
        }
        throw APIError.serviceUnavailable
    }

    /// The blob of a content, made if there is none.
    private func announced(_ file: ReceivedFile, _ type: MediaType) async throws -> Blob {
        if let known = try await parts.database.read({ tx in try BlobStore.blob(withContent: file.sha256, tx) }),
            known.state == .stored
        {
            return known
        }
        return try await parts.database.write { tx in
            let known = try BlobStore.blob(withContent: file.sha256, tx)
            let blob =
                known
                ?? Blob(
                    id: parts.ids.next(), sha256: file.sha256, size_bytes: file.size_bytes, type: type, state: .pending)
            if known == nil { try BlobStore.insert(blob, tx) }
            if blob.state == .pending { try BlobStore.check(blob.id, at: tx.now + Self.patience, tx) }
            return blob
        }
    }

    // MARK: Reading

    /// The bytes of a blob.
    /// - Throws: `.serviceUnavailable` when the store does not have it or can't be reached.
    package func read(_ blob: Blob, _ range: Range<Int>) async throws -> ObjectBytes {
        do {
            return try await available().store.read(blob.key, range)
        } catch let error as APIError {
            throw error
        } catch {
            parts.logger.error("a file can't be read", metadata: ["key": "\(blob.key)", "error": "\(error)"])
            throw APIError.serviceUnavailable
        }
    }

    /// A blob as a file that tools can look at.
    package func fetched(_ blob: Blob) async throws -> ReceivedFile {
        let file = try await available().staging.file(limit_bytes: blob.size_bytes)
        for try await piece in try await read(blob, 0..<blob.size_bytes) { try await file.write(piece) }
        return try await file.finish()
    }

    // MARK: Letting go

    /// Something does not show a blob any more. To be called after the change.
    package static func release(_ id: BlobID?, _ tx: Transaction) throws {
        if let id { try BlobStore.check(id, at: tx.now, tx) }
    }

    /// Removes some of the files that nothing shows.
    /// - Returns: whether there may be more.
    package func sweep() async throws -> Bool {
        guard let media else { return false }
        let (gone, looked) = try await parts.database.write { tx in
            let due = try BlobStore.due(limit: 50, tx)
            return (try due.compactMap { try condemn($0, tx) }, due.count)
        }
        // One that can't be removed now is looked at again later, and keeps no other from going.
        var failure: (any Error)?
        for blob in gone {
            do {
                try await media.store.delete(blob.key)
                try await parts.database.write { tx in try BlobStore.delete(blob.id, tx) }
            } catch let error as CancellationError {
                throw error
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        return looked > 0
    }

    /// Marks a blob that nothing shows. Its check stays until the file is gone, should that fail.
    private func condemn(_ id: BlobID, _ tx: Transaction) throws -> Blob? {
        guard let blob = try BlobStore.blob(id, tx),
            try blob.state == .deleting || !BlobStore.isUsed(id, parts.features, tx)
        else {
            try BlobStore.endCheck(id, tx)
            return nil
        }
        if blob.state != .deleting { try BlobStore.setState(.deleting, of: id, tx) }
        try BlobStore.check(id, at: tx.now + .seconds(600), tx)
        for variant in try BlobStore.deleteVariants(of: id, tx) { try Self.release(variant, tx) }
        return blob
    }
}
