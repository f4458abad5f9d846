import Database
import Features
import Kernel

extension Setting {
    package static let uploadSize = Setting(
        "limits.upload_mib", .integer(1...10_240), default: "10",
        "Size of a file that the standard tier may upload, in MiB; alpha may 2.5 times as much, premium and staff 10 times."
    )
    package static let refusedTypes = Setting(
        "media.refused_types", .text,
        default: "application/vnd.microsoft.portable-executable, application/x-executable, application/x-mach-binary",
        "Types of files that nobody may upload, separated by commas; they are told from the content.")
}

extension Attachments: Feature {
    package static let settings: [Setting] = [.uploadSize, .refusedTypes]
    package static let permissions: [Permission] = [.messagesAttachFiles]

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
