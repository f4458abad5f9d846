import Database
import Features
import Kernel

extension ScheduledMessages: Feature {
    package static let tables: [Table] = [
        Table(
            "scheduled_messages",
            [
                .id("id"), .id("channel_id"), .id("author_id"), .json("draft"), .time("send_at"), .time("created_at"),
                .text("failure"), .withheld("try_at"),
            ], exports: [.rows("scheduled_messages.json", of: ["author_id"])],
            erasure: [.deleted(of: ["author_id"])],
            endings: [.kept(after: .channel, "they fail at their moment, which their author is told")])
    ]

    package var upkeep: [BackgroundStep] { [BackgroundStep(repeated: "scheduled messages", deleteOld)] }

    package var dueWork: [BackgroundStep] { [BackgroundStep(repeated: "scheduled messages due", sendNext)] }

    package static var caps: [Cap] {
        [
            Cap(
                "scheduled messages", per: .person, maximumPerUser, .refused(field: "send_at"), bucket: .messageSend),
            Cap(
                "scheduled messages of one person", per: .channel, maximumPerChannel, .refused(field: "channel_id")),
        ]
    }
}
