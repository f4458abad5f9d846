import Features
import HTTPTypes
import Kernel
import People
import WebAPI

extension MessagingSettings {
    private static let servers = JSONReader<[ServerID: ServerMembers?]>(.map(of: .nullable(.boolean))) { json in
        guard let members = json.object, members.count <= serverCap.maximum else {
            return .failure(.init("must be an object with at most \(serverCap.maximum) servers"))
        }
        var servers: [ServerID: ServerMembers?] = [:]
        for (name, value) in members {
            guard let server = try? ServerID(parsing: name), value == .null || value.bool != nil else {
                return .failure(.init("must have an id of a server for each of true, false and null"))
            }
            servers.updateValue(value.bool.map { $0 ? .contacts : .strangers }, forKey: server)
        }
        return .success(servers)
    }

    private static let changeInput = JSONInput(
        "MessagingSettingsChange",
        .replacement("allow_dms_from", .oneOf(Circle.self)),
        .replacement("group_dms_from", .oneOf(Circle.self)),
        .replacement("friend_requests_from", .oneOf(Circle.self, among: [.everyone, .contacts, .nobody])),
        .optional("server_dms", servers, default: [:]),
        .replacement("read_receipts_enabled", .bool),
        .replacement("typing_indicators_enabled", .bool),
        .replacement("compact_messages_enabled", .bool),
        .replacement("auto_create_dms", .bool),
        make: { (conversations, groups, requests, servers, receipts, typing, compact, opens) throws(APIError) in
            Change(
                conversations: conversations, groups: groups, friendRequests: requests, servers: servers,
                givesReadReceipts: receipts, showsTyping: typing, isCompact: compact, opensConversations: opens)
        })

    package var routes: [Route] {
        [
            .authenticated(
                .get, "/users/@me/messaging-settings", "Who may write to one", takes: .nothing,
                returns: MessagingSettingValues.self
            ) { caller, _ in .ok(try await read(for: caller)) },
            .authenticated(
                .patch, "/users/@me/messaging-settings", "Say who may write to one", takes: .body(Self.changeInput),
                returns: MessagingSettingValues.self, errors: [.moduleNotAvailable]
            ) { caller, call in .ok(try await change(call.body, by: caller)) }
            .limited(by: .settings),
        ]
    }
}
