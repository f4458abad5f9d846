import Database
import Features
import Files
import Kernel

extension AuditAction {
    static let soundCreate = AuditAction("sound.create")
    static let soundUpdate = AuditAction("sound.update")
    static let soundDelete = AuditAction("sound.delete")
}

extension RateLimitBucket {
    package static let soundPlay = RateLimitBucket("sound.play", Rate(5, per: .seconds(10)))
}

extension Soundboard: Feature {
    package static let rateLimitBuckets: [RateLimitBucket] = [.soundPlay]
    package static let module: Module? = .soundboard
    package static let permissions: [Permission] = [.voiceUseSoundboard]
    package static let auditActions: [AuditAction] = [.soundCreate, .soundUpdate, .soundDelete]
    package static let caps: [Cap] = [cap]

    package static let migrations: [Migration] = [
        Migration(69, "sounds") { dialect in
            [
                """
                CREATE TABLE sounds (
                    id \(sql: dialect.primaryKey),
                    server_id BIGINT NOT NULL,
                    name TEXT NOT NULL,
                    volume_thousandths BIGINT NOT NULL,
                    emoji TEXT,
                    blob_id BIGINT,
                    duration_ms BIGINT NOT NULL,
                    size_bytes BIGINT NOT NULL,
                    creator_id BIGINT NOT NULL,
                    created_at BIGINT NOT NULL)
                """,
                "CREATE INDEX sounds_by_server ON sounds (server_id, id)",
                "CREATE INDEX sounds_by_creator ON sounds (creator_id, id)",
                "CREATE INDEX sounds_by_blob ON sounds (blob_id)",
            ]
        }
    ]

    package static let tables: [Table] = [
        Table(
            "sounds",
            [
                .id("id"), .id("server_id"), .text("name"), .number("volume_thousandths"), .text("emoji"),
                .file("blob_id"), .number("duration_ms"), .number("size_bytes"), .id("creator_id"),
                .time("created_at"),
            ], exports: [.rows("sounds.json", of: ["creator_id"])],
            erasure: [.kept("sounds of the server; who has brought them has no name any more")],
            endings: [.byHand(with: .server)])
    ]

    package static func serverEnds(_ server: ServerID, _ tx: Transaction) throws {
        try SoundStore.delete(of: server, tx)
    }
}
