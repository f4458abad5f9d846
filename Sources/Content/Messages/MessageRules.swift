import Community
import Features
import Kernel

/// The text of a message: never only white space, never longer than allowed. Lengths count Unicode scalars.
struct MessageContent: Sendable, Equatable {
    let text: String

    /// - Throws: `.emptyMessage`, `.invalidInput`.
    init(_ text: String?, maximumLength: Int) throws(APIError) {
        guard let text, text.unicodeScalars.contains(where: { !$0.properties.isWhitespace }),
            NameRules.isVisible(text)
        else { throw .emptyMessage }
        let length = text.unicodeScalars.count
        guard length <= maximumLength else {
            throw .invalidInput("content", "must be at most \(maximumLength) characters long, is \(length)")
        }
        guard NameRules.isClean(text) else { throw .invalidInput("content", "must not have control characters") }
        self.text = text
    }
}

/// What somebody wants to send.
struct MessageDraft: Sendable {
    let content: String?
    let replyTo: MessageID?
    let nonce: String?
    let embeds: [Embed]
    let attachments: [AttachmentID]
    let allowedMentions: AllowedMentions
    let stickers: [StickerID]
    let poll: PollDraft?
    let forward: Forwarding.Source?
    /// Base64, of the only attachment, in which something is said.
    let waveform: String?

    init(
        content: String? = nil, replyTo: MessageID? = nil, nonce: String? = nil, embeds: [Embed] = [],
        attachments: [AttachmentID] = [], allowedMentions: AllowedMentions = AllowedMentions(),
        stickers: [StickerID] = [], poll: PollDraft? = nil, forward: Forwarding.Source? = nil,
        waveform: String? = nil
    ) {
        self.content = content
        self.replyTo = replyTo
        self.nonce = nonce
        self.embeds = embeds
        self.attachments = attachments
        self.allowedMentions = allowedMentions
        self.stickers = stickers
        self.poll = poll
        self.forward = forward
        self.waveform = waveform
    }

    /// Whether there is something to see besides a text.
    var hasMore: Bool {
        !embeds.isEmpty || !attachments.isEmpty || !stickers.isEmpty || poll != nil || forward != nil
    }

    /// - Throws: `.invalidInput` for what does not go together.
    func check() throws(APIError) {
        guard Set(stickers).count == stickers.count else {
            throw .invalidInput("sticker_ids", "has one of them twice")
        }
        guard forward == nil || (attachments.isEmpty && stickers.isEmpty && poll == nil) else {
            throw .invalidInput("forward", "goes with words alone, without files, stickers and polls")
        }
    }

    /// - Throws: `.moduleNotAvailable` for what the operator has switched off.
    func requireModules(_ configuration: ChatConfiguration) throws(APIError) {
        if !stickers.isEmpty { try configuration.require(.stickers) }
        if poll != nil { try configuration.require(.polls) }
        if forward != nil { try configuration.require(.forwarding) }
    }
}

/// What somebody wants to change in a message of theirs.
struct MessageEdit: Sendable {
    let content: Change<String>
    /// Nil leaves them as they are.
    let embeds: [Embed]?
    /// Nil for those that the message was sent with.
    let allowedMentions: AllowedMentions?
}

/// Which part of a channel's history is asked for. Messages come newest first.
package enum MessagePage: Sendable, Hashable {
    case newest
    case before(MessageID)
    case after(MessageID)
    case around(MessageID)
}
