import Community
import Features
import HTTPTypes
import Kernel
import WebAPI

extension DiscoveryReviews {
    private static let pageInput = JSONInput(
        "ReviewPage",
        .optional("status", .oneOf(Listing.Status.self)), .optional("after", .id(ServerID.self)),
        .optional("limit", .integer(1...100), default: 50),
        make: { (status, after, limit) throws(APIError) in Page(status: status, after: after, limit: limit) })

    private static let decisionInput = JSONInput(
        "ReviewDecision",
        .required("status", .oneOf(Listing.Status.self)), .optional("reason", NameRules.text(0...512)),
        make: { (status, reason) throws(APIError) in Decision(status: status, reason: reason) })

    var routes: [Route] {
        [
            .administrative(
                .get, "/admin/discovery", "List the servers that want to be found", takes: .query(Self.pageInput),
                returns: [ReviewedListing].self
            ) { _, call in .ok(try await list(call.query)) },
            .administrative(
                .put, "/admin/discovery/{server_id}", "Decide whether a server is listed",
                takes: .body(Self.decisionInput), returns: ReviewedListing.self,
                errors: [.invalidServerID, .serverNotFound, .resourceNotFound]
            ) { caller, call in .ok(try await decide(call.body, on: try call.id("server_id"), by: caller)) },
        ]
    }
}
