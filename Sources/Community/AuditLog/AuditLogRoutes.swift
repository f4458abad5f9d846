import Events
import Features
import HTTPTypes
import Kernel
import WebAPI

extension AuditLog {
    private static func pageInput(of actions: [AuditAction]) -> JSONInput<Page> {
        JSONInput(
            "AuditLogPage",
            .optional("limit", .integer(1...100), default: 50),
            .optional("before", .id(AuditEntryID.self)),
            .optional("action", .oneOf(AuditAction.self, among: actions)),
            .optional("user_id", .id(UserID.self)),
            make: { (limit, before, action, user) throws(APIError) in
                Page(limit: limit, before: before, action: action, user: user)
            })
    }

    private static let ownInput = JSONInput(
        "OwnActs",
        .optional("limit", .integer(1...100), default: 25),
        .optional("server_id", .id(ServerID.self)),
        .optional("action", .string(1...100)),
        make: { (limit, server, action) throws(APIError) in OwnActs(limit: limit, server: server, action: action) })

    package var routes: [Route] {
        [
            .authenticated(
                .get, "/features/users/@me/audit-logs", "What one did, to a server or to one's account",
                takes: .query(Self.ownInput), returns: OwnActList.self, errors: Servers.access + [.permissionDenied]
            ) { caller, call in .ok(OwnActList(entries: try await own(call.query, of: caller))) }
            .forPeople,
            .authenticated(
                .get, "/servers/{server_id}/audit-logs", "Read what was done to a server, newest first",
                takes: .query(Self.pageInput(of: parts.features.auditActions)), returns: [AuditEntry].self,
                errors: Servers.access + [.permissionDenied]
            ) { caller, call in .ok(try await list(try call.id("server_id"), call.query, for: caller)) },
        ]
    }
}
