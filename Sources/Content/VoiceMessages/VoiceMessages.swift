import Community
import Database
import Features
import Files
import Foundation
import Kernel
import Media
import NIOConcurrencyHelpers

/// Saying something instead of writing it.
struct VoiceMessages: Sendable {
    static let maximum_bytes = 10 << 20

    let parts: Parts
    let messages: Messages
    let blobs: Blobs
    let intake: Intake
    let speakers = Speakers()

    /// What goes with a recording.
    struct Draft: Sendable {
        let replyTo: MessageID?
        let nonce: String?
    }

    /// Sends what was uploaded as a file, and is used nowhere yet.
    /// - Throws: `.invalidInput` for an address that is not that of an unused upload of the caller's to this channel.
    func send(uploadAt address: String, _ draft: Draft, in channel: ChannelID, by caller: Caller) async throws
        -> Messages.Sent
    {
        try await requirePlace(channel, by: caller)
        let upload = try await parts.database.read { tx in
            let id = Attachment.id(inAddress: address)
            let upload = try id.flatMap { try AttachmentStore.attachment($0, tx) }
            guard let upload, upload.author == caller.user, upload.channel == channel, upload.message == nil else {
                throw Self.unusable
            }
            return upload
        }
        guard upload.blob.size_bytes <= Self.maximum_bytes else {
            throw APIError.fileTooLarge(limit_bytes: Self.maximum_bytes)
        }
        return try await send(
            try await blobs.fetched(upload.blob), draft, in: channel, by: caller, insteadOf: upload)
    }

    /// Whether the caller may say something there at the moment.
    func requirePlace(_ channel: ChannelID, by caller: Caller) async throws {
        try await parts.database.read { tx in
            try Self.requirePlace(channel, by: caller, tx)
            try Attachments.requireRoom(for: caller, tx)
        }
    }

    /// An upload becomes the message, unless it was used meanwhile.
    private static func take(_ upload: Attachment, _ tx: Transaction) throws {
        guard let now = try AttachmentStore.attachment(upload.id, tx), now.message == nil else { throw unusable }
        try AttachmentStore.deleteUnused(upload, tx)
    }

    private static let unusable = APIError.invalidInput(
        "url", "must be that of an unused upload of yours to this channel")

    private static func requirePlace(_ channel: ChannelID, by caller: Caller, _ tx: Transaction) throws {
        let place = try Messages.writablePlace(channel, for: caller, tx)
        try place.require(.messagesSendVoice)
        try place.require(.messagesAttachFiles)
    }

    /// Sends a recording. Its length and its waveform are measured here; what the client says of them only counts until then.
    /// - Throws: as sending a message with a file; `.emptyMessage` for nothing said, `.invalidFileType`, `.invalidInput` on
    ///   `duration_ms` for what is too long, `.rateLimited` while another one of the caller's is listened to.
    func send(
        _ file: ReceivedFile, _ draft: Draft, in channel: ChannelID, by caller: Caller,
        insteadOf upload: Attachment? = nil
    ) async throws -> Messages.Sent {
        let speech = try await speakers.alone(caller.user) {
            try await intake.speech(file, limit_s: parts.configuration.voiceMessage_s)
        }
        let (secret, waveform) = (parts.randomness.bytes(32), Data(speech.waveform).base64EncodedString())
        return try await blobs.keep(speech.file, .ogg) { blob, tx in
            // A good while may have passed since the recording came.
            try Self.requirePlace(channel, by: caller, tx)
            try Attachments.requireRoom(for: caller, tx)
            if let upload { try Self.take(upload, tx) }
            let attachment = Attachment(
                id: parts.ids.next(), channel: channel, author: caller.user, message: nil, blob: blob,
                filename: "voice-message.ogg", width: nil, height: nil, duration_ms: speech.duration_ms, blurHash: nil,
                secret: secret, shownAt: tx.now)
            try AttachmentStore.insert(attachment, expiresAt: tx.now + Attachments.unusedLifetime, tx)
            let sent = try messages.send(
                MessageDraft(
                    replyTo: draft.replyTo, nonce: draft.nonce, attachments: [attachment.id], waveform: waveform),
                nil, in: channel, as: caller, tx)
            switch sent {
            case .new: try AttachmentStore.countUpload(of: caller.user, on: tx.now.seconds / 86_400, tx)
            case .repeated: try AttachmentStore.deleteUnused(attachment, tx)
            }
            return sent
        }
    }
}

/// Whose recordings are being listened to: one of each person, so that nobody keeps the tools from others.
final class Speakers: Sendable {
    private let busy = NIOLockedValueBox<Set<UserID>>([])

    /// - Throws: `.rateLimited` while there is one already.
    func alone<Result: Sendable>(_ user: UserID, _ work: () async throws -> Result) async throws -> Result {
        guard busy.withLockedValue({ $0.insert(user).inserted }) else { throw APIError.rateLimited(retryAfter_s: 1) }
        defer { _ = busy.withLockedValue { $0.remove(user) } }
        return try await work()
    }
}

extension Attachment {
    /// The id in the address of an attachment, relative or not; nil for another address.
    fileprivate static func id(inAddress address: String) -> AttachmentID? {
        let path = address.split(separator: "?", maxSplits: 1).first ?? ""
        let parts = path.split(separator: "/")
        guard let index = parts.lastIndex(of: "attachments"), index + 1 < parts.count, index > 0,
            parts[index - 1] == "media"
        else { return nil }
        return try? AttachmentID(parsing: parts[index + 1])
    }
}
