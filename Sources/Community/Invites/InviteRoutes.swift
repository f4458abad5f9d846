import Events
import HTTPTypes
import Kernel
import WebAPI

extension Invites {
    private static let draftInput = JSONInput(
        "InviteDraft",
        .optional("max_age", .integer(0...31_536_000), default: 86_400),
        .optional("max_uses", .integer(0...1_000_000), default: 0),
        .optional("temporary", .bool, default: false),
        .optional("user_id", .id(UserID.self)),
        make: { (maxAge, maxUses, temporary, user) throws(APIError) in
            Draft(user: user, maxAge_s: maxAge, maxUses: maxUses, temporary: temporary)
        })

    package var routes: [Route] {
        [
            .authenticated(
                .post, "/channels/{channel_id}/invites", "Invite people to a server", takes: .body(Self.draftInput),
                returns: Invite.self,
                errors: Channels.access + [.permissionDenied, .userNotFound, .cannotMessageUser]
            ) { caller, call in .ok(try await create(call.body, for: try call.id("channel_id"), by: caller)) },
            .authenticated(
                .get, "/servers/{server_id}/invites", "List a server's invites", takes: .nothing,
                returns: [Invite].self,
                errors: [.invalidServerID, .serverNotFound, .accessDenied, .permissionDenied]
            ) { caller, call in .ok(try await list(try call.id("server_id"), for: caller)) },
            .authenticated(
                .get, "/channels/invites/{code}", "See where an invite leads", takes: .nothing,
                returns: InvitePreview.self, errors: [.inviteNotFound]
            ) { _, call in .ok(try await preview(call.text("code"))) },
            .authenticated(
                .post, "/channels/invites/{code}", "Join a server", takes: .nothing, returns: JoinedServer.self,
                errors: [.inviteNotFound, .alreadyMember, .bannedFromServer]
            ) { caller, call in .ok(try await join(call.text("code"), by: caller)) }
            .forPeople,
            .authenticated(
                .delete, "/channels/invites/{code}", "Withdraw an invite", takes: .nothing, returns: Success.self,
                errors: [.inviteNotFound, .accessDenied, .permissionDenied]
            ) { caller, call in
                try await delete(call.text("code"), by: caller)
                return .success
            },
        ]
    }
}
