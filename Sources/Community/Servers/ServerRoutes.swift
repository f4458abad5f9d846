import Features
import HTTPTypes
import Kernel
import People
import WebAPI

extension Servers {
    private static let draftInput = JSONInput(
        "ServerDraft",
        .required("name", NameRules.name(2...100)),
        .optional("description", NameRules.text(0...1000)),
        .optional("template", .string(1...64), default: ServerTemplate.standard.rawValue),
        make: { (name, description, template) throws(APIError) in
            let pattern =
                ServerTemplate(rawValue: template).map(Servers.Pattern.ready) ?? .template(code: template)
            return Draft(name: name, description: description, pattern: pattern)
        })

    private static let changeInput = JSONInput(
        "ServerChange",
        .replacement("name", NameRules.name(2...100)),
        .change("description", NameRules.text(0...1000)),
        .change("default_channel_id", .id(ChannelID.self)),
        .change("afk_channel_id", .id(ChannelID.self)),
        .replacement("afk_timeout", AFKRoom.timeout_s),
        make: { (name, description, channel, afkChannel, afkTimeout_s) throws(APIError) in
            Change(
                name: name, description: description, defaultChannel: channel, afkChannel: afkChannel,
                afkTimeout_s: afkTimeout_s)
        })

    private static let transferInput = JSONInput(
        "ServerTransfer",
        .required("user_id", .id(UserID.self)),
        .optional("password", Password.input),
        make: { (user, password) throws(APIError) in (user: user, password: password) })

    package var routes: [Route] {
        [
            .authenticated(.get, "/servers", "List one's servers", takes: .nothing, returns: [Server].self) {
                caller, _ in .ok(try await list(for: caller))
            },
            .authenticated(
                .post, "/servers", "Make a server", takes: .body(Self.draftInput), returns: Server.self,
                statuses: [.created], errors: [.resourceNotFound, .moduleNotAvailable]
            ) { caller, call in .created(try await create(call.body, by: caller)) }
            .limited(by: .serverCreate).forPeople,
            .authenticated(
                .get, "/servers/{server_id}", "Read a server", takes: .nothing, returns: Server.self,
                errors: Self.access
            ) { caller, call in .ok(try await read(try call.id("server_id"), for: caller)) },
            .authenticated(
                .patch, "/servers/{server_id}", "Change a server", takes: .body(Self.changeInput),
                returns: Server.self, errors: Self.access + [.permissionDenied]
            ) { caller, call in .ok(try await change(try call.id("server_id"), call.body, by: caller)) },
            .authenticated(
                .delete, "/servers/{server_id}", "Delete a server", takes: .nothing, returns: Success.self,
                errors: Self.access + [.permissionDenied]
            ) { caller, call in
                try await delete(try call.id("server_id"), by: caller)
                return .success
            },
            .authenticated(
                .post, "/servers/{server_id}/transfer", "Give a server to another member",
                takes: .body(Self.transferInput), returns: Server.self,
                errors: Self.access + [.permissionDenied, .invalidCredentials, .accountLocked, .memberNotFound]
            ) { caller, call in
                .ok(
                    try await transfer(
                        try call.id("server_id"), to: call.body.user, password: call.body.password, by: caller,
                        from: call.client))
            }
            .limited(by: .twoFactor).forPeople,
            .authenticated(
                .post, "/servers/{server_id}/leave", "Leave a server", takes: .nothing, returns: Success.self,
                errors: Self.access + [.ownerCannotLeave]
            ) { caller, call in
                try await leave(try call.id("server_id"), by: caller)
                return .success
            },
        ]
    }
}
