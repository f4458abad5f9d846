import Client
import Database
import Kernel
import NIOHTTP1
import TestDatabase
import Testing

@testable import Community

@Suite("Groups and consent")
struct GroupConsentTests {
    static func group(of others: [Person], by person: Person) async throws -> HTTPReply {
        try await person.send(
            .POST, "/users/@me/channels", ["recipient_ids": .array(others.map { .string($0.id) })])
    }

    @Test("only friends and people of a common server are brought into a group", arguments: DatabaseKind.allCases)
    func consent(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            let bob = try await server.person("bob")
            let carol = try await server.person("carol")
            let eve = try await server.person("eve")
            #expect(try await Self.group(of: [bob, carol], by: alice).outcome == "403 Cannot message this user")
            try await alice.befriends(bob)
            #expect(try await Self.group(of: [bob, carol], by: alice).outcome == "403 Cannot message this user")
            #expect(try await bob.does(.GET, "/users/@me/channels") == [], "nothing is made")
            let nest = try await carol.foundsServer()
            try await alice.joins(nest)
            let made = try await Self.group(of: [bob, carol], by: alice)
            #expect(made.status == 200)
            let path = "/channels/\(try made.json.text("id"))/recipients/\(eve.id)"
            #expect(try await alice.outcome(.PUT, path) == "403 Cannot message this user")
            try await eve.does(.POST, "/relationships", ["user_id": .string(carol.id)])
            #expect(try await carol.outcome(.PUT, path) == "403 Cannot message this user", "a request is no friendship")
            try await carol.does(.PUT, "/relationships/\(eve.id)/accept")
            #expect(try await alice.outcome(.PUT, path) == "403 Cannot message this user", "not Alice's friend")
            #expect(try await carol.outcome(.PUT, path) == "200")
            try await bob.does(.DELETE, "/relationships/\(alice.id)")
            #expect(try await Self.group(of: [bob, carol], by: alice).outcome == "403 Cannot message this user")
        }
    }

    @Test("nobody is in more than a hundred groups", arguments: DatabaseKind.allCases)
    func cap(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            let bob = try await server.person("bob")
            let carol = try await server.person("carol")
            let nest = try await alice.foundsServer()
            for person in [bob, carol] { try await person.joins(nest) }
            let (first, victim) = (try await Self.group(of: [bob, carol], by: alice), try UserID(parsing: bob.id))
            // Bob has come into the others at times when nobody counted.
            try await server.onDatabase { tx in
                for index in 1..<Int64(PrivateChannels.maximumGroups) {
                    let id = ChannelID(rawValue: index)
                    try ChannelStore.insert(
                        Channel(
                            id: id, server: nil, name: "", type: .group, topic: nil, position: 0, category: nil,
                            nsfw: false, slowmode_s: 0, createdAt: tx.now, lastMessage: nil, owner: victim), tx)
                    try ChannelStore.add(victim, to: id, isOpen: true, tx)
                }
            }
            for reply in [
                try await Self.group(of: [bob, carol], by: alice), try await Self.group(of: [alice, carol], by: bob),
            ] {
                #expect(reply.outcome == "400 Invalid input")
                #expect(reply.issues == ["recipient_ids"])
            }
            #expect(try await alice.does(.GET, "/users/@me/channels").count == 1)
            try await bob.does(.DELETE, "/channels/\(try first.json.text("id"))")
            #expect(try await Self.group(of: [bob, carol], by: alice).status == 200, "there is room again")
            let other = try await Self.group(of: [carol, server.friend("dave", of: alice)], by: alice)
            #expect(
                try await alice.outcome(.PUT, "/channels/\(try other.json.text("id"))/recipients/\(bob.id)")
                    == "400 Invalid input")
        }
    }

    @Test("groups are made at a pace of their own, which conversations do not share", arguments: DatabaseKind.allCases)
    func pace(kind: DatabaseKind) async throws {
        try await TestServer.with(kind, ["rate_limiting.enabled": "true"]) { server in
            let alice = try await server.person("alice")
            let bob = try await server.person("bob")
            let carol = try await server.person("carol")
            for person in [bob, carol] { try await alice.befriends(person) }
            var outcomes: [String] = []
            for _ in 0..<21 {
                outcomes.append(try await Self.group(of: [bob, carol], by: alice).outcome)
                server.clock.advance(by: .milliseconds(20))
            }
            #expect(outcomes == Array(repeating: "200", count: 20) + ["429 Rate limited"])
            _ = try await alice.conversation(with: bob)
        }
    }
}

extension TestServer {
    func friend(_ name: String, of person: Person) async throws -> Person {
        let friend = try await self.person(name)
        try await person.befriends(friend)
        return friend
    }
}
