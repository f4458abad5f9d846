import Database
import Kernel

extension AdminLog: Feature {
    static let tables: [Table] = [
        Table(
            "admin_log",
            [
                .id("id"), .id("admin_id"), .text("action"), .text("target_id"), .json("changes"), .text("reason"),
                .time("created_at"),
            ], exports: [.rows("admin_log_by_me.json", of: ["admin_id"]), .file("audit_log_about_me.json")],
            erasure: [
                .byHand("entries about the person lose names and reasons"),
                .kept("what was done to the instance, by somebody who has no name any more"),
            ])
    ]
}
