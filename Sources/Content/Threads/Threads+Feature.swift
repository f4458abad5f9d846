import Community
import Database
import Features
import Kernel

extension AuditAction {
    static let threadUpdate = AuditAction("thread.update")
    static let threadDelete = AuditAction("thread.delete")
    static let threadMemberAdd = AuditAction("thread.member_add")
    static let threadMemberRemove = AuditAction("thread.member_remove")
}

extension Threads: Feature {
    package static let permissions: [Permission] = [
        .messagesCreateThreads, .messagesCreatePrivateThreads, .threadsManage,
    ]
    package static let migrations: [Migration] = [privateThreads]
    package static let auditActions: [AuditAction] = [
        .threadUpdate, .threadDelete, .threadMemberAdd, .threadMemberRemove,
    ]

    package static let tables: [Table] = [
        Table(
            "threads",
            [
                .id("channel_id"), .id("parent_id"), .id("message_id"), .flag("archived"), .flag("locked"),
                .number("auto_archive_minutes"), .number("member_count"), .time("active_at"), .id("server_id"),
                .flag("is_private"), .flag("is_invitable"), .withheld("archived_at"), .withheld("message_count"),
                .withheld("last_message_at"),
            ], key: ["channel_id"],
            exports: [
                .rowsBelonging("threads.json", to: "channel_id IN (SELECT id FROM channels WHERE owner_id = $1)")
            ],
            erasure: [.kept("as the channels that they are")],
            endings: [
                .kept(after: .message, "a thread outlives the message that it began with"),
                .deleted(with: .channel, by: "channel_id"),
                .kept(after: .server, "threads go with their channels"),
            ])
    ]

    package var dueWork: [BackgroundStep] { [BackgroundStep(repeated: "threads", archiveIdle)] }

    package static func memberLeaves(_ user: UserID, _ server: ServerID, _ tx: Transaction) throws {
        try part(user, from: server, tx)
    }

    package static func accountEnds(_ account: UserID, _ parts: Parts, _ tx: Transaction) throws {
        for thread in try ThreadMemberStore.threads(of: account, tx) {
            _ = try ThreadStore.remove(account, from: thread, tx)
        }
    }

    package static let caps: [Cap] = [activeCap, cap, memberCap]
}
