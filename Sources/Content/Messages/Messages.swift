import Community
import Database
import Events
import Features
import Kernel
import People

/// What people say: sending, reading, editing and deleting messages.
package struct Messages: Sendable {
    static let editCap = Cap("earlier texts", per: .message, 50, .oldestGoes, bucket: .messageEdit)
    /// How long a nonce keeps a message from being sent twice.
    static let nonceLifetime = Duration.seconds(24 * 3600)

    let parts: Parts
    let auditLog: AuditLog
    let notifications: Notifications
    let links: LinkPreviews
    let receipts: Receipts
    let whereabouts = ChannelWhereabouts()
    private let pages = KeptPages()

    /// A message that was sent, or that had been sent before with the same nonce.
    enum Sent: Sendable {
        case new(EncodedOnce<Message>)
        case repeated(Message)
    }

    // MARK: Sending

    /// Sends a message and returns it once it is on disk.
    ///
    /// Sending again with the same nonce returns the first message (contract: REST, Messages).
    /// - Throws: `.emptyMessage`, `.channelNotFound`, `.permissionDenied`, `.cannotMessageUser`, `.rateLimited` in slow mode.
    func send(_ draft: MessageDraft, in channel: ChannelID, as author: Caller) async throws -> Sent {
        let content = try content(draft.content, hasMore: draft.hasMore, by: author)
        let question = question(draft, in: channel, by: author.user)
        let sent = try await parts.database.write(.same(channel.rawValue, asking: Questions(question))) { tx in
            try send(draft, content, in: channel, as: author, by: question, tx)
        }
        if case .new(let message) = sent { links.ring(for: message.value) }
        return sent
    }

    func send(
        _ draft: MessageDraft, _ content: MessageContent?, in channel: ChannelID, as author: Caller, _ tx: Transaction
    ) throws -> Sent {
        try send(
            draft, content, in: channel, as: author, by: question(draft, in: channel, by: author.user), tx)
    }

    private func send(
        _ draft: MessageDraft, _ content: MessageContent?, in channel: ChannelID, as author: Caller,
        by question: Query<Surroundings>, _ tx: Transaction
    ) throws -> Sent {
        try draft.requireModules(parts.configuration)
        let (((found, user), grounds), known) = try tx.ask(question)
        if let found { whereabouts.note(found) }
        let place = try Self.writable(Channels.place(found, for: author.user, by: grounds, tx), for: author, tx)
        // An answer quotes, and so reads.
        if draft.replyTo != nil { try place.require(.messagesRead) }
        if let known, known.at > tx.now - Self.nonceLifetime {
            return .repeated(try Self.sent(known.message, by: author, in: place, tx))
        }
        if !draft.embeds.isEmpty { try place.require(.messagesEmbedLinks) }
        if !draft.attachments.isEmpty { try place.require(.messagesAttachFiles) }
        if draft.poll != nil { try place.require(.pollsCreate) }
        let pauses = try SlowMode.check(place, author, tx)
        guard let user else { throw APIError.userNotFound }
        let message = try compose(draft, content, in: place, by: author, user, tx)
        let told = try post(message, in: place, tx)
        try SlowMode.begin(pauses, of: author, tx)
        if draft.allowedMentions != AllowedMentions() {
            try MessageStore.setAllowedMentions(draft.allowedMentions, of: message.id, tx)
        }
        if let nonce = draft.nonce { try MessageStore.remember(nonce: nonce, of: message, tx) }
        try notify(of: message, in: place, tx)
        return .new(told)
    }

    private typealias Surroundings = (((Channel?, User?), PlaceGrounds?), (message: MessageID, at: Timestamp)?)

    /// What has to be known about the place, the author and what was sent before. What the fewest ask stands last, so that the rest
    /// is asked alike.
    private func question(
        _ draft: MessageDraft, in channel: ChannelID, by author: UserID
    ) -> Query<Surroundings> {
        let nonce = draft.nonce.map { MessageStore.sent(withNonce: $0, by: author, in: channel) }
        return ChannelStore.channel(channel).and(UserStore.user(author))
            .and(whereabouts.grounds(of: channel, for: author)).and(nonce ?? .known(nil))
    }

    /// Stores a message whose sender may send it, and tells those who can read it.
    /// - Returns: the message as they are told of it.
    @discardableResult
    func post(_ message: Message, in place: Place, _ tx: Transaction) throws -> EncodedOnce<Message> {
        assert(message.id > place.channel.newestMessage, "messages of a channel are ordered by their ids")
        try MessageStore.insert(message, tx)
        try ChannelStore.setLastMessage(message.id, of: message.channel, tx)
        try SearchIndex.add(message, tx)
        try Threads.said(message, place, tx)
        if place.channel.type == .dm { try PrivateChannels.reveal(place.channel, saidBy: message.author, tx) }
        let told = EncodedOnce(message)
        tx.emit(
            .messageCreate, told, about: .message(message.id, quoting: message.reply?.id), to: place.messageAudience)
        try Pushes.messageComes(message, in: place, parts, tx)
        try NotificationMails.messageComes(message, in: place, parts, tx)
        try links.look(for: message, tx)
        return told
    }

    /// The text of a message that may also be without one when there is more to it.
    func content(_ text: String?, hasMore: Bool, by author: Caller) throws(APIError) -> MessageContent? {
        let maximum = parts.configuration.messageLength(of: author.tier)
        do throws(APIError) {
            return try MessageContent(text, maximumLength: maximum)
        } catch {
            if hasMore, error.kind == .emptyMessage { return nil }
            throw error
        }
    }

    static func writablePlace(_ channel: ChannelID, for author: Caller, _ tx: Transaction) throws -> Place {
        try writable(Channels.place(channel, for: author.user, tx), for: author, tx)
    }

    private static func writable(_ place: Place, for author: Caller, _ tx: Transaction) throws -> Place {
        try place.requireMessages()
        try place.require(.messagesSend)
        // What is announced is for everyone to read and for few to write.
        if place.channel.type == .announcement { try place.require(.messagesManage) }
        try Threads.requireOpen(place)
        try Relationships.requireTalking(place, author.user, tx)
        return place
    }

    package static func place(
        _ channel: ChannelID, for user: UserID, requiring permission: Permission, _ tx: Transaction
    ) throws -> Place {
        let place = try Channels.place(channel, for: user, tx)
        try place.requireMessages()
        try place.require(permission)
        return place
    }

    /// What was sent with the same nonce before.
    private static func sent(
        _ id: MessageID, by author: Caller, in place: Place, _ tx: Transaction
    ) throws -> Message {
        // Deleted meanwhile: it was sent, and is not sent again.
        let message = try required(id, in: place, for: author.user, tx)
        if message.replyTo != nil { try place.require(.messagesRead) }
        return message
    }

    private func compose(
        _ draft: MessageDraft, _ content: MessageContent?, in place: Place, by author: Caller, _ user: User,
        _ tx: Transaction
    ) throws -> Message {
        let channel = place.channel
        let answered = try draft.replyTo.map { try Self.required($0, in: place, for: nil, tx) }
        var names = draft.allowedMentions.filter(MessageMarkup.mentions(in: content?.text ?? ""))
        if let answered, draft.allowedMentions.repliedUser, answered.author != user.id,
            answered.details.webhook == nil
        {
            names.users.insert(answered.author)
        }
        let id = parts.ids.next(after: channel.newestMessage)
        return Message(
            id: id, channel: channel.id, server: channel.server, author: user.id,
            authorUsername: user.username, authorDisplayName: user.displayName, authorAvatarURL: user.avatarURL,
            type: draft.poll != nil ? .poll : answered != nil ? .reply : .default, content: content?.text,
            createdAt: tx.now, editedAt: nil, replyTo: draft.replyTo,
            reply: answered.map {
                MessagePreview(
                    id: $0.id, author: $0.author, authorUsername: $0.authorUsername, content: $0.content)
            },
            nonce: draft.nonce,
            details: try details(of: draft, as: id, speakingTo: names, in: place, by: author, tx))
    }

    private func details(
        of draft: MessageDraft, as id: MessageID, speakingTo names: MentionedNames, in place: Place,
        by author: Caller, _ tx: Transaction
    ) throws -> MessageDetails {
        let mentions = try Mentions.resolve(names, in: place, tx)
        let attachments = try Attachments.unused(draft.attachments, in: place.channel.id, by: author.user, tx)
        let embeds = StoredEmbeds(draft.embeds)
        guard !draft.stickers.isEmpty || draft.poll != nil || draft.forward != nil || draft.waveform != nil else {
            return try Self.details(embeds: embeds, attachments: attachments, mentions: mentions, tx)
        }
        return MessageDetails(
            embeds: embeds, attachments: attachments, mentions: mentions,
            mentioned: try Self.mentioned(in: mentions, tx),
            poll: try draft.poll.map { try Polls.poll($0, on: id, in: place, by: author.user, parts, tx) },
            stickers: try Stickers.sendable(draft.stickers, in: place, by: author.user, tx)
                .map { MessageSticker(id: $0.id, name: $0.name) },
            voice: draft.waveform.flatMap { waveform in
                attachments.first?.duration_ms.map { VoiceRecording(duration_ms: $0, waveform: waveform) }
            },
            forward: try draft.forward.map {
                try Forwarding.snapshot(of: $0, for: place, by: author, parts, tx)
            })
    }

    static func details(
        embeds: StoredEmbeds, attachments: [Attachment] = [], mentions: Mentions, webhook: WebhookID? = nil,
        _ tx: Transaction
    ) throws -> MessageDetails {
        if embeds == .none, attachments.isEmpty, mentions == .none, webhook == nil { return .none }
        return MessageDetails(
            embeds: embeds, attachments: attachments, mentions: mentions, mentioned: try mentioned(in: mentions, tx),
            webhook: webhook)
    }

    private static func mentioned(in mentions: Mentions, _ tx: Transaction) throws -> [MentionedUser] {
        guard !mentions.users.isEmpty else { return [] }
        let faces = try UserStore.faces(of: Set(mentions.users), tx)
        return mentions.users.compactMap { faces[$0].map(MentionedUser.init(_:)) }
    }

    /// Tells those whom a new message speaks to.
    func notify(of message: Message, in place: Place, _ tx: Transaction) throws {
        let mentions = message.details.mentions
        guard !mentions.users.isEmpty || !mentions.roles.isEmpty else { return }
        let answered = message.reply?.author
        for user in try mentions.notified(in: place, tx).sorted() {
            try notifications.notify(
                user, user == answered ? .reply : .mention, from: message.author, named: message.authorUsername,
                about: .init(server: message.server, channel: message.channel, message: message.id), tx)
        }
    }

    // MARK: Reading

    func list(
        _ channel: ChannelID, _ page: MessagePage, limit: Int, for caller: Caller
    ) async throws -> MessageList {
        try await parts.database.read { tx in
            let place = try Self.place(channel, for: caller.user, requiring: .messagesRead, tx)
            guard try receipts.areGiven(in: place, tx) else {
                return try pages.list(page, limit: limit, in: place.channel, for: caller.user, tx)
            }
            let messages = try MessageStore.messages(in: place.channel, page, limit: limit, for: caller.user, tx)
            return MessageList(try receipts.counted(messages, in: place, for: caller, tx))
        }
    }

    func read(_ id: MessageID, in channel: ChannelID, for caller: Caller) async throws -> Message {
        try await parts.database.read { tx in
            let place = try Self.place(channel, for: caller.user, requiring: .messagesRead, tx)
            let message = try Self.required(id, in: place, for: caller.user, tx)
            return try receipts.counted([message], in: place, for: caller, tx)[0]
        }
    }

    func history(
        of id: MessageID, in channel: ChannelID, for caller: Caller
    ) async throws -> [MessageVersion] {
        try await parts.database.read { tx in
            let place = try Self.place(channel, for: caller.user, requiring: .messagesRead, tx)
            try Self.requireExisting(id, in: place, tx)
            return try MessageStore.history(of: id, tx)
        }
    }

    /// - Parameter reader: whose own reactions and votes are marked.
    /// - Throws: `.messageNotFound`.
    package static func required(
        _ id: MessageID, in place: Place, for reader: UserID?, _ tx: Transaction
    ) throws -> Message {
        guard let message = try MessageStore.message(id, in: place.channel, for: reader, tx) else {
            throw APIError.messageNotFound
        }
        return message
    }

    static func requireExisting(_ id: MessageID, in place: Place, _ tx: Transaction) throws {
        guard try MessageStore.exists(id, in: place.channel.id, tx) else { throw APIError.messageNotFound }
    }

    // MARK: Changing

    /// MESSAGE_UPDATE with the message as it is now.
    static func tellChanged(_ id: MessageID, in place: Place, _ tx: Transaction) throws {
        guard let message = try MessageStore.message(id, in: place.channel, tx) else { return }
        tx.emit(
            .messageUpdate, message, about: .message(id, quoting: message.reply?.id), to: place.messageAudience)
    }

    /// Only the author edits a message; the old text stays in its history. Whom it speaks to is read anew, and whom it did not
    /// speak to before is notified.
    func edit(
        _ id: MessageID, _ edit: MessageEdit, in channel: ChannelID, by caller: Caller
    ) async throws -> Message {
        let message = try await parts.database.write(.same(channel.rawValue)) { tx in
            let message = try self.edit(id, edit, in: channel, by: caller, tx)
            try links.look(for: message, tx)
            return message
        }
        links.ring(for: message)
        return message
    }

    private func edit(
        _ id: MessageID, _ edit: MessageEdit, in channel: ChannelID, by caller: Caller, _ tx: Transaction
    ) throws -> Message {
        let place = try Self.place(channel, for: caller.user, requiring: .messagesRead, tx)
        let old = try Self.required(id, in: place, for: caller.user, tx)
        guard old.author == caller.user, old.type != .poll, old.details.voice == nil else {
            throw APIError(.permissionDenied)
        }
        try place.permissions.requireVoice()
        try Threads.requireOpen(place)
        try Relationships.requireTalking(place, caller.user, tx)
        let embeds = edit.embeds.map(StoredEmbeds.init) ?? old.details.embeds
        if edit.embeds?.isEmpty == false { try place.require(.messagesEmbedLinks) }
        let hasMore =
            embeds != .none || !old.details.storedAttachments.isEmpty || !old.details.stickers.isEmpty
            || old.details.forward != nil
        let content = try content(edit.content.applied(to: old.content), hasMore: hasMore, by: caller)
        let allowed = try edit.allowedMentions ?? MessageStore.allowedMentions(of: id, tx)
        let names = allowed.filter(MessageMarkup.mentions(in: content?.text ?? ""))
        var mentions = try Mentions.resolve(names, in: place, tx)
        if let answered = old.reply?.author, allowed.repliedUser, old.details.mentions.users.contains(answered),
            !mentions.users.contains(answered)
        {
            mentions.users.append(answered)
        }
        let isChanged = try replace(old, content?.text, embeds, mentions, edit.allowedMentions, in: place, tx)
        return isChanged ? try Self.required(id, in: place, for: caller.user, tx) : old
    }

    /// Gives a message another text or other cards, with everything that follows from them.
    /// - Returns: false when nothing is different.
    func replace(
        _ old: Message, _ content: String?, _ embeds: StoredEmbeds, _ mentions: Mentions, _ allowed: AllowedMentions?,
        in place: Place, _ tx: Transaction
    ) throws -> Bool {
        // Scalar by scalar: strings that only look the same are equal in Swift, but another text.
        let isSame = Array((old.content ?? "").unicodeScalars) == Array((content ?? "").unicodeScalars)
        guard !isSame || embeds != old.details.embeds else { return false }
        try MessageStore.edit(old, content: content, embeds: embeds, mentions: mentions, tx)
        if let allowed { try MessageStore.setAllowedMentions(allowed, of: old.id, tx) }
        try SearchIndex.replace(old, tx)
        try LinkPreviews.takeOut(of: old, whoseTextIs: content, tx)
        if place.channel.thread != nil { try Threads.bringIn(mentions, with: old, place, tx) }
        try Self.tellChanged(old.id, in: place, tx)
        let (before, after) = (try old.details.mentions.notified(in: place, tx), try mentions.notified(in: place, tx))
        try Notifications.withdraw(about: old.id, exceptOf: after, tx)
        for user in after.subtracting(before).sorted()
        where try user != old.author && Notifications.mayTellAgain(user, of: old.author, tx) {
            try notifications.notify(
                user, .mention, from: old.author, named: old.authorUsername,
                about: .init(server: old.server, channel: old.channel, message: old.id), tx)
        }
        return true
    }

    /// The author deletes a message, or one who has `messages.manage`. A poll is also the voters'.
    func delete(_ id: MessageID, in channel: ChannelID, by caller: Caller) async throws {
        try await parts.database.write(.same(channel.rawValue)) { tx in
            let place = try Self.place(channel, for: caller.user, requiring: .messagesRead, tx)
            let message = try Self.required(id, in: place, for: nil, tx)
            if message.details.poll != nil { try place.permissions.requireVoice() }
            if message.author != caller.user {
                try place.require(.messagesManage)
                if let server = place.channel.server {
                    try auditLog.record(
                        .messageDelete, .message(id, in: channel), in: server, by: caller,
                        changes: [
                            "channel_id": .string(channel.description),
                            "author_id": .string(message.author.description),
                        ], tx)
                }
            }
            try Self.remove([id], from: place.channel, parts.features, tx)
        }
    }

    /// Deletes several messages at once; ids that are not there any more are passed over.
    /// - Returns: how many were deleted.
    func deleteAll(_ ids: [MessageID], in channel: ChannelID, by caller: Caller) async throws -> Int {
        try await parts.database.write { tx in
            let place = try Self.place(channel, for: caller.user, requiring: .messagesManage, tx)
            let existing = try MessageStore.existing(Array(Set(ids)), in: channel, tx)
            guard !existing.isEmpty else { return 0 }
            let authors = try MessageStore.authors(of: existing, tx)
            try Self.removeInBulk(existing, from: place.channel, parts.features, tx)
            if let server = place.channel.server {
                try auditLog.record(
                    .messageBulkDelete, .channel(channel), in: server, by: caller,
                    changes: [
                        "count": .integer(Int64(existing.count)),
                        "message_ids": .array(existing.sorted().map { .string($0.description) }),
                        "author_ids": .array(authors.map { .string($0.description) }),
                    ], tx)
            }
            return existing.count
        }
    }

    /// Deletes messages of a channel that are known to be there, with everything that hangs on them, and tells.
    static func remove(
        _ ids: [MessageID], from channel: Channel, _ features: FeatureList, _ tx: Transaction
    ) throws {
        guard let only = ids.first, ids.count == 1 else { return try removeInBulk(ids, from: channel, features, tx) }
        try delete(ids, from: channel, features, tx) { place in
            tx.emit(
                .messageDelete, MessageDeletedEvent(id: only, channel: channel.id, server: channel.server),
                to: place.messageAudience)
        }
    }

    /// The same, told as one deed however many they are.
    static func removeInBulk(
        _ ids: [MessageID], from channel: Channel, _ features: FeatureList, _ tx: Transaction
    ) throws {
        try delete(ids, from: channel, features, tx) { place in
            tx.emit(
                .messageDeleteBulk, MessagesDeletedEvent(ids: ids, channel: channel.id, server: channel.server),
                to: place.messageAudience)
        }
    }

    private static func delete(
        _ ids: [MessageID], from channel: Channel, _ features: FeatureList, _ tx: Transaction,
        thenTelling tell: (Place) -> Void
    ) throws {
        let place = try Place.unattended(channel, tx)
        let takesPins = try MessageStore.hasPinned(ids, in: channel.id, tx)
        try MessageStore.delete(ids, from: channel.id, features, tx)
        tell(place)
        if takesPins { Pins.tell(place, tx) }
    }

    /// Forgets nonces that protect nothing any more, a few at a time.
    /// - Returns: whether there may be more.
    package func forgetNonces() async throws -> Bool {
        try await parts.database.write { tx in
            try MessageStore.forgetNonces(before: tx.now - Self.nonceLifetime, limit: 500, tx)
        }
    }
}

