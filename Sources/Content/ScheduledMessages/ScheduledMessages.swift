import Community
import Database
import Features
import Kernel
import Logging
import People

/// Messages that are written now and sent later.
package struct ScheduledMessages: Sendable {
    static let maximumPerChannel = 50
    static let maximumPerUser = 200
    private static let furthest = Duration.seconds(366 * 86_400)
    /// One author's messages go out no faster than people may send (`RateLimitBucket.messageSend`).
    private static let pause = Duration.seconds(1)
    /// How long something waits that could not be sent because a part was out of reach.
    private static let patience = Duration.seconds(30)
    /// How long what was given up is listed.
    private static let memory = Duration.seconds(30 * 86_400)

    let parts: Parts
    let messages: Messages
    /// Whether nothing is sent at the moment, since the instance is being maintained.
    let isPaused: @Sendable () -> Bool

    struct Draft: Sendable {
        /// As the client wrote it, without what is not declared, so that it is read again by the same rules when its time has
        /// come.
        let body: [String: JSON]
        let sendAt: Timestamp
    }

    /// The caller's own in a channel, the next one first. They stay the author's when the channel is out of sight or gone.
    func list(_ channel: ChannelID, of caller: Caller) async throws -> [ScheduledMessage] {
        try await parts.database.read { tx in
            let own = try ScheduledMessageStore.messages(of: caller.user, in: channel, tx)
            if own.isEmpty { _ = try Channels.place(channel, for: caller.user, tx) }
            return own
        }
    }

    /// All of the caller's, the next one first.
    func list(of caller: Caller) async throws -> [ScheduledMessage] {
        try await parts.database.read { tx in try ScheduledMessageStore.messages(of: caller.user, tx) }
    }

    /// - Throws: `.permissionDenied` as for sending it now, `.emptyMessage`, `.invalidInput` for a moment that is past.
    func create(_ draft: Draft, in channel: ChannelID, by caller: Caller) async throws -> ScheduledMessage {
        let message = try Messages.draftInput.decode(draft.body)
        try message.requireModules(parts.configuration)
        _ = try messages.content(message.content, hasMore: message.hasMore, by: caller)
        return try await parts.database.write { tx in
            let place = try Messages.writablePlace(channel, for: caller, tx)
            if message.replyTo != nil { try place.require(.messagesRead) }
            guard (tx.now...tx.now + Self.furthest).contains(draft.sendAt) else {
                throw APIError.invalidInput("send_at", "must lie within the next year")
            }
            try Self.requireRoom(in: channel, for: caller, tx)
            let scheduled = ScheduledMessage(
                id: parts.ids.next(), channel: channel, author: caller.user, body: draft.body, sendAt: draft.sendAt,
                createdAt: tx.now, failure: nil)
            try ScheduledMessageStore.insert(scheduled, tx)
            _ = try Attachments.unused(message.attachments, in: channel, by: caller.user, tx)
            // Should it not be sent at its time, there is a while to notice.
            try AttachmentStore.hold(message.attachments, until: draft.sendAt + Attachments.unusedLifetime, tx)
            return scheduled
        }
    }

    private static func requireRoom(in channel: ChannelID, for caller: Caller, _ tx: Transaction) throws {
        let own = try ScheduledMessageStore.messages(of: caller.user, tx)
        guard own.count < maximumPerUser else {
            throw APIError.invalidInput(
                "send_at", "is one too many: you have \(maximumPerUser) messages in line, which is the limit")
        }
        guard own.count(where: { $0.channel == channel }) < maximumPerChannel else {
            throw APIError.invalidInput(
                "channel_id", "has \(maximumPerChannel) of your messages in line, which is the limit")
        }
    }

    /// - Throws: `.messageNotFound`.
    func delete(_ id: ScheduledMessageID, in channel: ChannelID, by caller: Caller) async throws {
        try await parts.database.write { tx in
            let own = try ScheduledMessageStore.messages(of: caller.user, in: channel, tx)
            guard own.contains(where: { $0.id == id }) else { throw APIError.messageNotFound }
            try ScheduledMessageStore.delete(id, tx)
        }
    }

    // MARK: Sending

    /// Sends one message whose time has come, in the transaction that takes it out of line. What a wait will mend waits, and
    /// with it what its author has in line behind it there; what its author may not send any more stays with the reason.
    /// - Returns: whether there may be more.
    package func sendNext() async throws -> Bool {
        guard !isPaused() else { return false }
        let due = try await parts.database.read { tx in try ScheduledMessageStore.due(tx) }
        guard let due else { return false }
        try await SetAside(parts: parts).each(of: .scheduledMessage, [due], named: \.id.description) { due in
            do {
                let sent = try await parts.database.write { tx in try send(due, tx) }
                if let sent { messages.links.ring(for: sent) }
            } catch let error as APIError {
                let wait = try Self.wait(after: error)
                try await parts.database.write { tx in
                    if let wait {
                        try ScheduledMessageStore.postpone(due.id, to: tx.now + wait, tx)
                    } else {
                        try ScheduledMessageStore.setFailure(error.message, of: due.id, tx)
                    }
                }
            }
        }
        return true
    }

    /// How long to wait before it is worth another try; nil when it never will be.
    /// - Throws: the error, when it is a bug.
    private static func wait(after error: APIError) throws -> Duration? {
        switch error.kind {
        case .rateLimited:
            guard case .number(let seconds)? = error.extra["retry_after"] else { return patience }
            return .milliseconds(Int64(min(max(seconds, 0), 86_400) * 1000) + 1)
        case .serviceUnavailable, .moduleNotAvailable: return patience
        case .internalServerError: throw error
        default: return nil
        }
    }

    /// - Returns: nil when another node was quicker.
    private func send(_ scheduled: ScheduledMessage, _ tx: Transaction) throws -> Message? {
        guard try ScheduledMessageStore.delete(scheduled.id, tx) else { return nil }
        let user = try UserStore.required(scheduled.author, tx)
        guard try Sessions.isInUse(user, tx) else { throw APIError(.permissionDenied) }
        let author = Caller(
            user: user.id, login: SessionID(rawValue: 0), tokenHash: [], isBot: user.isBot, tier: user.tier)
        let draft = try Messages.draftInput.decode(scheduled.body)
        let content = try messages.content(draft.content, hasMore: draft.hasMore, by: author)
        switch try messages.send(draft, content, in: scheduled.channel, as: author, tx) {
        case .new(let message):
            try ScheduledMessageStore.postponeAll(of: author.user, to: tx.now + Self.pause, tx)
            return message.value
        // Something else was sent with this nonce, so this one never was.
        case .repeated: throw APIError.alreadyExists
        }
    }

    /// Forgets what was given up long ago.
    /// - Returns: whether there may be more.
    package func deleteOld() async throws -> Bool {
        try await parts.database.write { tx in
            try ScheduledMessageStore.deleteFailed(before: tx.now - Self.memory, limit: 500, tx)
        }
    }
}

