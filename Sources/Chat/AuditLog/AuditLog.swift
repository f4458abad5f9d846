import Database
import EventLog
import HTTPTypes
import Kernel
import WebAPI

/// The log of what was done to a server: every moderation and every change of its settings.
struct AuditLog: Sendable {
    let parts: Parts

    /// Writes down what the caller has done, with the reason that came with the request, and tells those who may read it.
    func record(
        _ action: AuditAction, _ target: AuditTarget?, in server: ServerID, by caller: Caller,
        changes: [String: JSON] = [:], _ tx: Transaction
    ) throws {
        let entry = AuditEntry(
            id: parts.ids.next(), server: server, user: caller.user, action: action, target: target, changes: changes,
            reason: caller.reason, createdAt: tx.now)
        try AuditLogStore.insert(entry, tx)
        tx.emit(
            "GUILD_AUDIT_LOG_ENTRY_CREATE", entry, intent: .auditLog, about: .right(.serverViewAuditLog, in: server),
            to: try Servers.audience(of: server, having: .serverViewAuditLog, tx))
    }

    struct Page: Sendable {
        let limit: Int
        let before: AuditEntryID?
        let action: AuditAction?
        let user: UserID?
    }

    /// The newest entries first.
    /// - Throws: `.permissionDenied` without `server.view_audit_log`.
    func list(_ server: ServerID, _ page: Page, for caller: Caller) async throws -> [AuditEntry] {
        try await parts.database.read { tx in
            let standing = try Servers.standing(of: caller.user, in: server, tx)
            try standing.permissions.require(.serverViewAuditLog)
            return try AuditLogStore.entries(of: server, page, tx)
        }
    }

    private static let pageInput = JSONInput(
        "AuditLogPage",
        .optional("limit", .integer(1...100), default: 50),
        .optional("before", .id(AuditEntryID.self)),
        .optional("action", .oneOf(AuditAction.self)),
        .optional("user_id", .id(UserID.self)),
        make: { (limit, before, action, user) throws(APIError) in
            Page(limit: limit, before: before, action: action, user: user)
        })

    var routes: [Route] {
        [
            .authenticated(
                .get, "/servers/{server_id}/audit-logs", "Read what was done to a server, newest first",
                takes: .query(Self.pageInput), returns: [AuditEntry].self,
                errors: Servers.access + [.permissionDenied]
            ) { caller, call in .ok(try await list(try call.id("server_id"), call.query, for: caller)) }
        ]
    }
}
