import Database
import Kernel

enum WebhookStore {
    private static let columns: StaticSQL = "id, server_id, channel_id, name, avatar_url, creator_id, created_at"

    private static func webhook(_ row: SQLRow) -> Webhook {
        Webhook(
            id: row.id(0), server: row.id(1), channel: row.id(2), name: row.text(3), avatarURL: row.textOrNil(4),
            creator: row.id(5), createdAt: row.timestamp(6))
    }

    static func insert(_ webhook: Webhook, tokenHash: [UInt8], _ tx: Transaction) throws {
        try tx.execute(
            """
            INSERT INTO webhooks (\(columns), token_hash) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
            """,
            [
                webhook.id, webhook.server, webhook.channel, webhook.name, webhook.avatarURL, webhook.creator,
                webhook.createdAt, tokenHash,
            ])
    }

    static func webhook(_ id: WebhookID, _ tx: Transaction) throws -> Webhook? {
        try tx.first("SELECT \(columns) FROM webhooks WHERE id = $1", [id], webhook)
    }

    static func tokenHash(of id: WebhookID, _ tx: Transaction) throws -> [UInt8]? {
        try tx.first("SELECT token_hash FROM webhooks WHERE id = $1", [id]) { $0.bytes(0) }
    }

    static func webhooks(of server: ServerID, _ tx: Transaction) throws -> [Webhook] {
        try tx.all("SELECT \(columns) FROM webhooks WHERE server_id = $1 ORDER BY id", [server], webhook)
    }

    static func count(in channel: ChannelID, _ tx: Transaction) throws -> Int {
        try tx.first("SELECT COUNT(*) FROM webhooks WHERE channel_id = $1", [channel]) { $0.int(0) } ?? 0
    }

    static func update(_ webhook: Webhook, _ tx: Transaction) throws {
        try tx.execute(
            "UPDATE webhooks SET channel_id = $2, name = $3, avatar_url = $4 WHERE id = $1",
            [webhook.id, webhook.channel, webhook.name, webhook.avatarURL])
    }

    static func setTokenHash(_ hash: [UInt8], of id: WebhookID, _ tx: Transaction) throws {
        try tx.execute("UPDATE webhooks SET token_hash = $2 WHERE id = $1", [id, hash])
    }

    static func delete(_ id: WebhookID, _ tx: Transaction) throws {
        try tx.execute("DELETE FROM webhooks WHERE id = $1", [id])
    }

    static func delete(in channel: ChannelID, _ tx: Transaction) throws {
        try tx.execute("DELETE FROM webhooks WHERE channel_id = $1", [channel])
    }

    static func delete(of server: ServerID, _ tx: Transaction) throws {
        try tx.execute("DELETE FROM webhooks WHERE server_id = $1", [server])
    }
}