struct ScheduledMessage: JSONObjectEncodable {
    let id: ScheduledMessageID
    let channel: ChannelID
    let author: UserID
    let body: [String: JSON]
    let sendAt: Timestamp
    let createdAt: Timestamp
    /// Why it could not be sent when its time had come.
    let failure: String?

    static let shape = JSONShape<ScheduledMessage>(
        "ScheduledMessage",
        .field("id", \.id),
        .field("channel_id", \.channel),
        .field("author_id", \.author),
        .field("content") { $0.body["content"]?.string },
        .field("embeds") { $0.body["embeds"] ?? .array([]) },
        .field("attachments") { $0.body["attachments"] ?? .array([]) },
        .field("reply_to_id") { $0.body["reply_to_id"]?.string },
        .field("send_at", \.sendAt),
        .field("created_at", \.createdAt),
        .field("failure", \.failure))
}

enum ScheduledMessageStore {
    private static let shape = RowShape<ScheduledMessage> { row in
        ScheduledMessage(
            id: row["id", \.id], channel: row["channel_id", \.channel], author: row["author_id", \.author],
            body: JSON(text: row["draft", { JSON.object($0.body).text }])?.object ?? [:],
            sendAt: row["send_at", \.sendAt], createdAt: row["created_at", \.createdAt],
            failure: row["failure", \.failure])
    }

