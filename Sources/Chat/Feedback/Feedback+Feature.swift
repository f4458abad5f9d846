import Database
import Features
import Kernel

extension Feedback: Feature {
    static let tables: [Table] = [
        Table(
            "feedback",
            [
                .id("id"), .id("user_id"), .text("text"), .text("category"), .number("rating"), .text("status"),
                .withheld("assigned_to"), .time("created_at"), .time("updated_at"), .time("resolved_at"),
                .withheld("resolved_by"),
            ], exports: [.rows("feedback.json", of: ["user_id"])],
            erasure: [
                .deleted(of: ["user_id"]),
                .kept("who of the administrators had somebody else's ticket has no name any more"),
            ])
    ]
}
