import Database
import Kernel

enum WebhookStore {
    private static let shape = RowShape<Webhook> { row in
        Webhook(
            id: row["id", \.id], server: row["server_id", \.server], channel: row["channel_id", \.channel],
            name: row["name", \.name], avatarURL: row["avatar_url", \.avatarURL], creator: row["creator_id", \.creator],
            createdAt: row["created_at", \.createdAt])
    }

    private static let columns = shape.columns

    static func insert(_ webhook: Webhook, tokenHash: [UInt8], _ tx: Transaction) throws {
        try tx.execute(
            "INSERT INTO webhooks (token_hash, \(shape.stored)) VALUES ($1, \(shape.placeholders(from: 2)))",
            [tokenHash] + shape.values(of: webhook))
    }

    static func webhook(_ id: WebhookID, _ tx: Transaction) throws -> Webhook? {
        try tx.first("SELECT \(columns) FROM webhooks WHERE id = $1", [id], as: shape)
    }

    static func tokenHash(of id: WebhookID, _ tx: Transaction) throws -> [UInt8]? {
        try tx.first("SELECT token_hash FROM webhooks WHERE id = $1", [id]) { $0.bytes(0) }
    }

    static func webhooks(of server: ServerID, _ tx: Transaction) throws -> [Webhook] {
        try tx.all("SELECT \(columns) FROM webhooks WHERE server_id = $1 ORDER BY id", [server], as: shape)
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
