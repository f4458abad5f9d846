import Database
import Features
import Kernel

extension Bookmarks: Feature {
    package static let migrations: [Migration] = [
        Migration(30, "labels of bookmarks") { _ in ["ALTER TABLE bookmarks ADD COLUMN label TEXT"] }
    ]

    package static let tables: [Table] = [
        Table(
            "bookmarks", [.id("user_id"), .id("message_id"), .id("channel_id"), .time("created_at"), .text("label")],
            key: ["user_id", "message_id"], exports: [.rows("bookmarks.json", of: ["user_id"])],
            erasure: [.deleted(of: ["user_id"])],
            endings: [
                .deleted(with: .message, by: "message_id"), .kept(after: .channel, "with the messages that they mark"),
            ])
    ]

    package static var caps: [Cap] { [Cap("bookmarks", per: .person, maximum, .refused(field: "message_id"))] }
}
