import Database
import Features
import Kernel

extension Reports: Feature {
    static let tables: [Table] = [
        Table(
            "reports",
            [
                .id("id"), .text("kind"), .id("reporter_id"), .id("user_id"), .id("message_id"), .id("channel_id"),
                .id("server_id"), .text("reason"), .text("category"), .text("details"), .withheld("content"),
                .text("status"), .withheld("handled_by"), .withheld("handled_at"), .withheld("note"),
                .time("created_at"),
            ],
            exports: [
                .rows("reports.json", of: ["reporter_id"]),
                .withheld("reports about the person would tell who has reported; the administrators' notes are theirs"),
            ],
            erasure: [
                .deleted(of: ["user_id"]),
                .kept(
                    "what was reported of somebody else still has to be dealt with; the reporter has no name any more"),
            ],
            endings: [
                .kept(after: .message, "what was reported still has to be dealt with"),
                .kept(after: .channel, "what was reported still has to be dealt with"),
                .kept(after: .server, "what was reported still has to be dealt with"),
            ])
    ]

    static var caps: [Cap] { [cap] }
}
