import Database
import Features
import Kernel

extension AuditAction {
    static let inviteCreate = AuditAction("invite.create")
    static let inviteDelete = AuditAction("invite.delete")
}

extension Invites: Feature {
    package static let permissions: [Permission] = [.invitesCreate, .invitesManage]
    package static let auditActions: [AuditAction] = [.inviteCreate, .inviteDelete]

    package static let tables: [Table] = [
        Table(
            "invites",
            [
                .text("code"), .id("server_id"), .id("channel_id"), .id("inviter_id"), .number("uses"),
                .number("max_uses"), .number("max_age"), .flag("temporary"), .time("created_at"), .time("expires_at"),
            ], key: ["code"], exports: [.rows("invites.json", of: ["inviter_id"])],
            erasure: [.byHand("an invite is its maker's word, so it ends; those whom it invited are told")],
            endings: [.byHand(with: .channel), .byHand(with: .server)])
    ]

    package static let module: Module? = .invites

    package var upkeep: [BackgroundStep] { [BackgroundStep("invites") { try await deleteExpired() }] }

    package static func channelDisappears(_ channel: ChannelID, _ tx: Transaction) throws {
        try Notifications.withdraw(invites: try InviteStore.deleteAll(to: channel, tx), tx)
    }

    package static func serverDisappears(_ server: ServerID, _ tx: Transaction) throws {
        try Notifications.withdraw(invites: try InviteStore.deleteAll(to: server, tx), tx)
    }

    package static func accountEnds(_ account: UserID, _ parts: Parts, _ tx: Transaction) throws {
        try endAll(of: account, tx)
    }

    package static var caps: [Cap] { [Cap("invites", per: .server, maximumPerServer, .refused(field: "server"))] }
}
