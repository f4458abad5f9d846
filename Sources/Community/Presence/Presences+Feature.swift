import Database
import Features
import Kernel

extension Presences: Feature {
    package static let tables: [Table] = [
        Table(
            "presences",
            [
                .id("user_id"), .text("status"), .text("custom_status"), .text("custom_emoji"), .time("expires_at"),
                .time("last_seen"), .withheld("is_shown"), .withheld("gone_position"), .withheld("chosen_position"),
            ], key: ["user_id"], exports: [.rows("presence.json", of: ["user_id"])],
            erasure: [.deleted(of: ["user_id"])])
    ]

    package var nodeWork: [BackgroundStep] { [BackgroundStep("presences") { self.expire() }] }
}
