import Database
import EventLog
import HTTPTypes
import Kernel
import WebAPI

/// What administrators see and do beside accounts: servers, reports, jobs, figures.
struct AdminOverview: Sendable {
    let parts: Parts
    let log: AdminLog

    private struct ServerPage: Sendable {
        let text: String?
        let after: ServerID?
        let limit: Int
    }

    private struct ReportChange: Sendable {
        let status: Report.Status
        let note: String?
    }

    private func servers(_ page: ServerPage) async throws -> [AdminServer] {
        try await parts.database.read { tx in
            try AdminStore.servers(matching: page.text, after: page.after, limit: page.limit, tx).map(AdminServer.init)
        }
    }

    private func server(_ id: ServerID) async throws -> AdminServer {
        try await parts.database.read { tx in
            guard let server = try ServerStore.server(id, tx) else { throw APIError.serverNotFound }
            return AdminServer(server: server)
        }
    }

    private func delete(_ id: ServerID, by caller: Caller) async throws {
        try await parts.database.write { tx in
            guard let server = try ServerStore.server(id, tx) else { throw APIError.serverNotFound }
            try ServerEvents.deleted(server, tx)
            try ServerStore.markDeleted(id, tx)
            try log.record(
                "server.delete", id.description, changes: AuditChanges.between(AdminServer(server: server), nil),
                by: caller, tx)
        }
    }

    private func handle(_ id: ReportID, _ change: ReportChange, by caller: Caller) async throws -> Report {
        try await parts.database.write { tx in
            guard let old = try ReportStore.report(id, tx) else { throw APIError.reportNotFound }
            var new = old
            new.status = change.status
            new.note = change.note ?? old.note
            new.handledBy = change.status == .open ? nil : caller.user
            new.handledAt = change.status == .open ? nil : tx.now
            try ReportStore.update(new, tx)
            try log.record(
                "report.\(change.status.rawValue)", id.description, changes: AuditChanges.between(old, new), by: caller,
                tx)
            return new
        }
    }

    // MARK: Routes

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

/// `GET /admin/stats`.
struct InstanceFigures: JSONObjectEncodable {
    let users: Int
    let newUsers: Int
    let activeUsers: Int
    let servers: Int
    let channels: Int
    let messages: Int
    let newMessages: Int
    let openReports: Int
    let openTickets: Int
    /// What the background work could not do and tries again later.
    let setAside: Int
    let clockStep: ClockStep?

    static let shape = JSONShape<InstanceFigures>(
        "InstanceFigures",
        .field("users", \.users),
        .field("new_users_7d", \.newUsers),
        .field("active_users_7d", \.activeUsers),
        .field("servers", \.servers),
        .field("channels", \.channels),
        .field("messages", \.messages),
        .field("new_messages_24h", \.newMessages),
        .field("open_reports", \.openReports),
        .field("open_tickets", \.openTickets),
        .field("rows_set_aside", \.setAside),
        .field("clock_step", \.clockStep))
}
