import Database
import Features
import Kernel

extension AuditAction {
    static let roleCreate = AuditAction("role.create")
    static let roleUpdate = AuditAction("role.update")
    static let roleDelete = AuditAction("role.delete")
}

extension Roles: Feature {
    package static let permissions: [Permission] = [.rolesManage, .administrator]
    package static let auditActions: [AuditAction] = [.roleCreate, .roleUpdate, .roleDelete]

    package static let migrations: [Migration] = [
        // What members of a new server may do without being asked, those of the servers that were there may, too: the bits 35,
        // 37, 38, 39 and 41.
        Migration(22, "permissions of everyone") { _ in
            ["UPDATE roles SET permissions = permissions | 3195455668224 WHERE is_default"]
        },
        // To show their screens, speak without a key and ask to speak: the bits 42, 43 and 45.
        Migration(66, "voice of everyone") { _ in
            ["UPDATE roles SET permissions = permissions | 48378511622144 WHERE is_default"]
        },
    ]

    package static let tables: [Table] = [
        .impersonal(
            "roles", "id server_id name color position permissions hoist mentionable is_default",
            endings: [.deleted(with: .server, by: "server_id")])
    ]

    package static var caps: [Cap] { [Cap("roles", per: .server, maximumPerServer, .refused(field: "server"))] }
}
