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

    /// Whether there is something to see besides a text.
    var hasMore: Bool { !embeds.isEmpty || !attachments.isEmpty }
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
package enum MessagePage: Sendable, Equatable {
    case newest
    case before(MessageID)
    case after(MessageID)
    case around(MessageID)
}
