import Database
import Features
import HTTPTypes
import Kernel
import WebAPI

extension AdminLog {
    private static let pageInput = JSONInput(
        "AdminLogPage",
        .optional("limit", .integer(1...100), default: 50), .optional("before", .id(AuditEntryID.self)),
        make: { (limit, before) throws(APIError) in (limit: limit, before: before) })

    var routes: [Route] {
        [
            .administrative(
                .get, "/admin/audit-logs", "What administrators did, newest first", takes: .query(Self.pageInput),
                returns: [AdminLogEntry].self
            ) { _, call in
                let page = call.query
                return .ok(
                    try await parts.database.read { tx in
                        try AdminLogStore.entries(before: page.before, limit: page.limit, tx)
                    })
            }
        ]
    }
}
