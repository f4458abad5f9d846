import Community
import Features
import Files
import Mail
import People

/// What this room has: messages, what hangs on them, and how they are found.
package struct ContentFeatures: Sendable {
    package let messages: Messages
    package let search: Search
    package let linkPreviews: LinkPreviews
    package let typing: Typing
    package let receipts: Receipts
    package let pushes: Pushes
    package let mails: NotificationMails
    /// In the order in which an account is taken apart.
    package let all: [any Feature]

    /// - Parameters:
    ///   - push: nil where nothing is pushed.
    ///   - mailer: nil when there is no server for outgoing mail.
    ///   - isPaused: whether nothing is sent at the moment, since the instance is being maintained.
    package init(
        _ parts: Parts, _ files: FileFeatures, _ community: CommunityFeatures, push: PushParts?, mailer: (any Mailer)?,
        transient: TransientEvents,
        isPaused: @escaping @Sendable () -> Bool
    ) {
        let auditLog = community.auditLog
        let attachments = Attachments(
            parts: parts, blobs: files.blobs, intake: files.intake, thumbnails: files.thumbnails)
        linkPreviews = LinkPreviews(parts: parts, blobs: files.blobs, intake: files.intake)
        receipts = Receipts(parts: parts, transient: transient)
        messages = Messages(
            parts: parts, auditLog: auditLog, notifications: community.notifications, links: linkPreviews,
            receipts: receipts)
        search = Search(parts: parts)
        typing = Typing(parts: parts, transient: transient)
        mails = NotificationMails(parts: parts, presences: community.presences, mailer: mailer)
        let pushTokens = PushTokens(parts: parts, push: push)
        pushes = Pushes(parts: parts, tokens: pushTokens, presences: community.presences)
        all = [
            Threads(parts: parts, auditLog: auditLog), ReadStates(parts: parts, receipts: receipts),
            receipts, messages,
            Forwarding(messages: messages), StickerMessages(parts: parts, messages: messages),
            VoiceMessages(
                parts: parts, messages: messages, blobs: files.blobs, intake: files.intake),
            Reactions(parts: parts, auditLog: auditLog), Pins(parts: parts, auditLog: auditLog),
            Polls(parts: parts, messages: messages, auditLog: auditLog), search, Bookmarks(parts: parts),
            RecentChats(parts: parts), Reminders(parts: parts),
            KeywordAlerts(parts: parts, notifications: community.notifications),
            Webhooks(parts: parts, auditLog: auditLog, messages: messages),
            ScheduledMessages(parts: parts, messages: messages, isPaused: isPaused), attachments,
            Uploads(parts: parts, blobs: files.blobs, attachments: attachments), linkPreviews, typing,
            pushTokens, pushes, mails,
        ]
    }
}
