import HTTPTypes
import Kernel
import WebAPI

extension Sessions {
    private static let revokeAllInput = JSONInput(
        "RevokeAllRequest", .optional("except_current", .bool, default: true),
        make: { (exceptCurrent) throws(APIError) in exceptCurrent })

    package var routes: [Route] {
        [
            .authenticated(
                .post, "/auth/refresh", "Change the token and extend the login", takes: .nothing,
                returns: RefreshedLogin.self
            ) { caller, _ in .ok(try await self.refresh(caller)) }
            .inMaintenance.forPeople,
            .authenticated(.post, "/auth/logout", "Log out", takes: .nothing, returns: Success.self) { caller, call in
                try await self.logOut(caller, from: call.client)
                return .success
            }
            .inMaintenance.forPeople,
            .authenticated(
                .get, "/auth/sessions", "List one's logins", takes: .nothing, returns: [ListedLogin].self
            ) { caller, _ in .ok(try await self.logins(of: caller)) }
            .forPeople,
            .authenticated(
                .delete, "/auth/sessions/{session_id}", "End one of one's logins", takes: .nothing,
                returns: Success.self, errors: [.invalidSessionID, .sessionNotFound]
            ) { caller, call in
                try await self.revoke(try call.id("session_id"), of: caller, from: call.client)
                return .success
            }
            .forPeople,
            .authenticated(
                .post, "/auth/sessions/revoke-all", "End one's logins", takes: .body(Self.revokeAllInput),
                returns: RevokedLogins.self
            ) { caller, call in
                let kept = call.body ? caller.login : nil
                return .ok(RevokedLogins(count: try await self.revokeAll(of: caller, except: kept, from: call.client)))
            }
            .forPeople,
        ]
    }
}
