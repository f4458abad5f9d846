import Database
import Kernel

extension Emojis: Feature {
    static let tables: [Table] = [
        Table(
            "emojis",
            [
                .id("id"), .id("server_id"), .text("name"), .flag("animated"), .id("creator_id"), .time("created_at"),
                .file("blob_id"),
            ], exports: [.rows("emojis.json", of: ["creator_id"])],
            erasure: [.kept("pictures of the server; who has brought them has no name any more")],
            endings: [.byHand(with: .server)])
    ]

    static func serverEnds(_ server: ServerID, _ tx: Transaction) throws { try EmojiStore.delete(of: server, tx) }
}
