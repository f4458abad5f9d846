import Database
import HTTPTypes
import Kernel
import Logging
import WebAPI

/// Messages that are written now and sent later.
struct ScheduledMessages: Sendable {
    private static let maximumPerChannel = 50
    private static let furthest = Duration.seconds(366 * 86_400)

    let parts: Parts
    let messages: Messages

    struct Draft: Sendable {
        /// As the client wrote it, so that it is read again by the same rules when its time has come.
        let body: [String: JSON]
        let sendAt: Timestamp
    }

    /// The caller's own in a channel, the next one first.
    func list(_ channel: ChannelID, of caller: Caller) async throws -> [ScheduledMessage] {
        try await parts.database.read { tx in
            _ = try Channels.place(channel, for: caller.user, tx)
            return try ScheduledMessageStore.messages(of: caller.user, in: channel, tx)
        }
    }

    /// - Throws: `.permissionDenied` as for sending it now, `.emptyMessage`, `.invalidInput` for a moment that is past.
    func create(_ draft: Draft, in channel: ChannelID, by caller: Caller) async throws -> ScheduledMessage {
        let message = try Messages.draftInput.decode(draft.body)
        _ = try messages.content(message.content, hasMore: message.hasMore, by: caller)
        return try await parts.database.write { tx in
            _ = try Messages.writablePlace(channel, for: caller, tx)
            guard (tx.now...tx.now + Self.furthest).contains(draft.sendAt) else {
                throw APIError.invalidInput("send_at", "must lie within the next year")
            }
            guard try ScheduledMessageStore.messages(of: caller.user, in: channel, tx).count < Self.maximumPerChannel
            else {
                throw APIError.invalidInput(
                    "channel_id", "has \(Self.maximumPerChannel) of your messages in line, which is the limit")
            }
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

    /// - Throws: `.messageNotFound`.
    func delete(_ id: ScheduledMessageID, in channel: ChannelID, by caller: Caller) async throws {
        try await parts.database.write { tx in
            let own = try ScheduledMessageStore.messages(of: caller.user, in: channel, tx)
            guard own.contains(where: { $0.id == id }) else { throw APIError.messageNotFound }
            try ScheduledMessageStore.delete(id, tx)
        }
    }

    /// Sends one message whose time has come, in the transaction that takes it out of line. What its author may not send
    /// any more stays there with the reason.
    /// - Returns: whether there may be more.
    func sendNext() async throws -> Bool {
        let due = try await parts.database.read { tx in try ScheduledMessageStore.due(tx) }
        guard let due else { return false }
        do {
            let sent = try await parts.database.write { tx in try send(due, tx) }
            if case .new(let message) = sent {
                messages.links.look(for: message.id, in: message.channel, message.content)
            }
        } catch let error as APIError {
            try await parts.database.write { tx in
                try ScheduledMessageStore.setFailure(error.message, of: due.id, tx)
            }
        }
        return true
    }

    /// - Returns: nil when another node was quicker.
    private func send(_ scheduled: ScheduledMessage, _ tx: Transaction) throws -> Messages.Sent? {
        guard try ScheduledMessageStore.delete(scheduled.id, tx) else { return nil }
        let user = try UserStore.required(scheduled.author, tx)
        guard try Sessions.isInUse(user, tx) else { throw APIError(.permissionDenied) }
        let author = Caller(
            user: user.id, login: SessionID(rawValue: 0), tokenHash: [], isBot: user.isBot, tier: user.tier)
        let draft = try Messages.draftInput.decode(scheduled.body)
        let content = try messages.content(draft.content, hasMore: draft.hasMore, by: author)
        return try messages.send(draft, content, in: scheduled.channel, as: author, tx)
    }

    // MARK: Routes

    private static let draft = JSONReader<Draft>(
        .named("ScheduledMessageDraft", .object(Messages.draftInput.properties + [sendAtProperty]))
    ) { json in
        guard let body = json.object else { return .failure(.init("must be an object")) }
        guard let seconds = body["send_at"]?.integer, (0...253_402_300_799).contains(seconds) else {
            return .failure(.init("must have send_at, in Unix seconds"))
        }
        return .success(
            Draft(body: body.filter { fields.contains($0.key) }, sendAt: Timestamp(seconds: seconds)))
    }

    /// What a message can have; nothing else is kept.
    private static let fields = Set(Messages.draftInput.properties.map(\.name))

    private static let sendAtProperty = JSONSchema.Property("send_at", .timestamp, isRequired: true)

    private static let path = "/channels/{channel_id}/scheduled-messages"

    var routes: [Route] {
        [
            .authenticated(
                .get, Self.path, "List one's messages that are still to be sent", takes: .nothing,
                returns: [ScheduledMessage].self, errors: Channels.access
            ) { caller, call in .ok(try await list(try call.id("channel_id"), of: caller)) },
            .authenticated(
                .post, Self.path, "Send a message later", takes: .body(Self.draft), returns: ScheduledMessage.self,
                statuses: [.created], errors: Channels.access + [.permissionDenied, .emptyMessage, .cannotMessageUser]
            ) { caller, call in .created(try await create(call.body, in: try call.id("channel_id"), by: caller)) }
            .limited(by: .messageSend),
            .authenticated(
                .delete, "\(Self.path)/{scheduled_id}", "Do not send a message after all", takes: .nothing,
                returns: Success.self, errors: Channels.access + [.messageNotFound, .invalidInput]
            ) { caller, call in
                try await delete(try call.id("scheduled_id"), in: try call.id("channel_id"), by: caller)
                return .success
            },
        ]
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
    private static let columns: StaticSQL = "id, channel_id, author_id, draft, send_at, created_at, failure"

    private static func message(_ row: SQLRow) -> ScheduledMessage {
        ScheduledMessage(
            id: row.id(0), channel: row.id(1), author: row.id(2), body: JSON(text: row.text(3))?.object ?? [:],
            sendAt: row.timestamp(4), createdAt: row.timestamp(5), failure: row.textOrNil(6))
    }

    static func insert(_ message: ScheduledMessage, _ tx: Transaction) throws {
        try tx.execute(
            "INSERT INTO scheduled_messages (\(columns)) VALUES ($1, $2, $3, $4, $5, $6, $7)",
            [
                message.id, message.channel, message.author, JSON.object(message.body).text, message.sendAt,
                message.createdAt, message.failure,
            ])
    }

    /// Uses `scheduled_messages_by_channel`.
    static func messages(
        of author: UserID, in channel: ChannelID, _ tx: Transaction
    ) throws -> [ScheduledMessage] {
        try tx.all(
            """
            SELECT \(columns) FROM scheduled_messages WHERE channel_id = $1 AND author_id = $2 ORDER BY send_at, id
            """, [channel, author], message)
    }

    /// Uses `scheduled_messages_due`.
    static func due(_ tx: Transaction) throws -> ScheduledMessage? {
        try tx.first(
            """
            SELECT \(columns) FROM scheduled_messages WHERE failure IS NULL AND send_at <= $1 ORDER BY send_at LIMIT 1
            """, [tx.now], message)
    }

    @discardableResult
    static func delete(_ id: ScheduledMessageID, _ tx: Transaction) throws -> Bool {
        try tx.count("DELETE FROM scheduled_messages WHERE id = $1 RETURNING id", [id]) == 1
    }

    static func setFailure(_ failure: String, of id: ScheduledMessageID, _ tx: Transaction) throws {
        try tx.execute("UPDATE scheduled_messages SET failure = $2 WHERE id = $1", [id, failure])
    }

    static func deleteAll(of author: UserID, _ tx: Transaction) throws {
        try tx.execute("DELETE FROM scheduled_messages WHERE author_id = $1", [author])
    }
}
