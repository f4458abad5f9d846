import Database
import Features
import Kernel

extension AuditAction {
    static let pollClose = AuditAction("poll.close")
}

extension Polls: Feature {
    package static let module: Module? = .polls
    package static let permissions: [Permission] = [.pollsCreate]
    package static let auditActions: [AuditAction] = [.pollClose]

    package static let migrations: [Migration] = [
        Migration(36, "who may know of votes") { _ in
            [
                "ALTER TABLE polls ADD COLUMN results_visibility TEXT NOT NULL DEFAULT 'always'",
                "ALTER TABLE polls ADD COLUMN is_anonymous BOOLEAN NOT NULL DEFAULT TRUE",
            ]
        }
    ]

    package static let tables: [Table] = [
        Table(
            "poll_votes", [.id("poll_id"), .number("option_number"), .id("user_id")],
            key: ["poll_id", "option_number", "user_id"], exports: [.rows("votes.json", of: ["user_id"])],
            erasure: [.kept("a count in somebody's poll, of somebody who has no name any more")]),
        Table(
            "polls",
            [
                .id("id"), .id("channel_id"), .id("message_id"), .id("author_id"), .text("question"), .json("options"),
                .flag("is_multiple"), .text("results_visibility"), .flag("is_anonymous"), .time("created_at"),
                .time("ends_at"), .time("closed_at"),
            ], exports: [.rows("polls.json", of: ["author_id"])],
            erasure: [.kept("a question to others, on which they have voted")],
            endings: [.byHand(with: .message), .kept(after: .channel, "with the message that shows it")]),
    ]

    package var dueWork: [BackgroundStep] { [BackgroundStep(repeated: "polls", closeDue)] }

    package static func messagesEnd(_ messages: [MessageID], _ tx: Transaction) throws {
        try PollStore.delete(of: messages, tx)
    }
}
