import Database
import Kernel

extension Roles: Feature {
    static let tables: [Table] = [
        .impersonal(
            "roles", "id server_id name color position permissions hoist mentionable is_default",
            endings: [.deleted(with: .server, by: "server_id")])
    ]
}
