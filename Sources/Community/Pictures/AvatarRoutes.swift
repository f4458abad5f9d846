import Features
import Files
import HTTPTypes
import Kernel
import WebAPI

extension Avatars: Feature {
    package static let module: Module? = .avatars

    private static let sizeInput = JSONInput(
        "PictureSize", .optional("size", PictureEdge.reader, default: .large), .optional("v", .string(0...64)),
        make: { (edge, _) throws(APIError) in edge })

    private static let types = ["image/webp", "image/svg+xml"]
    private static let managing = Servers.access + [.permissionDenied, .moduleNotAvailable, .serviceUnavailable]

    package var routes: [Route] {
        ["/avatars/users/@me", "/users/@me/avatar"].map(ownAvatar)
            + ["/avatars/servers/{server_id}", "/servers/{server_id}/icon"].map(icon) + [
                .authenticated(
                    .delete, "/avatars/users/@me", "Remove one's picture", takes: .nothing, returns: Success.self
                ) { caller, _ in
                    try await deleteAvatar(of: caller)
                    return .success
                },
                .authenticated(
                    .delete, "/avatars/servers/{server_id}", "Remove a server's picture", takes: .nothing,
                    returns: Success.self, errors: Servers.access + [.permissionDenied]
                ) { caller, call in
                    try await deleteIcon(of: try call.id("server_id"), by: caller)
                    return .success
                },
                .file(
                    "/avatars/users/{user_id}", "A user's picture", takes: Self.sizeInput, contentTypes: Self.types,
                    errors: [.invalidUserID, .userNotFound]
                ) { _, call in try await avatar(of: try call.id("user_id"), call.query) },
                .file(
                    "/avatars/servers/{server_id}", "A server's picture", takes: Self.sizeInput,
                    contentTypes: Self.types,
                    errors: [.invalidServerID, .serverNotFound]
                ) { _, call in try await icon(of: try call.id("server_id"), call.query) },
            ]
    }

    private func ownAvatar(_ path: String) -> Route {
        .form(
            path, "Set one's picture", file: "image", returns: SetPicture.self,
            errors: [.moduleNotAvailable, .serviceUnavailable]
        ) { caller, call in .ok(try await setAvatar(call.body, of: caller)) }
        .limited(by: .upload)
    }

    private func icon(_ path: String) -> Route {
        .form(
            path, "Set a server's picture", file: "image", returns: SetPicture.self, errors: Self.managing
        ) { caller, call in
            .ok(try await setIcon(call.body, of: try call.id("server_id"), by: caller))
        }
        .limited(by: .upload)
    }
}
