import Client
import Kernel
import NIOHTTP1

extension Person {
    /// Makes a role with these permissions and returns its id.
    func makesRole(
        _ name: String, in community: Community, _ permissions: [String] = [], _ more: [String: JSON] = [:]
    ) async throws -> String {
        let granted = Dictionary(permissions.map { ($0, JSON.bool(true)) }) { $1 }
        let draft = more.merging(["name": .string(name), "permissions": .object(granted)]) { $1 }
        return try await does(.POST, "/servers/\(community.id)/roles", .object(draft)).text("id")
    }

    func gives(_ role: String, to person: Person, in community: Community) async throws {
        try await does(.PUT, "/servers/\(community.id)/members/\(person.id)/roles/\(role)")
    }

    /// Keeps everyone out of a channel but those with some of the roles.
    func closes(_ channel: String, in community: Community, but roles: [String] = []) async throws {
        let everyone = try await everyoneRole(of: community)
        for role in roles {
            try await does(
                .PUT, "/channels/\(channel)/overwrites/\(role)", ["type": "role", "allow": ["channels.view"]])
        }
        try await does(
            .PUT, "/channels/\(channel)/overwrites/\(everyone)", ["type": "role", "deny": ["channels.view"]])
    }

    func everyoneRole(of community: Community) async throws -> String {
        let roles = try await does(.GET, "/servers/\(community.id)/roles")
        guard let role = roles.array?.first(where: { $0["is_default"] == true }) else {
            throw UnexpectedEvent(expected: "a default role", event: roles)
        }
        return try role.text("id")
    }

    func befriends(_ other: Person) async throws {
        try await does(.POST, "/relationships", ["user_id": .string(other.id)])
        try await other.does(.PUT, "/relationships/\(id)/accept")
    }

    /// The conversation with somebody.
    func conversation(with other: Person) async throws -> String {
        try await does(.POST, "/users/@me/channels", ["recipient_id": .string(other.id)]).text("id")
    }

    /// The names of the channels that one sees in a server.
    func sees(in community: Community) async throws -> [String] {
        try await does(.GET, "/servers/\(community.id)/channels").column("name")
    }
}
