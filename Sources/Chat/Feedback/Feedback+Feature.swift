import Database
import Features
import Kernel

extension RateLimitBucket {
    package static let feedback = RateLimitBucket(
        "feedback", Rate(5, per: .seconds(3600)), Rate(20, per: .seconds(86_400)))
}

extension Feedback: Feature {
    static let module: Module? = .feedback
    static let rateLimitBuckets: [RateLimitBucket] = [.feedback]
    static let caps: [Cap] = [noteCap]

    static let migrations: [Migration] = [
        Migration(29, "notes on tickets") { dialect in
            [
                """
                CREATE TABLE ticket_notes (
                    id \(sql: dialect.primaryKey),
                    ticket_id BIGINT NOT NULL,
                    admin_id BIGINT,
                    content TEXT NOT NULL,
                    is_public BOOLEAN NOT NULL,
                    created_at BIGINT NOT NULL)
                """,
                "CREATE INDEX ticket_notes_by_ticket ON ticket_notes (ticket_id, id)",
                "CREATE INDEX feedback_by_author ON feedback (user_id, id)",
                "CREATE INDEX feedback_by_status ON feedback (status)",
            ]
        }
    ]

    static let tables: [Table] = [
        Table(
            "feedback",
            [
                .id("id"), .id("user_id"), .text("text"), .text("category"), .number("rating"), .text("status"),
                .withheld("assigned_to"), .time("created_at"), .time("updated_at"), .time("resolved_at"),
                .withheld("resolved_by"),
            ], exports: [.rows("feedback.json", of: ["user_id"])],
            erasure: [
                .byHand("the notes go with them"), .deleted(of: ["user_id"]),
                .kept("who of the administrators had somebody else's ticket has no name any more"),
            ]),
        Table(
            "ticket_notes",
            [
                .id("id"), .id("ticket_id"), .withheld("admin_id"), .text("content"), .flag("is_public"),
                .time("created_at"),
            ],
            exports: [
                .rowsBelonging(
                    "feedback_notes.json",
                    to: "is_public AND ticket_id IN (SELECT id FROM feedback WHERE user_id = $1)")
            ],
            erasure: [
                .byHand("with the tickets that they are on"),
                .kept("what an administrator has answered to others, without a name"),
            ]),
    ]

    static func accountEnds(_ account: UserID, _ parts: Parts, _ tx: Transaction) throws {
        try TicketStore.deleteNotes(onTicketsOf: account, tx)
    }
}
