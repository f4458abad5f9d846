import Database
import EventLog
import HTTPTypes
import Kernel
import WebAPI

/// Who is in a server.
struct Members: Sendable {
    let parts: Parts

    struct Page: Sendable {
        let limit: Int
        let after: UserID?
        let query: String?
    }

    /// A page of the members, in the order of their ids.
    /// - Throws: `.serverNotFound`, `.accessDenied`.
    func list(_ server: ServerID, _ page: Page, for caller: Caller) async throws -> [Member] {
        try await parts.database.read { tx in
            _ = try Servers.standing(of: caller.user, in: server, tx)
            return try MemberStore.members(
                of: server, after: page.after, query: page.query, limit: page.limit, tx)
        }
    }

    private static let pageInput = JSONInput(
        "MemberPage",
        .optional("limit", .integer(1...1000), default: 100),
        .optional("after", .id(UserID.self)),
        .optional("query", .string(1...100)),
        make: { (limit, after, query) throws(APIError) in Page(limit: limit, after: after, query: query) })

    var routes: [Route] {
        [
            .authenticated(
                .get, "/servers/{server_id}/members", "List a server's members", takes: .query(Self.pageInput),
                returns: [Member].self, errors: [.invalidServerID, .serverNotFound, .accessDenied]
            ) { caller, call in .ok(try await list(try call.id("server_id"), call.query, for: caller)) }
        ]
    }
}
