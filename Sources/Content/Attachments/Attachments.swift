import Community
import Database
import Features
import Files
import Kernel
import Media
import WebAPI

/// Files of messages: uploading and fetching them.
package struct Attachments: Sendable {
    /// What no message uses by then is removed.
    package static let unusedLifetime = Duration.seconds(24 * 3600)
    package static let maximumPerMessage = TierLimits.attachmentsPerMessage

    let parts: Parts
    let blobs: Blobs
    let intake: Intake
    let thumbnails: Thumbnails

    // MARK: Uploading

    /// Takes a file in one go.
    /// - Throws: `.fileTooLarge`, `.invalidFileType`, `.permissionDenied`, `.rateLimited` after too many in a day.
    func upload(_ content: RequestContent, to channel: ChannelID, by caller: Caller) async throws -> Attachment {
        try await requirePlace(for: channel, by: caller)
        let limit_bytes = parts.configuration.fileSize_bytes(of: caller.tier)
        let staged = try await blobs.available().staging.file(limit_bytes: limit_bytes)
        let form = try await content.readForm(files: ["file"], limit_bytes: limit_bytes) { try await staged.take($0) }
        guard let filename = form.filename else { throw APIError.invalidInput("file", "is required") }
        return try await store(try await staged.finish(), named: filename, in: channel, by: caller)
    }

    /// Whether the caller may upload something to a channel at the moment.
    func requirePlace(for channel: ChannelID, by caller: Caller) async throws {
        try await parts.database.read { tx in
            try Self.requirePlace(for: channel, by: caller, tx)
            try Self.requireRoom(for: caller, tx)
        }
    }

    static func requirePlace(for channel: ChannelID, by caller: Caller, _ tx: Transaction) throws {
        let place = try Messages.writablePlace(channel, for: caller, tx)
        try place.require(.messagesAttachFiles)
    }

    static func requireRoom(for caller: Caller, _ tx: Transaction) throws {
        guard let limit = caller.tier.limits.uploadsPerDay else { return }
        let (day, passed) = tx.now.seconds.quotientAndRemainder(dividingBy: 86_400)
        guard try AttachmentStore.uploads(of: caller.user, on: day, tx) < limit else {
            throw APIError.rateLimited(retryAfter_s: Double(86_400 - passed))
        }
    }

    /// Looks at a file that is wholly here, stores it and makes it an attachment.
    /// - Parameter record: what else has to happen with it, in the same transaction.
    func store(
        _ file: ReceivedFile, named filename: String, in channel: ChannelID, by caller: Caller,
        record: @escaping @Sendable (Attachment, Transaction) throws -> Attachment = { attachment, _ in attachment }
    ) async throws -> Attachment {
        let accepted = try await intake.accept(file)
        let secret = parts.randomness.bytes(32)
        let name = Filename.cleaned(filename)
        let attachment = try await blobs.keep(accepted.file, accepted.type) { blob, tx in
            // A good while may have passed since the upload began.
            try Self.requirePlace(for: channel, by: caller, tx)
            try Self.requireRoom(for: caller, tx)
            let attachment = Attachment(
                id: parts.ids.next(), channel: channel, author: caller.user, message: nil, blob: blob, filename: name,
                width: accepted.width, height: accepted.height, duration_ms: accepted.duration_ms,
                blurHash: accepted.blurHash, secret: secret, shownAt: tx.now)
            let recorded = try record(attachment, tx)
            guard recorded.id == attachment.id else { return recorded }
            try AttachmentStore.insert(attachment, expiresAt: tx.now + Self.unusedLifetime, tx)
            try AttachmentStore.countUpload(of: caller.user, on: tx.now.seconds / 86_400, tx)
            return attachment
        }
        if let preview = accepted.preview {
            try await thumbnails.keep(preview, .large, of: attachment.blob)
        }
        return attachment
    }

    // MARK: In messages

    /// The attachments that a message is to have.
    /// - Throws: `.invalidInput` for those that are not the author's, or of another channel, or used already; the same answer
    ///   for all, so that nothing can be learned of other people's.
    static func unused(
        _ ids: [AttachmentID], in channel: ChannelID, by author: UserID, _ tx: Transaction
    ) throws -> [Attachment] {
        guard !ids.isEmpty else { return [] }
        guard Set(ids).count == ids.count else { throw APIError.invalidInput("attachments", "has one of them twice") }
        let found = try AttachmentStore.attachments(ids, tx)
        let own = Dictionary(
            uniqueKeysWithValues: found.filter { $0.author == author && $0.channel == channel && $0.message == nil }
                .map { ($0.id, $0) })
        return try ids.map { id in
            guard let attachment = own[id] else {
                throw APIError.invalidInput(
                    "attachments", "has \(id), which is no unused upload of yours to this channel")
            }
            return attachment
        }
    }

    // MARK: Fetching

    struct Address: Sendable {
        let signature: AttachmentSignature?
        let edge: PictureEdge?
    }

    /// - Throws: `.authenticationRequired` without a token and a signature, `.accessDenied` for a signature that does not hold,
    ///   `.attachmentNotFound`; what reading the channel throws.
    func file(_ id: AttachmentID, _ address: Address, for caller: Caller?) async throws -> FileAnswer {
        guard caller != nil || address.signature != nil else { throw APIError.authenticationRequired }
        let attachment = try await parts.database.read { tx in try visible(id, address, to: caller, tx) }
        if let edge = address.edge {
            guard attachment.hasThumbnails else { throw APIError.invalidInput("size", "is only for what can be seen") }
            let thumbnail = try await thumbnails.thumbnail(edge, of: attachment.blob)
            return .file(thumbnail.served(by: blobs, filename: nil, caching: .client(seconds: 86_400)))
        }
        let blob = attachment.blob
        let served = blob.served(by: blobs, filename: attachment.filename, caching: .client(seconds: 86_400))
        let direct = DirectDownload(
            contentType: served.contentType, contentDisposition: served.disposition, lifetime_s: 900)
        if let elsewhere = try await blobs.available().store.address(of: blob.key, direct) {
            return .elsewhere(elsewhere)
        }
        return .file(served)
    }

    private func visible(
        _ id: AttachmentID, _ address: Address, to caller: Caller?, _ tx: Transaction
    ) throws -> Attachment {
        guard let attachment = try AttachmentStore.attachment(id, tx) else {
            throw caller == nil ? APIError.accessDenied : .attachmentNotFound
        }
        if let signature = address.signature {
            guard signature.isValid(for: attachment, at: tx.now) else { throw APIError.accessDenied }
        } else if let caller {
            try Self.requireSight(of: attachment, for: caller, tx)
        }
        // Blocked after it was uploaded.
        guard try !BlockStore.isBlocked(hash: attachment.blob.sha256, tx) else { throw APIError.attachmentNotFound }
        return attachment
    }

    private static func requireSight(of attachment: Attachment, for caller: Caller, _ tx: Transaction) throws {
        guard attachment.message != nil else {
            guard attachment.author == caller.user else { throw APIError.accessDenied }
            return
        }
        _ = try Messages.place(attachment.channel, for: caller.user, requiring: .messagesRead, tx)
    }

    // MARK: Upkeep

    /// Removes some of what nobody used.
    /// - Returns: whether there may be more.
    package func deleteUnused() async throws -> Bool {
        try await parts.database.write { tx in
            try AttachmentStore.forgetCounts(before: tx.now.seconds / 86_400, tx)
            return try AttachmentStore.deleteUnused(limit: 100, tx)
        }
    }
}

/// Names of files, as others will see them.
enum Filename {
    /// In Unicode scalars, like all that follows.
    private static let longest = 255
    private static let longestSuffix = 16

    /// Without the folders that some clients send along, and without what could pass for something else: control characters and
    /// those that turn the direction of writing (as in `exe.gpj`).
    static func cleaned(_ name: String) -> String {
        // By scalars: a slash may be a part of a character.
        let scalars = name.unicodeScalars.filter { scalar in
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .unassigned: false
            default: true
            }
        }
        let last = scalars.split(whereSeparator: { $0 == "/" || $0 == "\\" }).last ?? []
        let text = String(String.UnicodeScalarView(last.drop { $0 == "." || $0 == " " }))
        guard !text.isEmpty else { return "file" }
        guard !text.fits(.scalars(longest)) else { return text }
        // The end tells what it is.
        let suffix =
            text.unicodeScalars.lastIndex(of: ".").map { text[$0...] }
            .flatMap { $0.fits(.scalars(longestSuffix)) ? String($0) : nil } ?? ""
        return text.beginning(.scalars(longest - suffix.unicodeScalars.count)) + suffix
    }
}
