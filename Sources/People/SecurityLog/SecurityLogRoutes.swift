import Features
import HTTPTypes
import Kernel
import WebAPI

extension SecurityLog {
    package static func page(of limit: Int) -> JSONInput<Page> {
        JSONInput(
            "SecurityLogPage",
            .optional("limit", .integer(1...100), default: limit),
            .optional("before", .id(SecurityEntryID.self)),
            .optional("action", .oneOf(SecurityAction.self)),
            make: { (limit, before, action) throws(APIError) in Page(limit: limit, before: before, action: action) })
    }

    package var routes: [Route] {
        [
            .authenticated(
                .get, "/users/@me/security-log", "What happened to one's account, newest first",
                takes: .query(Self.page(of: 50)), returns: [SecurityEntry].self
            ) { caller, call in .ok(try await list(call.query, of: caller.user)) }
            .forPeople
        ]
    }
}
