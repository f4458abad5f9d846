import Database
import EventLog
import Kernel
import WebAPI

/// Ways for programs to write into a channel without an account. Who has the token may write; it is kept as a hash.
struct Webhooks: Sendable {
    private static let maximumPerChannel = 10
    /// Shorter than a person's, so that what a program sends by mistake stays bearable.
    private static let maximumLength = 2000

    let parts: Parts
    let auditLog: AuditLog
    let messages: Messages

    struct Draft: Sendable {
        let channel: ChannelID
        let name: String
        let avatarURL: String?
    }

    struct Change: Sendable {
        let name: String?
        let avatarURL: Kernel.Change<String>
        let channel: ChannelID?
    }

    /// What a program sends.
    struct Post: Sendable {
        let content: String?
        let username: String?
        let avatarURL: String?
        let embeds: [Embed]
        let thread: ChannelID?
        let allowedMentions: AllowedMentions
    }

    // MARK: Managing

    /// - Parameter origin: where the webhook's address begins.
    /// - Throws: `.permissionDenied`, `.invalidInput` for one too many.
    func create(_ draft: Draft, origin: String, by caller: Caller) async throws -> WebhookWithToken {
        let (token, hash) = SecretToken.make(parts.randomness)
        let webhook = try await parts.database.write { tx in
            let server = try Self.server(of: draft.channel, managedBy: caller, tx)
            try Self.requireRoom(in: draft.channel, tx)
            let webhook = Webhook(
                id: parts.ids.next(), server: server, channel: draft.channel, name: draft.name,
                avatarURL: draft.avatarURL, creator: caller.user, createdAt: tx.now)
            try WebhookStore.insert(webhook, tokenHash: hash, tx)
            try tell(.webhookCreate, nil, webhook, by: caller, tx)
            return webhook
        }
        return Self.shown(webhook, token, origin)
    }

    private static func shown(_ webhook: Webhook, _ token: String, _ origin: String) -> WebhookWithToken {
        WebhookWithToken(
            webhook: webhook, token: token, url: "\(origin)/api/v1/webhooks/\(webhook.id)/\(token)")
    }

    private static func server(
        of channel: ChannelID, managedBy caller: Caller, _ tx: Transaction
    ) throws -> ServerID {
        let place = try Channels.place(channel, for: caller.user, tx)
        guard let server = place.channel.server, place.channel.type.takesMessages, place.channel.thread == nil else {
            throw APIError.invalidInput("channel_id", "takes no webhooks")
        }
        try place.require(.webhooksManage)
        return server
    }

    private static func requireRoom(in channel: ChannelID, _ tx: Transaction) throws {
        guard try WebhookStore.count(in: channel, tx) < maximumPerChannel else {
            throw APIError.invalidInput(
                "channel_id", "has \(maximumPerChannel) webhooks already, which is the limit")
        }
    }

    private static func managed(_ id: WebhookID, by caller: Caller, _ tx: Transaction) throws -> Webhook {
        guard let webhook = try WebhookStore.webhook(id, tx) else { throw APIError.webhookNotFound }
        _ = try server(of: webhook.channel, managedBy: caller, tx)
        return webhook
    }

    func read(_ id: WebhookID, for caller: Caller) async throws -> Webhook {
        try await parts.database.read { tx in try Self.managed(id, by: caller, tx) }
    }

    /// Those of the channels in which the caller manages webhooks.
    func list(_ server: ServerID, for caller: Caller) async throws -> [Webhook] {
        try await parts.database.read { tx in
            let standing = try Servers.standing(of: caller.user, in: server, tx)
            let managed = try Channels.visible(in: server, to: standing.holder, tx)
                .filter { $0.permissions.contains(.webhooksManage) }.map(\.channel.id)
            guard !managed.isEmpty else { throw APIError.permissionDenied(.webhooksManage) }
            return try WebhookStore.webhooks(of: server, tx).filter { managed.contains($0.channel) }
        }
    }

