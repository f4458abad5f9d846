import Kernel

/// A role of a server (contract: REST, Servers).
struct Role: Sendable, Equatable {
    let id: RoleID
    let server: ServerID
    var name: String
    /// `#rrggbb`.
    var color: String?
    var position: Int
    var permissions: PermissionSet
    var hoist: Bool
    var mentionable: Bool
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

/// GUILD_ROLE_CREATE and GUILD_ROLE_UPDATE.
struct RoleEvent: JSONObjectEncodable {
    let role: Role

    static let shape = JSONShape<RoleEvent>(
        "RoleEvent", .field("server_id", \.role.server), .field("role", \.role))
}

/// GUILD_ROLE_DELETE.
struct RoleDeletedEvent: JSONObjectEncodable {
    let server: ServerID
    let role: RoleID

    static let shape = JSONShape<RoleDeletedEvent>(
        "RoleDeletedEvent", .field("server_id", \.server), .field("role_id", \.role))
}

/// Permissions that a request names, each with whether it is to be had: `{"messages.send": true}`. The others stay as
/// they are.
struct PermissionChange: Sendable {
    let granted: PermissionSet
    let refused: PermissionSet

    func applied(to old: PermissionSet) -> PermissionSet { old.subtracting(refused).union(granted) }

    static let reader = JSONReader<PermissionChange>(PermissionSet.schema) { json in
        guard let members = json.object else { return .failure(.init("must be an object of permissions")) }
        var granted: [Permission] = []
        var refused: [Permission] = []
        for (name, value) in members {
            guard let permission = Permission(rawValue: name) else {
                return .failure(.init("has no permission \(name.beginning(.scalars(64)))"))
            }
            guard let isGranted = value.bool else { return .failure(.init("\(name) must be true or false")) }
            if isGranted { granted.append(permission) } else { refused.append(permission) }
        }
        return .success(PermissionChange(granted: PermissionSet(granted), refused: PermissionSet(refused)))
    }

    static let none = PermissionChange(granted: [], refused: [])
}
