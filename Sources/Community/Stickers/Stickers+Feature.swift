import Database
import Features
import Files
import Kernel

extension AuditAction {
    static let stickerCreate = AuditAction("sticker.create")
    static let stickerUpdate = AuditAction("sticker.update")
    static let stickerDelete = AuditAction("sticker.delete")
}

extension RateLimitBucket {
    /// Stickers that are looked for while somebody writes.
    package static let stickerSuggestions = RateLimitBucket(
        "sticker.suggestions", Rate(10, per: .seconds(10), burst: 5))
}

extension Stickers: Feature {
    package static let rateLimitBuckets: [RateLimitBucket] = [.stickerSuggestions]
    package static let module: Module? = .stickers
    package static let permissions: [Permission] = [.messagesUseExternalStickers]
    package static let auditActions: [AuditAction] = [.stickerCreate, .stickerUpdate, .stickerDelete]
    package static let caps: [Cap] = [cap, instanceCap]

    package static let migrations: [Migration] = [
        Migration(34, "stickers") { dialect in
            [
                """
                CREATE TABLE stickers (
                    id \(sql: dialect.primaryKey),
                    server_id BIGINT,
                    name TEXT NOT NULL,
                    description TEXT,
                    tags TEXT NOT NULL,
                    related_emoji TEXT,
                    blob_id BIGINT,
                    size_bytes BIGINT NOT NULL,
                    width BIGINT NOT NULL,
                    height BIGINT NOT NULL,
                    animated BOOLEAN NOT NULL,
                    creator_id BIGINT NOT NULL,
                    created_at BIGINT NOT NULL)
                """,
                "CREATE INDEX stickers_by_server ON stickers (server_id, id)",
                "CREATE INDEX stickers_by_creator ON stickers (creator_id, id)",
                "CREATE INDEX stickers_by_blob ON stickers (blob_id)",
            ]
        }
    ]

    package static let tables: [Table] = [
        Table(
            "stickers",
            [
                .id("id"), .id("server_id"), .text("name"), .text("description"), .json("tags"), .text("related_emoji"),
                .file("blob_id"), .number("size_bytes"), .number("width"), .number("height"), .flag("animated"),
                .id("creator_id"), .time("created_at"),
            ], exports: [.rows("stickers.json", of: ["creator_id"])],
            erasure: [.kept("pictures of the server; who has brought them has no name any more")],
            endings: [.byHand(with: .server)])
    ]

    package static func serverEnds(_ server: ServerID, _ tx: Transaction) throws {
        try StickerStore.delete(of: server, tx)
    }
}
