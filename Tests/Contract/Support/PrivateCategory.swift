import Client
import Kernel
import NIOHTTP1
import TestDatabase

/// Alice owns a server with a category that only she sees and a channel in it that has no overwrites of its own. Bob
/// manages channels, Carol is a member.
struct PrivateCategory: Sendable {
    let server: TestServer
    let alice: Person
    let bob: Person
    let carol: Person
    let nest: Community
    let everyone: String
    let manager: String
    let category: String
    let room: String

    /// - Parameter permissions: what Bob may do besides.
    static func with(
        _ kind: DatabaseKind, _ permissions: [String] = [], settings: [String: String] = [:],
        _ body: @escaping @Sendable (PrivateCategory) async throws -> Void
    ) async throws {
        try await TestServer.with(kind, settings) { server in
            let alice = try await server.person("alice")
            let (bob, carol) = (try await server.person("bob"), try await server.person("carol"))
            let nest = try await alice.foundsServer()
            for person in [bob, carol] { try await person.joins(nest) }
            let everyone = try await alice.everyoneRole(of: nest)
            let manager = try await alice.makesRole("manager", in: nest, ["channels.manage"] + permissions)
            try await alice.gives(manager, to: bob, in: nest)
            let category = try await alice.opensChannel("Board", in: nest, ["type": "category"])
            try await alice.sets(everyone, "role", in: category, deny: ["channels.view"])
            let room = try await alice.opensChannel("room", in: nest, ["category_id": .string(category)])
            try await alice.says("the secret plan", in: room)
            try await body(
                PrivateCategory(
                    server: server, alice: alice, bob: bob, carol: carol, nest: nest, everyone: everyone,
                    manager: manager, category: category, room: room))
        }
    }

    var channels: String { "/servers/\(nest.id)/channels" }

    func overwrites(of channel: String) async throws -> JSON {
        try await alice.does(.GET, "/channels/\(channel)/overwrites")
    }

    /// What somebody who must not see the room gets at each of its doors.
    func secrets(of channel: String, for person: Person) async throws -> [String] {
        [
            try await person.outcome(.GET, "/channels/\(channel)"),
            try await person.outcome(.GET, "/channels/\(channel)/messages"),
            try await person.outcome(.GET, "/channels/\(channel)/threads"),
            try await person.does(.GET, "/search/messages?q=secret").text,
            "\(try await person.sees(in: nest).contains("room"))",
        ]
    }

    /// Nothing reaches a listener until something that comes later.
    func nothingReached(_ listener: Listener) async throws {
        try await alice.says("marker", in: nest.general)
        try await listener.hearsNothing(before: "MESSAGE_CREATE", matching: "marker")
    }
}

extension Person {
    /// Sets an overwrite and returns it.
    @discardableResult
    func sets(
        _ subject: String, _ type: String, in channel: String, allow: [String] = [], deny: [String] = []
    ) async throws -> JSON {
        try await does(
            .PUT, "/channels/\(channel)/overwrites/\(subject)", .overwrite(type, allow: allow, deny: deny))
    }
}

extension JSON {
    /// An overwrite as a request has it; with an id as a channel has it.
    static func overwrite(
        _ type: String, id: String? = nil, allow: [String] = [], deny: [String] = []
    ) -> JSON {
        var members: [String: JSON] = [
            "type": .string(type), "allow": .array(allow.map(JSON.string)), "deny": .array(deny.map(JSON.string)),
        ]
        if let id { members["id"] = .string(id) }
        return .object(members)
    }
}
