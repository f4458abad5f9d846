import Features
import HTTPTypes
import Kernel
import WebAPI

extension PermissionReports: Feature {
    private static let questionInput = JSONInput(
        "PermissionQuestion",
        .optional("user_id", .id(UserID.self)),
        .optional("channel_id", .id(ChannelID.self)),
        .optional("explain", .bool, default: false),
        make: { (user, channel, explains) throws(APIError) in
            Question(user: user, channel: channel, explains: explains)
        })

    package var routes: [Route] {
        [
            .authenticated(
                .get, "/servers/{server_id}/permissions", "What one may do, and for managers why",
                takes: .query(Self.questionInput), returns: PermissionReport.self,
                errors: Servers.access + [.permissionDenied, .memberNotFound, .channelNotFound]
            ) { caller, call in .ok(try await report(try call.id("server_id"), call.query, for: caller)) }
        ]
    }
}
