import Features
import HTTPTypes
import Kernel
import WebAPI

extension Members {
    private static let pageInput = JSONInput(
        "MemberPage",
        .optional("limit", .integer(1...1000), default: 100),
        .optional("after", .id(UserID.self)),
        .optional("query", .string(1...100)),
        make: { (limit, after, query) throws(APIError) in Page(limit: limit, after: after, query: query) })

    private static let changeInput = JSONInput(
        "MemberChange",
        .change("nickname", NameRules.name(1...32)),
        .change("timeout_until", .timestamp),
        .optional("timeout_reason", NameRules.text(0...512)),
        .replacement("roles", .array(of: .id(RoleID.self), count: 0...250)),
        make: { (nickname, timeout, reason, roles) throws(APIError) in
            Change(nickname: nickname, timeoutUntil: timeout, timeoutReason: reason, roles: roles)
        })

    private static let errors = Servers.access + [.permissionDenied, .invalidUserID, .memberNotFound]

    package var routes: [Route] {
        [
            .authenticated(
                .get, "/servers/{server_id}/members", "List a server's members", takes: .query(Self.pageInput),
                returns: [Member].self, errors: Servers.access
            ) { caller, call in .ok(try await list(try call.id("server_id"), call.query, for: caller)) },
            .authenticated(
                .patch, "/servers/{server_id}/members/{user_id}", "Change a member's nickname, timeout or roles",
                takes: .body(Self.changeInput), returns: Member.self, errors: Self.errors + [.roleNotFound]
            ) { caller, call in
                .ok(
                    try await change(
                        try call.id("user_id"), call.body, in: try call.id("server_id"), by: caller))
            },
            .authenticated(
                .delete, "/servers/{server_id}/members/{user_id}", "Kick a member", takes: .nothing,
                returns: Success.self, errors: Self.errors
            ) { caller, call in
                try await kick(try call.id("user_id"), from: try call.id("server_id"), by: caller)
                return .success
            },
            .authenticated(
                .put, "/servers/{server_id}/members/{user_id}/roles/{role_id}", "Give a member a role",
                takes: .nothing, returns: Member.self,
                errors: Self.errors + [.invalidRoleID, .roleNotFound, .invalidInput]
            ) { caller, call in
                .ok(
                    try await assign(
                        try call.id("role_id"), to: try call.id("user_id"), in: try call.id("server_id"), by: caller))
            },
            .authenticated(
                .delete, "/servers/{server_id}/members/{user_id}/roles/{role_id}", "Take a role from a member",
                takes: .nothing, returns: Member.self,
                errors: Self.errors + [.invalidRoleID, .roleNotFound, .invalidInput]
            ) { caller, call in
                .ok(
                    try await remove(
                        try call.id("role_id"), from: try call.id("user_id"), in: try call.id("server_id"),
                        by: caller))
            },
        ]
    }
}
