import Database
import EventLog
import Kernel
import WebAPI

/// What people say: sending, reading, editing and deleting messages.
struct Messages: Sendable {
    /// How long a nonce keeps a message from being sent twice.
    static let nonceLifetime = Duration.seconds(24 * 3600)

    let parts: Parts

    /// A message that was sent, or that had been sent before with the same nonce.
    enum Sent: Sendable {
        case new(Message)
        case repeated(Message)
    }

    // MARK: Sending

    /// Sends a message and returns it once it is on disk.
    ///
    /// Sending again with the same nonce returns the first message (contract: REST, Messages).
    /// - Throws: `.emptyMessage`, `.channelNotFound`, `.permissionDenied`, `.rateLimited` in slow mode.
    func send(_ draft: MessageDraft, in channel: ChannelID, as author: Caller) async throws -> Sent {
        let content = try MessageContent(draft.content, maximumLength: parts.configuration.messageLength)
        return try await parts.database.write { tx in
            let place = try Self.place(channel, for: author, requiring: .messagesSend, tx)
            if let sent = try Self.sent(with: draft.nonce, by: author, in: place, tx) { return .repeated(sent) }
            try SlowMode.check(place, author, tx)
            let message = try compose(draft, content, in: place, by: author, tx)
            try MessageStore.insert(message, tx)
            try ChannelStore.setLastMessage(message.id, of: channel, tx)
            if let nonce = draft.nonce { try MessageStore.remember(nonce: nonce, of: message, tx) }
            tx.emit("MESSAGE_CREATE", message, intent: place.messageIntent, to: .messages(of: channel))
            return .new(message)
        }
    }

    private static func place(
        _ channel: ChannelID, for caller: Caller, requiring permission: Permission, _ tx: Transaction
    ) throws -> Place {
        let place = try Channels.place(channel, for: caller.user, tx)
        try place.requireMessages()
        try place.permissions.require(permission)
        return place
    }

    private static func sent(
        with nonce: String?, by author: Caller, in place: Place, _ tx: Transaction
    ) throws -> Message? {
        guard let nonce else { return nil }
        let known = try MessageStore.message(
            withNonce: nonce, by: author.user, in: place.channel.id, since: tx.now - nonceLifetime, tx)
        // Deleted meanwhile: it was sent, and is not sent again.
        return try known.map { try required($0, in: place, tx) }
    }

    private func compose(
        _ draft: MessageDraft, _ content: MessageContent, in place: Place, by author: Caller, _ tx: Transaction
    ) throws -> Message {
        let channel = place.channel
        let user = try UserStore.required(author.user, tx)
        let answered = try draft.replyTo.map { try Self.required($0, in: place, tx) }
        return Message(
            id: parts.ids.next(), channel: channel.id, server: channel.server, author: user.id,
            authorUsername: user.username, authorDisplayName: user.displayName,
            type: answered == nil ? .default : .reply, content: content.text, createdAt: tx.now, editedAt: nil,
            replyTo: draft.replyTo,
            reply: answered.map {
                MessagePreview(
                    id: $0.id, author: $0.author, authorUsername: $0.authorUsername, content: $0.content)
            },
            nonce: draft.nonce)
    }

    // MARK: Reading

    func list(
        _ channel: ChannelID, _ page: MessagePage, limit: Int, for caller: Caller
    ) async throws -> [Message] {
        try await parts.database.read { tx in
            let place = try Self.place(channel, for: caller, requiring: .messagesRead, tx)
            return try MessageStore.messages(in: place.channel, page, limit: limit, tx)
        }
    }

    func read(_ id: MessageID, in channel: ChannelID, for caller: Caller) async throws -> Message {
        try await parts.database.read { tx in
            let place = try Self.place(channel, for: caller, requiring: .messagesRead, tx)
            return try Self.required(id, in: place, tx)
        }
    }

