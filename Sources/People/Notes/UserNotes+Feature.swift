import Database
import Features
import Kernel

extension UserNotes: Feature {
    package static let tables: [Table] = [
        Table(
            "user_notes", [.id("user_id"), .id("about_id"), .text("note")], key: ["user_id", "about_id"],
            exports: [
                .rows("notes.json", of: ["user_id"]), .withheld("what others have noted of the person is theirs"),
            ],
            erasure: [.deleted(of: ["user_id", "about_id"])])
    ]

    package static var caps: [Cap] { [cap] }
}
