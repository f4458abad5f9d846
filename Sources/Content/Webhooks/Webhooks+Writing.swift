import Community
import Database
import Events
import Features
import Kernel

/// What who has a webhook's token may do without an account: write, change and delete what was written, and look after the webhook.
extension Webhooks {
    /// - Throws: `.webhookNotFound`, `.invalidToken`.
    private static func own(_ id: WebhookID, _ token: String, _ tx: Transaction) throws -> Webhook {
        guard let webhook = try WebhookStore.webhook(id, tx), let hash = try WebhookStore.tokenHash(of: id, tx) else {
            throw APIError.webhookNotFound
        }
        guard SecretToken.hash(token) == hash else { throw APIError.invalidToken }
        return webhook
    }

    /// The webhook's channel, or a thread of it.
    /// - Throws: `.channelNotFound` for a thread of elsewhere, and for private ones, of which no webhook knows.
    private static func place(of webhook: Webhook, thread: ChannelID?, _ tx: Transaction) throws -> Place {
        guard let channel = try ChannelStore.channel(thread ?? webhook.channel, tx),
            thread == nil || thread == webhook.channel || channel.thread?.parent == webhook.channel,
            channel.thread?.isPrivate != true
        else { throw APIError.channelNotFound }
        return try Place.unattended(channel, tx)
    }

    // MARK: Messages

    /// Writes into the webhook's channel, or into a thread of it. Whom the message speaks to is notified as by a person's.
    /// - Throws: `.webhookNotFound`, `.invalidToken`, `.emptyMessage`, `.channelNotFound` for a thread of elsewhere,
    ///   `.permissionDenied` in a locked one.
    func execute(_ id: WebhookID, token: String, _ post: WebhookPost) async throws -> Message {
        let content = try WebhookPost.content(post.content, hasMore: !post.embeds.isEmpty)
        let message = try await parts.database.write { tx in
            let webhook = try Self.own(id, token, tx)
            let place = try Self.place(of: webhook, thread: post.thread, tx)
            try Threads.requireOpen(place)
            // A webhook speaks to nobody who could not read it, and never to everyone.
            let names = post.allowedMentions.filter(MessageMarkup.mentions(in: content?.text ?? ""))
            let message = Message(
                id: parts.ids.next(after: place.channel.newestMessage), channel: place.channel.id,
                server: webhook.server,
                author: UserID(rawValue: webhook.id.rawValue), authorUsername: post.username ?? webhook.name,
                authorDisplayName: nil, authorAvatarURL: post.avatarURL ?? webhook.avatarURL, type: .default,
                content: content?.text, createdAt: tx.now, editedAt: nil, replyTo: nil, reply: nil, nonce: nil,
                details: try Messages.details(
                    embeds: StoredEmbeds(post.embeds), mentions: try Mentions.resolve(names, in: place, tx),
                    webhook: id, tx))
            try messages.post(message, in: place, tx)
            if post.allowedMentions != AllowedMentions() {
                try MessageStore.setAllowedMentions(post.allowedMentions, of: message.id, tx)
            }
            try messages.notify(of: message, in: place, tx)
            return message
        }
        messages.links.ring(for: message)
        return message
    }

    /// A message that the webhook has written.
    /// - Throws: `.messageNotFound` also for somebody else's.
    func message(_ message: MessageID, in thread: ChannelID?, of id: WebhookID, token: String) async throws -> Message {
        try await parts.database.read { tx in
            let place = try Self.place(of: try Self.own(id, token, tx), thread: thread, tx)
            return try Self.written(message, by: id, in: place, tx)
        }
    }

    private static func written(
        _ message: MessageID, by webhook: WebhookID, in place: Place, _ tx: Transaction
    ) throws -> Message {
        let message = try Messages.required(message, in: place, for: nil, tx)
        guard message.details.webhook == webhook else { throw APIError.messageNotFound }
        return message
    }

    /// The earlier text stays in the message's history, and whom it did not speak to before is notified.
    /// - Throws: as `execute`.
    func edit(
        _ message: MessageID, _ edit: WebhookMessageEdit, in thread: ChannelID?, of id: WebhookID, token: String
    ) async throws -> Message {
        let edited = try await parts.database.write { tx in
            let place = try Self.place(of: try Self.own(id, token, tx), thread: thread, tx)
            try Threads.requireOpen(place)
            let old = try Self.written(message, by: id, in: place, tx)
            let embeds = edit.embeds.map(StoredEmbeds.init) ?? old.details.embeds
            let content = try WebhookPost.content(edit.content.applied(to: old.content), hasMore: embeds != .none)
            let allowed = try edit.allowedMentions ?? MessageStore.allowedMentions(of: message, tx)
            let names = allowed.filter(MessageMarkup.mentions(in: content?.text ?? ""))
            let mentions = try Mentions.resolve(names, in: place, tx)
            _ = try messages.replace(old, content?.text, embeds, mentions, edit.allowedMentions, in: place, tx)
            let edited = try Messages.required(message, in: place, for: nil, tx)
            try messages.links.look(for: edited, tx)
            return edited
        }
        messages.links.ring(for: edited)
        return edited
    }

    func delete(_ message: MessageID, in thread: ChannelID?, of id: WebhookID, token: String) async throws {
        try await parts.database.write { tx in
            let place = try Self.place(of: try Self.own(id, token, tx), thread: thread, tx)
            try Threads.requireOpen(place)
            _ = try Self.written(message, by: id, in: place, tx)
            try Messages.remove([message], from: place.channel, parts.features, tx)
        }
    }

    // MARK: The webhook itself

    func read(_ id: WebhookID, token: String) async throws -> OwnWebhook {
        try await parts.database.read { tx in OwnWebhook(webhook: try Self.own(id, token, tx), token: token) }
    }

    /// Its channel stays: that takes a person's rights.
    func change(_ id: WebhookID, token: String, _ change: Change) async throws -> OwnWebhook {
        try await parts.database.write { tx in
            let old = try Self.own(id, token, tx)
            var new = old
            new.name = change.name ?? old.name
            new.avatarURL = change.avatarURL.applied(to: old.avatarURL)
            try WebhookStore.update(new, tx)
            try tell(.webhookUpdate, old, new, by: Self.caller(old), tx)
            return OwnWebhook(webhook: new, token: token)
        }
    }

    func delete(_ id: WebhookID, token: String) async throws {
        try await parts.database.write { tx in
            let webhook = try Self.own(id, token, tx)
            try WebhookStore.delete(id, tx)
            try tell(.webhookDelete, webhook, nil, by: Self.caller(webhook), tx)
        }
    }

    /// The webhook as who acts, for the audit log.
    private static func caller(_ webhook: Webhook) -> Caller {
        Caller(
            user: UserID(rawValue: webhook.id.rawValue), login: SessionID(rawValue: 0), tokenHash: [], isBot: true)
    }
}
