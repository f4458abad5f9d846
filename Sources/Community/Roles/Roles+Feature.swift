import Database
import Features
import Kernel

extension Roles: Feature {
    package static let tables: [Table] = [
        .impersonal(
            "roles", "id server_id name color position permissions hoist mentionable is_default",
            endings: [.deleted(with: .server, by: "server_id")])
    ]

    package static var caps: [Cap] { [Cap("roles", per: .server, maximumPerServer, .refused(field: "server"))] }
}
