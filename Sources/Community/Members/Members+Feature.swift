import Database
import Events
import Features
import Kernel

extension AuditAction {
    static let memberUpdate = AuditAction("member.update")
    static let memberRolesUpdate = AuditAction("member.roles_update")
    static let memberKick = AuditAction("member.kick")
}

extension Members: Feature {
    package static let permissions: [Permission] = [
        .membersKick, .membersTimeout, .membersManageNicknames, .membersManageRoles, .membersChangeNickname,
    ]
    package static let auditActions: [AuditAction] = [.memberUpdate, .memberRolesUpdate, .memberKick]

    package static let tables: [Table] = [
        Table(
            "member_roles", [.id("server_id"), .id("user_id"), .id("role_id")],
            key: ["server_id", "user_id", "role_id"],
            exports: [.file("servers.json")], erasure: [.byHand("with the memberships")],
            endings: [.byHand(with: .server)]),
        Table(
            "members",
            [
                .id("server_id"), .id("user_id"), .text("nickname"), .withheld("nickname_key"), .time("joined_at"),
                .flag("is_temporary"),
            ], key: ["server_id", "user_id"],
            exports: [.rows("memberships.json", of: ["user_id"]), .file("servers.json")],
            erasure: [.byHand("they leave their servers, and the members are told")],
            endings: [.byHand(with: .server)]),
        Table(
            "moderation_states", [.id("server_id"), .id("user_id"), .text("kind"), .time("until")],
            key: ["server_id", "user_id", "kind"], exports: [.rows("moderation_states.json", of: ["user_id"])],
            erasure: [.deleted(of: ["user_id"])],
            endings: [.deleted(with: .server, by: "server_id")]),
        Table(
            "name_queue", [.id("user_id")], key: ["user_id"], exports: [.withheld("emptied within seconds")],
            erasure: [.kept("until the name that is left is in the index")]),
        Table(
            "name_search", [.withheld("user_id"), .withheld("pieces")], key: [],
            exports: [.withheld("follows from what they are called")],
            erasure: [
                .kept(
                    "made anew with each new name; SQLite keeps numbers of old pieces in its file until it merges parts of the index"
                )
            ]),
        .impersonal("name_state", "id version next_id"),
    ]
    package static let migrations: [Migration] = [.nameIndex]

    package var upkeep: [BackgroundStep] { [BackgroundStep(repeated: "moderation states", endExpiredStates)] }

    package static func exports(of user: UserID, _ tx: Transaction) throws -> [NamedJSON] {
        let memberships = try MemberStore.memberships(of: user, tx)
        return [NamedJSON("servers.json", memberships.map { MemberEvent(server: $0.server, member: $0.member) })]
    }

    /// The members' lists of the servers that somebody is in.
    package static func faceChanges(_ user: UserID, _ tx: Transaction) throws {
        for membership in try MemberStore.memberships(of: user, tx) {
            tx.emit(
                .guildMemberUpdate, MemberEvent(server: membership.server, member: membership.member),
                to: .server(membership.server))
        }
    }

    package static func serverDisappears(_ server: ServerID, _ tx: Transaction) throws {
        try MemberStore.deleteAll(of: server, tx)
    }
}
