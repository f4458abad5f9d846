import Events
import HTTPTypes
import Kernel
import WebAPI

extension Overwrites {
    /// What an overwrite says, for a subject that the address names.
    private static let contentInput = JSONInput(
        "OverwriteDraft",
        .required("type", .oneOf(Draft.Kind.self)),
        .optional("allow", permissions, default: PermissionSet()),
        .optional("deny", permissions, default: PermissionSet()),
        make: { (kind, allow, deny) throws(APIError) in
            Draft.Content(kind: kind, allow: allow, deny: deny)
        })

    private static let errors = Channels.access + [.permissionDenied, .invalidInput, .invalidRoleID]

    package var routes: [Route] {
        [
            .authenticated(
                .get, "/channels/{channel_id}/overwrites", "List a channel's overwrites", takes: .nothing,
                returns: [PermissionOverwrite].self, errors: Self.errors
            ) { caller, call in .ok(try await list(try call.id("channel_id"), for: caller)) },
            .authenticated(
                .put, "/channels/{channel_id}/overwrites/{subject_id}",
                "Set what a role or a member may do in a channel", takes: .body(Self.contentInput),
                returns: PermissionOverwrite.self, errors: Self.errors + [.roleNotFound, .memberNotFound]
            ) { caller, call in
                .ok(
                    try await set(
                        Draft(subject: try call.id("subject_id", RoleID.self).rawValue, content: call.body),
                        in: try call.id("channel_id"), by: caller))
            }
            .limited(by: .serverChange),
            .authenticated(
                .delete, "/channels/{channel_id}/overwrites/{subject_id}", "Take an overwrite away",
                takes: .nothing, returns: Success.self, errors: Self.errors
            ) { caller, call in
                try await remove(
                    try call.id("subject_id", RoleID.self).rawValue, from: try call.id("channel_id"), by: caller)
                return .success
            }
            .limited(by: .serverChange),
        ]
    }
}
