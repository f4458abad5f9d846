import Database
import Features
import Files
import Foundation
import Kernel
import Logging
import Media
import WebAPI

/// Uploads that survive a broken connection: a session, its chunks in any order, and the file made of them.
///
/// Chunks lie in the store, so they may arrive at different nodes.
package struct Uploads: Sendable {
    private static let lifetime = Duration.seconds(24 * 3600)
    static let maximumOpenPerUser = 20

    let parts: Parts
    let blobs: Blobs
    let attachments: Attachments

    struct Draft: Sendable {
        let filename: String
        let size_bytes: Int
        let channel: ChannelID
    }

    /// - Throws: `.fileTooLarge`, `.permissionDenied`, `.rateLimited` after too many in a day, `.invalidInput` with too many open.
    func begin(_ draft: Draft, by caller: Caller) async throws -> Upload {
        _ = try blobs.available()
        let limit_bytes = parts.configuration.fileSize_bytes(of: caller.tier)
        guard draft.size_bytes <= limit_bytes else { throw APIError.fileTooLarge(limit_bytes: limit_bytes) }
        try await attachments.requirePlace(for: draft.channel, by: caller)
        return try await parts.database.write { tx in
            guard try UploadStore.open(of: caller.user, tx).count < Self.maximumOpenPerUser else {
                throw APIError.invalidInput(
                    "upload", "you have \(Self.maximumOpenPerUser) that are not complete, which is the limit")
            }
            let upload = Upload(
                id: parts.ids.next(), user: caller.user, channel: draft.channel,
                filename: Filename.cleaned(draft.filename), size_bytes: draft.size_bytes, attachment: nil,
                createdAt: tx.now, expiresAt: tx.now + Self.lifetime, received: [])
            try UploadStore.insert(upload, tx)
            return upload
        }
    }

    func list(of caller: Caller) async throws -> [Upload] {
        try await parts.database.read { tx in try UploadStore.open(of: caller.user, tx) }
    }

    /// - Throws: `.uploadNotFound` also for somebody else's.
    func read(_ id: UploadID, of caller: Caller) async throws -> Upload {
        try await parts.database.read { tx in try Self.owned(id, by: caller, tx) }
    }

    private static func owned(_ id: UploadID, by caller: Caller, _ tx: Transaction) throws -> Upload {
        guard let upload = try UploadStore.upload(id, tx), upload.user == caller.user else {
            throw APIError.uploadNotFound
        }
        return upload
    }

    /// Takes one chunk. The same one may come again, as after a connection that broke.
    /// - Throws: `.uploadNotFound`, `.invalidInput` for a wrong number, size or checksum.
    func receive(
        _ text: String, of id: UploadID, _ content: RequestContent, by caller: Caller
    ) async throws -> Upload {
        let upload = try await read(id, of: caller)
        guard let number = Int(text), text == String(number), (0..<upload.chunks).contains(number) else {
            throw APIError.invalidInput("chunk", "must be a number from 0 to \(upload.chunks - 1)")
        }
        guard upload.attachment == nil else { return upload }
        let size_bytes = upload.chunkSize_bytes(number)
        let media = try blobs.available()
        let staged = try await media.staging.file(limit_bytes: size_bytes)
        do {
            try await content.read { try await staged.write($0) }
        } catch is FileLimitExceeded {
            throw APIError.invalidInput("chunk", "must have \(size_bytes) bytes, has more")
        }
        let file = try await staged.finish()
        guard file.size_bytes == size_bytes else {
            throw APIError.invalidInput("chunk", "must have \(size_bytes) bytes, has \(file.size_bytes)")
        }
        try Self.check(content.contentDigest, of: file)
        do {
            try await media.store.put(file, at: upload.key(number), contentType: MediaType.unknown.name)
        } catch {
            parts.logger.error("a chunk can't be stored", metadata: ["error": "\(error)"])
            throw APIError.serviceUnavailable
        }
        do {
            return try await parts.database.write { tx in
                // It may have been given up, or completed, meanwhile.
                guard try Self.owned(id, by: caller, tx).attachment == nil else {
                    return try Self.owned(id, by: caller, tx)
                }
                try UploadStore.setChunk(number, sha256: file.sha256, of: id, tx)
                return try Self.owned(id, by: caller, tx)
            }
        } catch let error as APIError where error.kind == .uploadNotFound {
            // What was removed with the upload was all but this.
            try await media.store.delete(upload.key(number))
            throw error
        }
    }

    /// `Content-Digest: sha-256=:…:` (RFC 9530, section 2). Without it nothing is checked.
    private static func check(_ header: String?, of file: ReceivedFile) throws {
        guard let header else { return }
        let wanted = header.split(separator: ",").map { $0.filter { $0 != " " } }.first { $0.hasPrefix("sha-256=:") }
        guard let wanted, wanted.hasSuffix(":"),
            let bytes = Data(base64Encoded: String(wanted.dropFirst("sha-256=:".count).dropLast()))
        else { throw APIError.invalidInput("Content-Digest", "must be sha-256=:BASE64:") }
        guard bytes.map({ String(format: "%02x", $0) }).joined() == file.sha256 else {
            throw APIError.invalidInput("Content-Digest", "is another than that of what arrived")
        }
    }

    /// Makes the file of its chunks. A second time returns the same attachment.
    /// - Parameter sha256: of the whole file, in hexadecimal; nil for a client that does not check.
    /// - Throws: `.invalidInput` while chunks are missing; what an upload in one go throws.
    func complete(_ id: UploadID, sha256: String?, by caller: Caller) async throws -> Attachment {
        let upload = try await read(id, of: caller)
        if let attachment = try await finished(upload) { return attachment }
        let missing = Set(0..<upload.chunks).subtracting(upload.received).sorted()
        guard missing.isEmpty else {
            throw APIError.invalidInput(
                "upload", "lacks the chunks \(missing.prefix(20).map(String.init).joined(separator: ", "))")
        }
        let media = try blobs.available()
        let file: ReceivedFile
        do {
            file = try await assembled(upload, media)
        } catch {
            // Whoever completes it at the same time deletes the chunks.
            if let attachment = try await finished(try await read(id, of: caller)) { return attachment }
            parts.logger.error("an upload can't be put together", metadata: ["error": "\(error)"])
            throw APIError.serviceUnavailable
        }
        if let sha256, sha256.lowercased() != file.sha256 {
            throw APIError.invalidInput("sha256", "is another than that of what arrived, which is \(file.sha256)")
        }
        let attachment = try await attachments.store(
            file, named: upload.filename, in: upload.channel, by: caller
        ) { attachment, tx in
            // Of two at once only one makes the attachment.
            if let first = try Self.owned(id, by: caller, tx).attachment,
                let known = try AttachmentStore.attachment(first, tx)
            {
                return known
            }
            try UploadStore.finish(id, as: attachment.id, tx)
            return attachment
        }
        try await deleteChunks(of: upload)
        return attachment
    }

    private func finished(_ upload: Upload) async throws -> Attachment? {
        guard let id = upload.attachment else { return nil }
        guard let attachment = try await parts.database.read({ tx in try AttachmentStore.attachment(id, tx) }) else {
            throw APIError.uploadNotFound
        }
        return attachment
    }

    private func assembled(_ upload: Upload, _ media: MediaParts) async throws -> ReceivedFile {
        let staged = try await media.staging.file(limit_bytes: upload.size_bytes)
        for number in 0..<upload.chunks {
            let range = 0..<upload.chunkSize_bytes(number)
            for try await piece in try await media.store.read(upload.key(number), range) {
                try await staged.write(piece)
            }
        }
        return try await staged.finish()
    }

    /// Gives an upload up.
    func cancel(_ id: UploadID, by caller: Caller) async throws {
        try await parts.database.write { tx in
            _ = try Self.owned(id, by: caller, tx)
            try UploadStore.expire(id, tx)
        }
    }

    // MARK: Upkeep

    /// The chunks of one that is complete are not needed any more; should this fail, they go when it runs out.
    private func deleteChunks(of upload: Upload) async throws {
        for number in 0..<upload.chunks { try? await blobs.available().store.delete(upload.key(number)) }
    }

    /// Removes one that has run out.
    /// - Returns: whether there may be more.
    package func removeExpired() async throws -> Bool {
        guard let media = blobs.media else { return false }
        guard let next = try await parts.database.read({ tx in try UploadStore.expired(tx) }) else { return false }
        try await SetAside(parts: parts).each(of: .upload, [next], named: { $0.id.description }) { id, chunks in
            for number in chunks { try await media.store.delete(.chunk(number, of: id.rawValue)) }
            try await parts.database.write { tx in try UploadStore.delete(id, tx) }
        }
        return true
    }
}