    private static let columns = shape.columns

    static func insert(_ message: ScheduledMessage, _ tx: Transaction) throws {
        try tx.execute(
            "INSERT INTO scheduled_messages (try_at, \(shape.stored)) VALUES ($1, \(shape.placeholders(from: 2)))",
            [message.sendAt] + shape.values(of: message))
    }

    /// Uses `scheduled_messages_by_channel`.
    static func messages(
        of author: UserID, in channel: ChannelID, _ tx: Transaction
    ) throws -> [ScheduledMessage] {
        try tx.all(
            """
            SELECT \(columns) FROM scheduled_messages WHERE channel_id = $1 AND author_id = $2 ORDER BY send_at, id
            """, [channel, author], as: shape)
    }

    /// Uses `scheduled_messages_by_author`.
    static func messages(of author: UserID, _ tx: Transaction) throws -> [ScheduledMessage] {
        try tx.all(
            "SELECT \(columns) FROM scheduled_messages WHERE author_id = $1 ORDER BY send_at, id", [author], as: shape)
    }

    /// The next one, which is the first that its author has in line in its channel. Uses `scheduled_messages_due` and
    /// `scheduled_messages_by_channel`.
    static func due(_ tx: Transaction) throws -> ScheduledMessage? {
        try tx.first(
            """
            SELECT \(columns) FROM scheduled_messages s WHERE s.failure IS NULL AND s.try_at <= $1
                AND \(SetAsideStore.none(of: .scheduledMessage, "CAST(s.id AS TEXT)"))
                AND NOT EXISTS (SELECT 1 FROM scheduled_messages e
                    WHERE e.channel_id = s.channel_id AND e.author_id = s.author_id AND e.failure IS NULL
                        AND (e.send_at < s.send_at OR (e.send_at = s.send_at AND e.id < s.id))
                        AND \(SetAsideStore.none(of: .scheduledMessage, "CAST(e.id AS TEXT)")))
            ORDER BY s.try_at, s.send_at, s.id LIMIT 1
            """, [tx.now], as: shape)
    }

    @discardableResult
    static func delete(_ id: ScheduledMessageID, _ tx: Transaction) throws -> Bool {
        try tx.count("DELETE FROM scheduled_messages WHERE id = $1 RETURNING id", [id]) == 1
    }

    static func setFailure(_ failure: String, of id: ScheduledMessageID, _ tx: Transaction) throws {
        try tx.execute(
            "UPDATE scheduled_messages SET failure = $2, try_at = $3 WHERE id = $1", [id, failure, tx.now])
    }

    static func postpone(_ id: ScheduledMessageID, to moment: Timestamp, _ tx: Transaction) throws {
        try tx.execute("UPDATE scheduled_messages SET try_at = $2 WHERE id = $1", [id, moment])
    }

    /// Nothing of an author goes out before a moment. Uses `scheduled_messages_by_author`.
    static func postponeAll(of author: UserID, to moment: Timestamp, _ tx: Transaction) throws {
        try tx.execute(
            "UPDATE scheduled_messages SET try_at = $2 WHERE author_id = $1 AND failure IS NULL AND try_at < $2",
            [author, moment])
    }

    /// Uses `scheduled_messages_failed`.
    static func deleteFailed(before moment: Timestamp, limit: Int, _ tx: Transaction) throws -> Bool {
        try tx.count(
            """
            DELETE FROM scheduled_messages WHERE id IN (
                SELECT id FROM scheduled_messages WHERE failure IS NOT NULL AND try_at <= $1 LIMIT $2) RETURNING id
            """, [moment, limit]) == limit
    }
}
