import Database
import Events
import Features
import HTTPTypes
import Kernel
import WebAPI

extension AdminOverview: Feature {
    private static let serverInput = JSONInput(
        "AdminServerPage",
        .optional("q", .string(1...100)), .optional("after", .id(ServerID.self)),
        .optional("limit", .integer(1...100), default: 50),
        make: { (text, after, limit) throws(APIError) in ServerPage(text: text, after: after, limit: limit) })

    private static let reportInput = JSONInput(
        "AdminReportPage",
        .optional("status", .oneOf(Report.Status.self)), .optional("before", .id(ReportID.self)),
        .optional("limit", .integer(1...100), default: 50),
        make: { (status, before, limit) throws(APIError) in (status: status, before: before, limit: limit) })

    private static let reportChangeInput = JSONInput(
        "AdminReportChange",
        .required("status", .oneOf(Report.Status.self)), .optional("note", NameRules.text(0...2000)),
        make: { (status, note) throws(APIError) in ReportChange(status: status, note: note) })

    private static let setAsideInput = JSONInput(
        "SetAsidePage", .optional("limit", .integer(1...100), default: 50),
        make: { (limit) throws(APIError) in limit })

    private static let jobInput = JSONInput(
        "AdminJobPage", .optional("limit", .integer(1...100), default: 50), make: { (limit) throws(APIError) in limit })

    var routes: [Route] {
        [
            .administrative(
                .get, "/admin/servers", "Find servers by name or id", takes: .query(Self.serverInput),
                returns: [AdminServer].self
            ) { _, call in .ok(try await servers(call.query)) },
            .administrative(
                .get, "/admin/servers/{server_id}", "Read a server", takes: .nothing, returns: AdminServer.self,
                errors: [.invalidServerID, .serverNotFound]
            ) { _, call in .ok(try await server(try call.id("server_id"))) },
            .administrative(
                .delete, "/admin/servers/{server_id}", "Delete a server", takes: .nothing, returns: Success.self,
                errors: [.invalidServerID, .serverNotFound]
            ) { caller, call in
                try await delete(try call.id("server_id"), by: caller)
                return .success
            },
            .administrative(
                .get, "/admin/reports", "List reports, newest first", takes: .query(Self.reportInput),
                returns: [Report].self
            ) { _, call in
                let page = call.query
                return .ok(
                    try await parts.database.read { tx in
                        try ReportStore.reports(page.status, before: page.before, limit: page.limit, tx)
                    })
            },
            .administrative(
                .patch, "/admin/reports/{report_id}", "Handle a report", takes: .body(Self.reportChangeInput),
                returns: Report.self, errors: [.reportNotFound]
            ) { caller, call in .ok(try await handle(try call.id("report_id"), call.body, by: caller)) },
            .administrative(
                .get, "/admin/stats", "How much there is of what", takes: .nothing, returns: InstanceFigures.self
            ) { _, _ in
                let step = parts.clock.step
                return .ok(try await parts.database.read { tx in try AdminStore.figures(step, tx) })
            },
            .administrative(
                .get, "/admin/set-aside", "List what the background work could not do and tries again later",
                takes: .query(Self.setAsideInput), returns: [SetAsideRow].self
            ) { _, call in
                let limit = call.query
                return .ok(try await parts.database.read { tx in try SetAsideStore.rows(limit: limit, tx) })
            },
            .administrative(
                .get, "/admin/jobs", "List the work in the background", takes: .query(Self.jobInput),
                returns: [Job].self
            ) { _, call in
                let limit = call.query
                return .ok(try await parts.database.read { tx in try JobStore.jobs(limit: limit, tx) })
            },
        ]
    }
}
