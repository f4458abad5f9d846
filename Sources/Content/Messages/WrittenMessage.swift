import Kernel

/// A message as its author takes it along.
package struct WrittenMessage: JSONObjectEncodable {
    package let id: MessageID
    let channel: ChannelID
    let type: MessageType
    let content: String?
    let createdAt: Timestamp
    let editedAt: Timestamp?
    let replyTo: MessageID?
    let nonce: String?
    let embeds: StoredEmbeds
    let mentions: Mentions
    /// As it is stored; nil where everybody may be spoken to.
    let allowedMentions: String?
    let pinnedAt: Timestamp?
    let webhook: WebhookID?
    let authorName: String?
    let authorAvatar: String?
    let thread: ChannelID?
    let poll: PollID?
    let stickers: [MessageSticker]
    let waveform: String?
    let forward: Forward?
    /// Its earlier texts, the oldest first.
    var earlier: [MessageVersion] = []

    package static let shape = JSONShape<WrittenMessage>(
        "WrittenMessage",
        .field("id", \.id),
        .field("channel_id", \.channel),
        .field("type", \.type.rawValue),
        .field("content", \.content),
        .field("created_at", \.createdAt),
        .field("edited_at", \.editedAt),
        .field("reply_to_id", \.replyTo),
        .field("nonce", \.nonce),
        .field("embeds", \.embeds),
        .field("mentions", \.mentions.users),
        .field("mention_roles", \.mentions.roles),
        .field("mention_everyone", \.mentions.everyone),
        .field("allowed_mentions", \.allowedMentions),
        .field("pinned_at", \.pinnedAt),
        .field("webhook_id", \.webhook),
        .field("author_name", \.authorName),
        .field("author_avatar", \.authorAvatar),
        .field("thread_id", \.thread),
        .field("poll_id", \.poll),
        .field("stickers", \.stickers),
        .field("voice_waveform", \.waveform),
        .field("forward", \.forward),
        .field("earlier", \.earlier))
}
