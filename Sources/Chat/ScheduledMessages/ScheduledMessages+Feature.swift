import Database
import Kernel

extension ScheduledMessages: Feature {
    static let tables: [Table] = [
        Table(
            "scheduled_messages",
            [
                .id("id"), .id("channel_id"), .id("author_id"), .json("draft"), .time("send_at"), .time("created_at"),
                .text("failure"), .withheld("try_at"),
            ], exports: [.rows("scheduled_messages.json", of: ["author_id"])],
            erasure: [.deleted(of: ["author_id"])],
            endings: [.kept(after: .channel, "they fail at their moment, which their author is told")])
    ]

    var upkeep: [BackgroundStep] { [BackgroundStep(repeated: "scheduled messages", deleteOld)] }

    var dueWork: [BackgroundStep] { [BackgroundStep(repeated: "scheduled messages due", sendNext)] }
}
