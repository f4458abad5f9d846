import Community
import Database
import Events
import Features
import Kernel

/// What administrators see and do beside accounts: servers, reports, jobs, figures.
struct AdminOverview: Sendable {
    let parts: Parts
    let log: AdminLog

    struct ServerPage: Sendable {
        let text: String?
        let after: ServerID?
        let limit: Int
    }

    struct ReportChange: Sendable {
        let status: Report.Status
        let note: String?
    }

    func servers(_ page: ServerPage) async throws -> [AdminServer] {
        try await parts.database.read { tx in
            try AdminStore.servers(matching: page.text, after: page.after, limit: page.limit, tx).map(AdminServer.init)
        }
    }

    func server(_ id: ServerID) async throws -> AdminServer {
        try await parts.database.read { tx in
            guard let server = try ServerStore.server(id, tx) else { throw APIError.serverNotFound }
            return AdminServer(server: server)
        }
    }

    func delete(_ id: ServerID, by caller: Caller) async throws {
        try await parts.database.write { tx in
            guard let server = try ServerStore.server(id, tx) else { throw APIError.serverNotFound }
            try ServerEvents.deleted(server, tx)
            try ServerStore.markDeleted(id, parts.features, tx)
            try log.record(
                "server.delete", id.description, changes: AuditChanges.between(AdminServer(server: server), nil),
                by: caller, tx)
        }
    }

    func handle(_ id: ReportID, _ change: ReportChange, by caller: Caller) async throws -> Report {
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
