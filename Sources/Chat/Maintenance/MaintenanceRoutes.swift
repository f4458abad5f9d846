import Features
import HTTPTypes
import Kernel
import WebAPI

/// `GET /admin/maintenance`.
struct MaintenanceReport: JSONObjectEncodable {
    let notice: MaintenanceNotice?

    static let shape = JSONShape<MaintenanceReport>(
        "Maintenance",
        .field("enabled") { $0.notice != nil },
        .field("message", \.notice?.message),
        .field("begins_at", \.notice?.beginsAt),
        .field("estimated_downtime_seconds", \.notice?.estimatedDowntime_s))
}

extension Maintenance {
    private static let beginInput = JSONInput(
        "MaintenanceBegin",
        .optional("message", NameRules.text(1...500)),
        .optional("closing_in_seconds", .integer(0...86_400), default: 0),
        .optional("estimated_downtime_seconds", .integer(1...604_800)),
        make: { (message, delay, downtime) throws(APIError) in
            (message: message, delay: Duration.seconds(delay), downtime_s: downtime)
        })

    package var routes: [Route] {
        [
            .administrative(
                .get, "/admin/maintenance", "Whether the server is being maintained", takes: .nothing,
                returns: MaintenanceReport.self
            ) { _, _ in .ok(MaintenanceReport(notice: state.maintenance)) },
            .administrative(
                .post, "/admin/maintenance", "Begin a maintenance", takes: .body(Self.beginInput),
                returns: MaintenanceReport.self
            ) { _, call in
                .ok(
                    MaintenanceReport(
                        notice: try await begin(
                            message: call.body.message, after: call.body.delay,
                            estimatedDowntime_s: call.body.downtime_s)))
            },
            .administrative(
                .delete, "/admin/maintenance", "End the maintenance", takes: .nothing,
                returns: MaintenanceReport.self
            ) { _, _ in
                try await end()
                return .ok(MaintenanceReport(notice: nil))
            },
        ]
    }
}
