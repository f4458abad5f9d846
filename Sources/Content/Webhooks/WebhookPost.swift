import Features
import Kernel

/// What a program sends through a webhook.
struct WebhookPost: Sendable {
    var content: String?
    var username: String?
    var avatarURL: String?
    var embeds: [Embed] = []
    var thread: ChannelID?
    var allowedMentions = AllowedMentions()

    /// Shorter than a person's message, in Unicode scalars, so that what a program sends by mistake stays bearable.
    static let maximumLength = 2000

    static let input = JSONInput(
        "WebhookPost",
        .optional("content", .string(0...100_000)),
        .optional("username", NameRules.name(1...80)),
        .optional("avatar_url", WebLink.reader),
        .optional("embeds", .array(of: .object(Embed.input), count: 0...Embed.maximumCount), default: []),
        .optional("thread_id", .id(ChannelID.self)),
        .optional("allowed_mentions", .object(AllowedMentions.input), default: AllowedMentions()),
        make: { (content, username, avatar, embeds, thread, allowedMentions) throws(APIError) in
            try Embed.check(embeds)
            return WebhookPost(
                content: content, username: username, avatarURL: avatar, embeds: embeds, thread: thread,
                allowedMentions: allowedMentions)
        })

    /// The text of a message that may also be nothing but embeds.
    /// - Throws: `.emptyMessage`, `.invalidInput`.
    static func content(_ text: String?, hasMore: Bool) throws(APIError) -> MessageContent? {
        do throws(APIError) {
            return try MessageContent(text, maximumLength: maximumLength)
        } catch {
            guard error.kind == .emptyMessage, hasMore else { throw error }
            return nil
        }
    }
}

/// What a program changes in a message that it has sent.
struct WebhookMessageEdit: Sendable {
    let content: Change<String>
    /// Nil leaves them as they are.
    let embeds: [Embed]?
    /// Nil: as when it was sent.
    let allowedMentions: AllowedMentions?

    static let input = JSONInput(
        "WebhookMessageEdit",
        .change("content", .string(0...100_000)),
        .change("embeds", .array(of: .object(Embed.input), count: 0...Embed.maximumCount)),
        .optional("allowed_mentions", .object(AllowedMentions.input)),
        make: { (content, embeds, allowedMentions) throws(APIError) in
            let embeds: [Embed]? =
                switch embeds {
                case .unchanged: nil
                case .cleared: []
                case .set(let embeds): embeds
                }
            if case .unchanged = content, embeds == nil { throw .invalidInput("content", "or embeds is required") }
            try Embed.check(embeds ?? [])
            return WebhookMessageEdit(content: content, embeds: embeds, allowedMentions: allowedMentions)
        })
}
