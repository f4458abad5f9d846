import Database
import Features
import Kernel

extension Attachments: Feature {
    package static let tables: [Table] = [
        Table(
            "attachments",
            [
                .id("id"), .id("channel_id"), .id("author_id"), .id("message_id"), .number("position"),
                .file("blob_id", whenBlocked: .deleted), .text("filename"), .number("width"), .number("height"),
                .number("duration_ms"),
                .text("blurhash"), .withheld("secret"), .time("created_at"), .time("expires_at"),
            ], exports: [.rows("attachments.json", of: ["author_id"]), .file("files.json")],
            erasure: [
                .byHand("what no message shows is removed, and so is what the notes to oneself show"),
                .kept("part of what was said to others"),
            ],
            endings: [.byHand(with: .message), .kept(after: .channel, "what no message uses runs out")]),
        Table(
            "upload_counts", [.id("user_id"), .number("day"), .number("count")], key: ["user_id", "day"],
            exports: [.rows("upload_counts.json", of: ["user_id"])], erasure: [.deleted(of: ["user_id"])]),
    ]

    package static let module: Module? = .uploads

    package var upkeep: [BackgroundStep] { [BackgroundStep(repeated: "unused attachments", deleteUnused)] }

    package static func messagesEnd(_ messages: [MessageID], _ tx: Transaction) throws {
        try AttachmentStore.delete(of: messages, tx)
    }

    package static func accountEnds(_ account: UserID, _ parts: Parts, _ tx: Transaction) throws {
        try AttachmentStore.deleteUnused(of: account, tx)
    }

    package static var caps: [Cap] {
        [
            Cap(
                "files", per: .message, maximumPerMessage, .refused(field: "attachments"), bucket: .messageSend)
        ]
    }
}
