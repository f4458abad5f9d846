import Community
import Database
import Events
import Features
import Kernel

/// Ways for programs to write into a channel without an account. Who has the token may write; it is kept as a hash.
package struct Webhooks: Sendable {
    static let maximumPerChannel = 10

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

    /// Those of one channel.
    func list(in channel: ChannelID, for caller: Caller) async throws -> [Webhook] {
        try await parts.database.read { tx in
            let server = try Self.server(of: channel, managedBy: caller, tx)
            return try WebhookStore.webhooks(of: server, tx).filter { $0.channel == channel }
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

    func tell(
        _ action: AuditAction, _ old: Webhook?, _ new: Webhook?, also more: [String: JSON] = [:], by caller: Caller,
        _ tx: Transaction
    ) throws {
        guard let webhook = new ?? old else { return }
        for channel in Set([old?.channel, new?.channel].compactMap { $0 }).sorted() {
            tx.emit(.webhooksUpdate, WebhooksEvent(server: webhook.server, channel: channel), to: .channel(channel))
        }
        let changes = AuditChanges.between(old, new).merging(more) { $1 }
        guard let old, old.channel != webhook.channel else {
            return try auditLog.record(
                action, .webhook(webhook.id, in: webhook.channel), in: webhook.server, by: caller, changes: changes, tx)
        }
        // One that moves is told of in both channels, and in neither of the other.
        for (channel, side) in [(old.channel, "before"), (webhook.channel, "after")] {
            var own = changes
            own["channel_id"] = .object([side: .string(channel.description)])
            try auditLog.record(
                action, .webhook(webhook.id, in: channel), in: webhook.server, by: caller, changes: own, tx)
        }
    }
}