    func history(
        of id: MessageID, in channel: ChannelID, for caller: Caller
    ) async throws -> [MessageVersion] {
        try await parts.database.read { tx in
            let place = try Self.place(channel, for: caller, requiring: .messagesRead, tx)
            return try MessageStore.history(of: try Self.required(id, in: place, tx).id, tx)
        }
    }

    private static func required(_ id: MessageID, in place: Place, _ tx: Transaction) throws -> Message {
        guard let message = try MessageStore.message(id, in: place.channel, tx) else { throw APIError.messageNotFound }
        return message
    }

    // MARK: Changing

    /// Only the author edits a message; the old text stays in its history.
    func edit(
        _ id: MessageID, content: String?, in channel: ChannelID, by caller: Caller
    ) async throws -> Message {
        let content = try MessageContent(content, maximumLength: parts.configuration.messageLength)
        return try await parts.database.write { tx in
            let place = try Self.place(channel, for: caller, requiring: .messagesRead, tx)
            let old = try Self.required(id, in: place, tx)
            guard old.author == caller.user else { throw APIError(.permissionDenied) }
            // Scalar by scalar: strings that only look the same are equal in Swift, but another text.
            guard old.content?.unicodeScalars.elementsEqual(content.text.unicodeScalars) != true else { return old }
            try MessageStore.edit(old, content: content.text, tx)
            let new = try Self.required(id, in: place, tx)
            tx.emit("MESSAGE_UPDATE", new, intent: place.messageIntent, to: .messages(of: channel))
            return new
        }
    }

    /// The author deletes a message, or one who has `messages.manage`.
    func delete(_ id: MessageID, in channel: ChannelID, by caller: Caller) async throws {
        try await parts.database.write { tx in
            let place = try Self.place(channel, for: caller, requiring: .messagesRead, tx)
            let message = try Self.required(id, in: place, tx)
            if message.author != caller.user { try place.permissions.require(.messagesManage) }
            try MessageStore.delete([id], from: channel, tx)
            tx.emit(
                "MESSAGE_DELETE", MessageDeletedEvent(id: id, channel: channel, server: place.channel.server),
                intent: place.messageIntent, to: .messages(of: channel))
        }
    }

    /// Deletes several messages at once; ids that are not there any more are passed over.
    /// - Returns: how many were deleted.
    func deleteAll(_ ids: [MessageID], in channel: ChannelID, by caller: Caller) async throws -> Int {
        try await parts.database.write { tx in
            let place = try Self.place(channel, for: caller, requiring: .messagesManage, tx)
            let existing = try MessageStore.existing(Array(Set(ids)), in: channel, tx)
            guard !existing.isEmpty else { return 0 }
            try MessageStore.delete(existing, from: channel, tx)
            tx.emit(
                "MESSAGE_DELETE_BULK",
                MessagesDeletedEvent(ids: existing, channel: channel, server: place.channel.server),
                intent: place.messageIntent, to: .messages(of: channel))
            return existing.count
        }
    }

    /// Forgets nonces that protect nothing any more, a few at a time.
    /// - Returns: whether there may be more.
    func forgetNonces() async throws -> Bool {
        try await parts.database.write { tx in
            try MessageStore.forgetNonces(before: tx.now - Self.nonceLifetime, limit: 500, tx)
        }
    }
}

/// A pause between two messages of one person in one channel.
enum SlowMode {
    /// - Throws: `.rateLimited` with the rest of the pause.
    static func check(_ place: Place, _ author: Caller, _ tx: Transaction) throws {
        let pause = Duration.seconds(place.channel.slowmode_s)
        guard pause > .zero, !place.permissions.contains(.messagesBypassSlowmode) else { return }
        let channel = place.channel.id
        if let last = try MessageStore.lastSlowSend(of: author.user, in: channel, tx), tx.now < last + pause {
            let rest = (last + pause) - tx.now
            throw APIError.rateLimited(retryAfter_s: Double(rest.wholeMilliseconds) / 1000)
        }
        try MessageStore.markSlowSend(of: author.user, in: channel, tx)
    }
}
