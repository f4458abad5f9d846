import Database
import Features
import Kernel

extension AuditLog: Feature {
    package static let permissions: [Permission] = [.serverViewAuditLog]

    package static let tables: [Table] = [
        Table(
            "audit_log",
            [
                .id("id"), .id("server_id"), .id("user_id"), .text("action"), .text("target_type"), .id("target_id"),
                .json("changes"), .text("reason"), .time("created_at"), .id("channel_id"), .withheld("last_overwrites"),
            ], exports: [.rows("audit_log_by_me.json", of: ["user_id"]), .file("audit_log_about_me.json")],
            erasure: [
                .byHand("entries about the person lose names and reasons"),
                .kept("what was done to the server, by somebody who has no name any more"),
            ],
            endings: [.kept(after: .channel, "it tells what was done there"), .deleted(with: .server, by: "server_id")])
    ]

    package static func exports(of user: UserID, _ tx: Transaction) throws -> [NamedJSON] {
        [NamedJSON("audit_log_about_me.json", try AuditLogStore.written(about: user, tx))]
    }

    package static func accountEnds(_ account: UserID, _ parts: Parts, _ tx: Transaction) throws {
        try AuditLogStore.makeAnonymous(about: account, tx)
    }
}
