import Database
import Features
import Kernel

extension AuditAction {
    static let reactionRemove = AuditAction("reaction.remove")
    static let reactionsClear = AuditAction("reactions.clear")
}

extension RateLimitBucket {
    package static let reaction = RateLimitBucket("reaction", Rate(1, per: .milliseconds(250)), botMultiplier: 1.2)
}

extension Reactions: Feature {
    package static let rateLimitBuckets: [RateLimitBucket] = [.reaction]
    package static let permissions: [Permission] = [.messagesAddReactions]
    package static let auditActions: [AuditAction] = [.reactionRemove, .reactionsClear]

    package static let migrations: [Migration] = [.reactionCounts]

    package static let tables: [Table] = [
        Table(
            "reactions", [.id("message_id"), .text("emoji"), .id("user_id"), .time("reacted_at")],
            key: ["message_id", "emoji", "user_id"], exports: [.rows("reactions.json", of: ["user_id"])],
            erasure: [.kept("a count under somebody else's message, of somebody who has no name any more")],
            endings: [.deleted(with: .message, by: "message_id")]),
        .impersonal(
            "reaction_counts", "message_id emoji count first_at",
            endings: [.deleted(with: .message, by: "message_id")]),
    ]

    package static var caps: [Cap] {
        [
            Cap(
                "kinds of reactions", per: .message, Tier.standard.limits.reactionKinds, .refused(field: "emoji"),
                bucket: .reaction, "more by tier")
        ]
    }
}
