import Database
import Features
import Kernel

extension AuditAction {
    static let memberBan = AuditAction("member.ban")
    static let memberUnban = AuditAction("member.unban")
}

extension Bans: Feature {
    package static let permissions: [Permission] = [.membersBan]
    package static let auditActions: [AuditAction] = [.memberBan, .memberUnban]

    package static let tables: [Table] = [
        Table(
            "bans",
            [
                .id("server_id"), .id("user_id"), .id("banned_by"), .text("reason"), .time("created_at"),
                .time("expires_at"), .withheld("delete_after"),
            ], key: ["server_id", "user_id"],
            exports: [
                .rows("bans.json", of: ["user_id"], without: ["banned_by"]),
                .rows("bans_by_me.json", of: ["banned_by"]),
            ],
            erasure: [
                .byHand("a ban of who is not there any more ends, and the moderators are told"),
                .kept("a ban of somebody else stays a ban; who has made it has no name any more"),
            ],
            endings: [.deleted(with: .server, by: "server_id")])
    ]

    package var upkeep: [BackgroundStep] {
        [
            BackgroundStep(repeated: "bans", removeExpired),
            BackgroundStep(repeated: "messages of the banned", { try await deleteMessages() }),
        ]
    }

    package static func accountEnds(_ account: UserID, _ parts: Parts, _ tx: Transaction) throws {
        try endAll(of: account, tx)
    }

    package static var caps: [Cap] { [cap] }
}
