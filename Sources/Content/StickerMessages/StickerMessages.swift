import Community
import Database
import Features
import Kernel

/// Sending stickers.
struct StickerMessages: Sendable {
    /// Later a message is read, and nothing is stuck to it any more.
    private static let window = Duration.seconds(15 * 60)

    let parts: Parts
    let messages: Messages

    /// Where a sticker is to go.
    enum Goal: Sendable {
        case channel(ChannelID, replyTo: MessageID?, nonce: String?)
        /// A message that the caller has sent already.
        case message(MessageID)
    }

    /// - Throws: as sending a message with it.
    func send(_ sticker: StickerID, to channel: ChannelID, _ replyTo: MessageID?, _ nonce: String?, by caller: Caller)
        async throws -> Messages.Sent
    {
        let draft = MessageDraft(replyTo: replyTo, nonce: nonce, stickers: [sticker])
        return try await messages.send(draft, in: channel, as: caller)
    }

    /// Adds a sticker to a message of the caller's that is not older than 15 minutes.
    /// - Throws: `.permissionDenied` for somebody else's, an older one, and one that is something said or handed on; `.invalidInput`
    ///   for one sticker too many; `.resourceNotFound`, `.accessDenied`.
    func add(_ sticker: StickerID, to id: MessageID, by caller: Caller) async throws -> Message {
        try await parts.database.write { tx in
            guard let channel = try MessageStore.channel(of: id, tx) else { throw APIError.messageNotFound }
            let place = try Messages.writablePlace(channel, for: caller, tx)
            try place.require(.messagesRead)
            let old = try Messages.required(id, in: place, for: caller.user, tx)
            guard old.author == caller.user, tx.now < old.createdAt + Self.window, old.details.voice == nil,
                old.details.forward == nil
            else { throw APIError(.permissionDenied) }
            let known = old.details.stickers
            guard known.count < MessageSticker.maximumPerMessage, !known.contains(where: { $0.id == sticker }) else {
                throw APIError.invalidInput(
                    "message_id", "has it already, or \(MessageSticker.maximumPerMessage) others, which is the limit")
            }
            let added = try Stickers.sendable([sticker], in: place, by: caller.user, tx)
                .map { MessageSticker(id: $0.id, name: $0.name) }
            try MessageStore.setStickers(known + added, of: id, tx)
            try SearchIndex.replace(old, tx)
            try Messages.tellChanged(id, in: place, tx)
            return try Messages.required(id, in: place, for: caller.user, tx)
        }
    }
}