/// A pause between two messages of one person in one channel, which its threads share: else they would be the way around it.
enum SlowMode {
    /// - Returns: where a pause begins when the author now says something.
    /// - Throws: `.rateLimited` with the rest of the pause.
    static func check(_ place: Place, _ author: Caller, _ tx: Transaction) throws -> [ChannelID] {
        guard !place.permissions.contains(.messagesBypassSlowmode) else { return [] }
        let parent = try place.channel.thread.flatMap { try ChannelStore.channel($0.parent, tx) }
        let paused = [place.channel, parent].compactMap { $0 }.filter { $0.slowmode_s > 0 }
        guard !paused.isEmpty else { return [] }
        if try !isBeginning(place.channel, author, pause: .seconds(parent?.slowmode_s ?? 0), tx) {
            for channel in paused { try check(channel, author, tx) }
        }
        return Set(paused.map(\.id) + [place.channel.id]).sorted()
    }

    /// To be called when nothing is refused any more: who is refused after a change has everybody beside them written once more.
    /// - Parameter pauses: what `check` gave.
    static func begin(_ pauses: [ChannelID], of author: Caller, _ tx: Transaction) throws {
        for channel in pauses { try MessageStore.markSlowSend(of: author.user, in: channel, tx) }
    }

    private static func check(_ channel: Channel, _ author: Caller, _ tx: Transaction) throws {
        let pause = Duration.seconds(channel.slowmode_s)
        guard let last = try MessageStore.lastSlowSend(of: author.user, in: channel.id, tx), tx.now < last + pause
        else {
            return
        }
        let rest = (last + pause) - tx.now
        throw APIError.rateLimited(retryAfter_s: Double(rest.wholeMilliseconds) / 1000)
    }

    /// Who has just begun a thread says in it what it is about: once, also when they take it back.
    private static func isBeginning(
        _ thread: Channel, _ author: Caller, pause: Duration, _ tx: Transaction
    ) throws -> Bool {
        guard thread.owner == author.user, thread.thread != nil, tx.now < thread.createdAt + pause else { return false }
        return try MessageStore.lastSlowSend(of: author.user, in: thread.id, tx) == nil
    }
}
