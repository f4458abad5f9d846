import Kernel

/// A role of a server (contract: REST, Servers).
package struct Role: Sendable, Equatable {
    package let id: RoleID
    let server: ServerID
    package var name: String
    /// `#rrggbb`.
    var color: String?
    var position: Int
    var permissions: PermissionSet
    var hoist: Bool
    package var mentionable: Bool
    package let isDefault: Bool

    var rules: RolePermissions { RolePermissions(id: id, position: position, permissions: permissions) }
}

extension Role: Keepable {
    package var texts: [String] { [name, color ?? ""] }
}

extension Role: JSONObjectEncodable {
    package static let shape = JSONShape<Role>(
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

/// GUILD_ROLE_CREATE and GUILD_ROLE_UPDATE. One event tells of all that have moved along, so that it costs the same
/// whether a server has two roles or two hundred.
struct RoleEvent: JSONEncodable {
    let server: ServerID
    let role: Role
    /// The new places of the roles that were moved aside.
    let positions: [RoleID: Int]

    static let schema = JSONSchema.named(
        "RoleEvent",
        .object([
            .init("server_id", ServerID.schema, isRequired: true), .init("role", Role.schema, isRequired: true),
            [RoleID: Int].property,
        ]))

    func encode(to json: inout JSONWriter) {
        json.beginObject()
        json.member("server_id", server)
        json.member("role", role)
        positions.encodeMember(to: &json)
        json.endObject()
    }
}

/// GUILD_ROLE_DELETE.
struct RoleDeletedEvent: JSONEncodable {
    let server: ServerID
    let role: RoleID
    let positions: [RoleID: Int]

    static let schema = JSONSchema.named(
        "RoleDeletedEvent",
        .object([
            .init("server_id", ServerID.schema, isRequired: true), .init("role_id", RoleID.schema, isRequired: true),
            [RoleID: Int].property,
        ]))

    func encode(to json: inout JSONWriter) {
        json.beginObject()
        json.member("server_id", server)
        json.member("role_id", role)
        positions.encodeMember(to: &json)
        json.endObject()
    }
}

/// The roles that an event moves aside; left out where there are none.
extension [RoleID: Int] {
    fileprivate static var property: JSONSchema.Property {
        .init("positions", .map(of: .integer()), isRequired: false)
    }

    fileprivate func encodeMember(to json: inout JSONWriter) {
        if !isEmpty { json.member("positions", self.json) }
    }
}

extension [RoleID: Int] {
    var json: JSON {
        .object([String: JSON](uniqueKeysWithValues: map { ($0.description, JSON.integer(Int64($1))) }))
    }
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
