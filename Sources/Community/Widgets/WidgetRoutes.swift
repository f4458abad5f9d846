import Features
import HTTPTypes
import Kernel
import WebAPI

extension Widgets {
    private static let changeInput = JSONInput(
        "WidgetChange", .replacement("enabled", .bool), .change("channel_id", .id(ChannelID.self)),
        make: { (isEnabled, channel) throws(APIError) in Change(isEnabled: isEnabled, channel: channel) })

    package var routes: [Route] {
        [
            .authenticated(
                .get, "/servers/{server_id}/widget", "Read what a server shows on other pages", takes: .nothing,
                returns: Widget.self, errors: Servers.access + [.permissionDenied]
            ) { caller, call in .ok(try await read(try call.id("server_id"), for: caller)) },
            .authenticated(
                .patch, "/servers/{server_id}/widget", "Set what a server shows on other pages",
                takes: .body(Self.changeInput), returns: Widget.self,
                errors: Servers.access + [.permissionDenied, .channelNotFound]
            ) { caller, call in .ok(try await change(try call.id("server_id"), call.body, by: caller)) }
            .limited(by: .serverChange),
            .open(
                .get, "/servers/{server_id}/widget.json", "What a server shows on other pages, for these",
                takes: .nothing, returns: WidgetReport.self, errors: Servers.access
            ) { call in
                let own = parts.configuration.publicURL
                return .ok(
                    try await report(
                        try call.id("server_id"), linkingTo: own.isEmpty ? call.client.origin : own))
            }
            .shared(seconds: Self.cacheTime_s),
        ]
    }
}
