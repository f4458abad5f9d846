import Features
import HTTPTypes
import Kernel
import WebAPI

extension Roles {
    private static let position = JSONReader<Int>.integer(1...1000)

    private static let draftInput = JSONInput(
        "RoleDraft",
        .required("name", NameRules.name(1...100)),
        .optional("color", NameRules.color),
        .optional("permissions", PermissionChange.reader, default: .none),
        .optional("hoist", .bool, default: false),
        .optional("mentionable", .bool, default: false),
        make: { (name, color, permissions, hoist, mentionable) throws(APIError) in
            Draft(name: name, color: color, permissions: permissions, hoist: hoist, mentionable: mentionable)
        })

    private static let changeInput = JSONInput(
        "RoleChange",
        .replacement("name", NameRules.name(1...100)),
        .change("color", NameRules.color),
        .replacement("permissions", PermissionChange.reader),
        .replacement("hoist", .bool),
        .replacement("mentionable", .bool),
        .replacement("position", position),
        make: { (name, color, permissions, hoist, mentionable, position) throws(APIError) in
            Change(
                name: name, color: color, permissions: permissions, hoist: hoist, mentionable: mentionable,
                position: position)
        })

    private static let moveInput = JSONInput(
        "RoleMove", .required("id", .id(RoleID.self)), .required("position", position),
        make: { (role, position) throws(APIError) in Move(role: role, position: position) })

    private static let managing = Servers.access + [.permissionDenied]

    package var routes: [Route] {
        [
            .authenticated(
                .get, "/servers/{server_id}/roles", "List a server's roles, the lowest first", takes: .nothing,
                returns: [Role].self, errors: Servers.access
            ) { caller, call in .ok(try await list(try call.id("server_id"), for: caller)) },
            .authenticated(
                .post, "/servers/{server_id}/roles", "Make a role", takes: .body(Self.draftInput),
                returns: Role.self, statuses: [.created], errors: Self.managing
            ) { caller, call in .created(try await create(call.body, in: try call.id("server_id"), by: caller)) }
            .limited(by: .serverChange),
            .authenticated(
                .patch, "/servers/{server_id}/roles", "Reorder roles",
                takes: .body(.array(of: .object(Self.moveInput), count: 1...250)), returns: [Role].self,
                errors: Self.managing + [.roleNotFound]
            ) { caller, call in .ok(try await reorder(try call.id("server_id"), call.body, by: caller)) }
            .limited(by: .serverReorder),
            .authenticated(
                .patch, "/servers/{server_id}/roles/{role_id}", "Change a role", takes: .body(Self.changeInput),
                returns: Role.self, errors: Self.managing + [.invalidRoleID, .roleNotFound]
            ) { caller, call in
                .ok(
                    try await change(try call.id("role_id"), call.body, in: try call.id("server_id"), by: caller))
            }
            .limited(by: .serverChange),
            .authenticated(
                .delete, "/servers/{server_id}/roles/{role_id}", "Delete a role", takes: .nothing,
                returns: Success.self, errors: Self.managing + [.invalidRoleID, .roleNotFound, .invalidInput]
            ) { caller, call in
                try await delete(try call.id("role_id"), of: try call.id("server_id"), by: caller)
                return .success
            }
            .limited(by: .serverChange),
        ]
    }
}
