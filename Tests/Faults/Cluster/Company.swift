import Client
import Foundation
import Kernel
import NIOCore
import NIOHTTP1
import TestPrograms

/// Everybody of a run: the owner of a server, those who write in it, and guests whose sight of it changes.
struct Company: Sendable {
    struct Person: Sendable {
        let name: String
        let id: String
        let token: String
    }

    let stage: Stage
    let owner: Person
    let writers: [Person]
    let guests: [Person]
    let invite: String
    /// A role that shows what is hidden.
    let role: String
    /// The channel that no storm reaches, and those that are hidden and shown.
    let calm: String
    let stormy: [String]

    static func gather(at endpoint: Endpoint, writers: Int, guests: Int) async throws -> Company {
        let owner = try await register("owner", at: endpoint)
        let server = try await owner.does(.POST, "/servers", ["name": "Fault"], at: endpoint)
        let (id, calm) = (try server.text("id"), try server.text("default_channel_id"))
        let invite = try await owner.does(.POST, "/channels/\(calm)/invites", ["max_uses": 0], at: endpoint).text(
            "code")
        let roles = try await owner.does(.GET, "/servers/\(id)/roles", at: endpoint).array ?? []
        guard let everyone = roles.first(where: { $0["name"] == "@everyone" })?["id"]?.string else {
            throw Visitor.Refused(reply: "a server without the role of all")
        }
        let quill = try await owner.does(.POST, "/servers/\(id)/roles", ["name": "quill"], at: endpoint).text("id")
        let role = try await owner.does(.POST, "/servers/\(id)/roles", ["name": "key"], at: endpoint).text("id")
        var stormy: [String] = []
        for number in 0..<2 {
            let name: JSON = ["name": .string("stormy-\(number)")]
            stormy.append(try await owner.does(.POST, "/servers/\(id)/channels", name, at: endpoint).text("id"))
            for shown in [quill, role] {
                let sight: JSON = ["type": "role", "allow": ["channels.view"], "deny": []]
                try await owner.does(.PUT, "/channels/\(stormy[number])/overwrites/\(shown)", sight, at: endpoint)
            }
        }
        func gather(_ name: String, _ count: Int) async throws -> [Person] {
            var people: [Person] = []
            for number in 0..<count {
                let person = try await register("\(name)\(number)", at: endpoint)
                try await person.does(.POST, "/channels/invites/\(invite)", at: endpoint)
                people.append(person)
            }
            return people
        }
        let writing = try await gather("writer", writers)
        for person in writing {
            try await owner.does(.PUT, "/servers/\(id)/members/\(person.id)/roles/\(quill)", at: endpoint)
        }
        let looking = try await gather("guest", guests)
        return Company(
            stage: Stage(server: id, everyone: everyone, channels: [calm] + stormy, guests: looking.map(\.id)),
            owner: owner, writers: writing, guests: looking, invite: invite, role: role, calm: calm, stormy: stormy)
    }

    private static func register(_ name: String, at endpoint: Endpoint) async throws -> Person {
        let reply = await endpoint.send(
            .POST, "/auth/register",
            [
                "username": .string(name), "email": .string("\(name)@example.org"),
                "password": .string(Visitor.password),
            ])
        guard let reply, let token = reply.json["token"]?.string, let id = reply.json["user"]?["id"]?.string else {
            throw Visitor.Refused(reply: reply?.text ?? "no answer")
        }
        return Person(name: name, id: id, token: token)
    }

    /// All messages of a channel, the oldest first.
    func history(of channel: String, at endpoint: Endpoint) async throws -> [Sighting] {
        var all: [Sighting] = []
        while true {
            let before = all.last.map { "&before=\($0.id)" } ?? ""
            let page = try await owner.does(.GET, "/channels/\(channel)/messages?limit=100\(before)", at: endpoint)
            let messages = (page.array ?? []).compactMap(Sighting.init)
            if messages.isEmpty { return all.reversed() }
            all += messages
        }
    }
}

extension Company.Person {
    /// - Throws: `Visitor.Refused`.
    @discardableResult
    func does(_ method: HTTPMethod, _ path: String, _ body: JSON? = nil, at endpoint: Endpoint) async throws -> JSON {
        let reply = await endpoint.send(method, path, body, as: token)
        guard let reply, (200..<300).contains(reply.status) else {
            throw Visitor.Refused(reply: "\(method) \(path): \(reply?.text ?? "no answer")")
        }
        return reply.json
    }
}

extension JSON {
    fileprivate func text(_ key: String) throws -> String {
        guard let text = self[key]?.string else { throw Visitor.Refused(reply: "no \(key) in \(self.text)") }
        return text
    }
}
