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

    package static let tables: [Table] = [
        .impersonal(
            "roles", "id server_id name color position permissions hoist mentionable is_default",
            endings: [.deleted(with: .server, by: "server_id")])
    ]

    package static var caps: [Cap] { [Cap("roles", per: .server, maximumPerServer, .refused(field: "server"))] }
}
