import Database
import Features
import Files
import Kernel

extension AuditAction {
    static let emojiCreate = AuditAction("emoji.create")
    static let emojiUpdate = AuditAction("emoji.update")
    static let emojiDelete = AuditAction("emoji.delete")
}

extension Emojis: Feature {
    package static let permissions: [Permission] = [.emojisManage, .messagesUseExternalEmojis]
    package static let auditActions: [AuditAction] = [.emojiCreate, .emojiUpdate, .emojiDelete]

    package static let tables: [Table] = [
        Table(
            "emojis",
            [
                .id("id"), .id("server_id"), .text("name"), .flag("animated"), .id("creator_id"), .time("created_at"),
                .file("blob_id"),
            ], exports: [.rows("emojis.json", of: ["creator_id"])],
            erasure: [.kept("pictures of the server; who has brought them has no name any more")],
            endings: [.byHand(with: .server)])
    ]

    package static func serverEnds(_ server: ServerID, _ tx: Transaction) throws {
        try EmojiStore.delete(of: server, tx)
    }

    package static var caps: [Cap] {
        [
            Cap(
                "emoji", per: .server, EmojiCounts.maximum, .refused(field: "image"), bucket: .upload,
                "still and moving ones apart")
        ]
    }
}
