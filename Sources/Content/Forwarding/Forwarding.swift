import Community
import Database
import Features
import Files
import Kernel

/// Handing a message on to another channel.
struct Forwarding: Sendable {
    let messages: Messages

    /// What is to be handed on.
    struct Source: Sendable {
        let channel: ChannelID
        let message: MessageID
    }

    /// Hands a message on that is named by its id alone.
    /// - Throws: as sending a message that hands it on.
    func forward(_ message: MessageID, to target: ChannelID, by caller: Caller) async throws -> Message {
        let channel = try await messages.parts.database.read { tx in try MessageStore.channel(of: message, tx) }
        guard let channel else { throw APIError.messageNotFound }
        let draft = MessageDraft(forward: Source(channel: channel, message: message))
        switch try await messages.send(draft, in: target, as: caller) {
        case .new(let sent): return sent.value
        case .repeated(let sent): return sent
        }
    }

    /// The message as it is now, for somebody who may read it there and hand it on here. Its files are copied, so that they are
    /// as long there as what shows them.
    /// - Throws: `.accessDenied`, `.messageNotFound`; `.invalidInput` for what can't be handed on; `.permissionDenied` where it must
    ///   not leave its channel, or not come here.
    static func snapshot(
        of source: Source, for target: Place, by caller: Caller, _ parts: Parts, _ tx: Transaction
    ) throws -> Forward {
        let place = try readable(source, for: caller, tx)
        let message = try Messages.required(source.message, in: place, for: nil, tx)
        guard message.details.poll == nil else {
            throw APIError.invalidInput("forward", "is a poll, whose votes belong where it was asked")
        }
        try requireLeave(from: place, to: target, tx)
        var forward = message.details.forward ?? Forward(origin: message)
        let (attachments, embeds) = (forward.snapshot.attachments, forward.snapshot.embeds)
        if !attachments.isEmpty { try target.require(.messagesAttachFiles) }
        if embeds != .none { try target.require(.messagesEmbedLinks) }
        forward.snapshot.attachments = try attachments.map { attachment in
            let copy = attachment.copied(as: parts.ids.next(), to: target.channel.id, by: caller.user, parts.randomness)
            try AttachmentStore.insert(copy, expiresAt: tx.now + Attachments.unusedLifetime, tx)
            return copy
        }
        return forward
    }

    private static func readable(_ source: Source, for caller: Caller, _ tx: Transaction) throws -> Place {
        do {
            return try Messages.place(source.channel, for: caller.user, requiring: .messagesRead, tx)
        } catch let error as APIError where error.kind == .permissionDenied {
            throw APIError.accessDenied
        }
    }

    /// A thread goes by the channel that it is in.
    private static func requireLeave(from source: Place, to target: Place, _ tx: Transaction) throws {
        let origin = try source.channel.decisive(tx)
        guard try !origin.nsfw || target.channel.decisive(tx).nsfw else {
            throw APIError(.permissionDenied, details: [FieldIssue("forward", "must stay among channels for adults")])
        }
        guard origin.forwarding || source.permissions.contains(.messagesManage) else {
            throw APIError(.permissionDenied, details: [FieldIssue("forward", "must stay in its channel")])
        }
    }
}

extension Channel {
    /// The one whose settings count: a thread's is the channel that it is in.
    fileprivate func decisive(_ tx: Transaction) throws -> Channel {
        try thread.flatMap { try ChannelStore.channel($0.parent, tx) } ?? self
    }
}

extension Forward {
    /// A message as it is.
    fileprivate init(origin message: Message) {
        origin = Origin(server: message.server, channel: message.channel, message: message.id)
        snapshot = Snapshot(
            type: message.type, content: message.content, embeds: message.details.embeds, createdAt: message.createdAt,
            editedAt: message.editedAt, attachments: message.details.attachments, stickers: message.details.stickers,
            voice: message.details.voice)
    }
}

extension Attachment {
    /// The same file as somebody else's, in another channel.
    fileprivate func copied(
        as id: AttachmentID, to channel: ChannelID, by author: UserID, _ randomness: any Randomness
    ) -> Attachment {
        Attachment(
            id: id, channel: channel, author: author, message: nil, blob: blob, filename: filename, width: width,
            height: height, duration_ms: duration_ms, blurHash: blurHash, secret: randomness.bytes(32), shownAt: shownAt
        )
    }
}
