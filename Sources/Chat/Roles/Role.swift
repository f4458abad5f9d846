import Kernel

/// A role of a server (contract: REST, Servers).
struct Role: Sendable {
    let id: RoleID
    let server: ServerID
    let name: String
    /// `#rrggbb`.
    let color: String?
    let position: Int
    let permissions: PermissionSet
    let hoist: Bool
    let mentionable: Bool
    let isDefault: Bool

    var rules: RolePermissions { RolePermissions(id: id, position: position, permissions: permissions) }
}

extension Role: JSONObjectEncodable {
    static let shape = JSONShape<Role>(
        "Role",
        .field("id", \.id),
        .field("server_id", \.server),
        .field("name", \.name),
        .field("color", \.color),
        .field("position", \.position),
        .field("permissions", \.permissions),
        .field("hoist", \.hoist),
        .field("mentionable", \.mentionable),
        .field("is_default", \.isDefault))
}
