import Events
import Features
import HTTPTypes
import Kernel
import WebAPI

extension Bans {
    private static let draftInput = JSONInput(
        "BanDraft",
        .optional("reason", NameRules.text(0...512)),
        .optional("delete_message_days", .integer(0...7), default: 0),
        .optional("expires_at", .timestamp),
        make: { (reason, days, expiresAt) throws(APIError) in
            Draft(reason: reason, deleteMessages_days: days, expiresAt: expiresAt)
        })

    private static let pageInput = JSONInput(
        "BanPage",
        .optional("limit", .integer(1...1000), default: 100), .optional("after", .id(UserID.self)),
        make: { (limit, after) throws(APIError) in (limit: limit, after: after) })

    private static let errors = Servers.access + [.permissionDenied]

    package var routes: [Route] {
        [
            .authenticated(
                .get, "/servers/{server_id}/bans", "List a server's bans", takes: .query(Self.pageInput),
                returns: [Ban].self, errors: Self.errors
            ) { caller, call in
                .ok(
                    try await list(
                        try call.id("server_id"), after: call.query.after, limit: call.query.limit, for: caller))
            },
            .authenticated(
                .put, "/servers/{server_id}/bans/{user_id}", "Ban a user", takes: .body(Self.draftInput),
                returns: Ban.self, errors: Self.errors + [.invalidUserID, .userNotFound]
            ) { caller, call in
                .ok(try await ban(try call.id("user_id"), call.body, from: try call.id("server_id"), by: caller))
            },
            .authenticated(
                .delete, "/servers/{server_id}/bans/{user_id}", "Lift a ban", takes: .nothing, returns: Success.self,
                errors: Self.errors + [.invalidUserID, .banNotFound]
            ) { caller, call in
                try await lift(try call.id("user_id"), from: try call.id("server_id"), by: caller)
                return .success
            },
        ]
    }
}