    func change(_ id: WebhookID, _ change: Change, by caller: Caller) async throws -> Webhook {
        try await parts.database.write { tx in
            let old = try Self.managed(id, by: caller, tx)
            var new = old
            new.name = change.name ?? old.name
            new.avatarURL = change.avatarURL.applied(to: old.avatarURL)
            if let channel = change.channel, channel != old.channel {
                guard try Self.server(of: channel, managedBy: caller, tx) == old.server else {
                    throw APIError.channelNotFound
                }
                try Self.requireRoom(in: channel, tx)
                new.channel = channel
            }
            try WebhookStore.update(new, tx)
            try tell(.webhookUpdate, old, new, by: caller, tx)
            return new
        }
    }

    /// A new token; the old one stops working at once.
    func regenerateToken(of id: WebhookID, origin: String, by caller: Caller) async throws -> WebhookWithToken {
        let (token, hash) = SecretToken.make(parts.randomness)
        let webhook = try await parts.database.write { tx in
            let webhook = try Self.managed(id, by: caller, tx)
            try WebhookStore.setTokenHash(hash, of: id, tx)
            // The tokens themselves are nobody's to read.
            try tell(
                .webhookUpdate, webhook, webhook,
                also: ["token": AuditChanges.change(from: .string("old"), to: .string("new"))], by: caller, tx)
            return webhook
        }
        return Self.shown(webhook, token, origin)
    }

    func delete(_ id: WebhookID, by caller: Caller) async throws {
        try await parts.database.write { tx in
            let webhook = try Self.managed(id, by: caller, tx)
            try WebhookStore.delete(id, tx)
            try tell(.webhookDelete, webhook, nil, by: caller, tx)
        }
    }

    private func tell(
        _ action: AuditAction, _ old: Webhook?, _ new: Webhook?, also more: [String: JSON] = [:], by caller: Caller,
        _ tx: Transaction
    ) throws {
        guard let webhook = new ?? old else { return }
        for channel in Set([old?.channel, new?.channel].compactMap { $0 }).sorted() {
            tx.emit(
                "WEBHOOKS_UPDATE", WebhooksEvent(server: webhook.server, channel: channel), intent: .guildWebhooks,
                to: .channel(channel))
        }
        try auditLog.record(
            action, .webhook(webhook.id, in: webhook.channel), in: webhook.server, by: caller,
            changes: AuditChanges.between(old, new).merging(more) { $1 }, tx)
    }

    // MARK: Writing

    /// Writes into the webhook's channel, or into a thread of it.
    /// - Throws: `.webhookNotFound`, `.invalidToken`, `.emptyMessage`, `.channelNotFound` for a thread of elsewhere.
    func execute(_ id: WebhookID, token: String, _ post: Post) async throws -> Message {
        let content: MessageContent?
        do throws(APIError) {
            content = try MessageContent(post.content, maximumLength: Self.maximumLength)
        } catch {
            guard error.kind == .emptyMessage, !post.embeds.isEmpty else { throw error }
            content = nil
        }
        let message = try await parts.database.write { tx in
            guard let webhook = try WebhookStore.webhook(id, tx), let hash = try WebhookStore.tokenHash(of: id, tx)
            else {
                throw APIError.webhookNotFound
            }
            guard SecretToken.hash(token) == hash else { throw APIError.invalidToken }
            guard let channel = try ChannelStore.channel(post.thread ?? webhook.channel, tx),
                post.thread == nil || channel.thread?.parent == webhook.channel
            else { throw APIError.channelNotFound }
            let place = try Place.unattended(channel, tx)
            // A webhook speaks to nobody who could not read it, and never to everyone.
            let names = post.allowedMentions.filter(MentionScanner.scan(content?.text ?? ""))
            let message = Message(
                id: parts.ids.next(), channel: channel.id, server: webhook.server,
                author: UserID(rawValue: webhook.id.rawValue), authorUsername: post.username ?? webhook.name,
                authorDisplayName: nil, authorAvatarURL: post.avatarURL ?? webhook.avatarURL, type: .default,
                content: content?.text, createdAt: tx.now, editedAt: nil, replyTo: nil, reply: nil, nonce: nil,
                details: try Messages.details(
                    embeds: StoredEmbeds(post.embeds), mentions: try Mentions.resolve(names, in: place, tx),
                    webhook: id, tx))
            try messages.post(message, in: place, tx)
            return message
        }
        messages.links.look(for: message.id, in: message.channel, message.content)
        return message
    }
}
