import Database
import Features
import Kernel

extension AuditAction {
    static let webhookCreate = AuditAction("webhook.create")
    static let webhookUpdate = AuditAction("webhook.update")
    static let webhookDelete = AuditAction("webhook.delete")
}

extension RateLimitBucket {
    package static let webhook = RateLimitBucket("webhook", Rate(5, per: .seconds(2)))
}

extension Webhooks: Feature {
    package static let rateLimitBuckets: [RateLimitBucket] = [.webhook]
    package static let permissions: [Permission] = [.webhooksManage]
    package static let auditActions: [AuditAction] = [.webhookCreate, .webhookUpdate, .webhookDelete]

    package static let tables: [Table] = [
        Table(
            "webhooks",
            [
                .id("id"), .id("server_id"), .id("channel_id"), .text("name"), .text("avatar_url"), .id("creator_id"),
                .time("created_at"), .withheld("token_hash"),
            ], exports: [.rows("webhooks.json", of: ["creator_id"])],
            erasure: [.kept("programs of the server go on writing; who has made it has no name any more")],
            endings: [.byHand(with: .channel), .byHand(with: .server)])
    ]

    package static let module: Module? = .webhooks

    package static func channelDisappears(_ channel: ChannelID, _ tx: Transaction) throws {
        try WebhookStore.delete(in: channel, tx)
    }

    package static func serverDisappears(_ server: ServerID, _ tx: Transaction) throws {
        try WebhookStore.delete(of: server, tx)
    }

    package static var caps: [Cap] {
        [Cap("webhooks", per: .channel, maximumPerChannel, .refused(field: "channel_id"))]
    }
}
