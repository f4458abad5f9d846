import Client
import Kernel
import NIOHTTP1
import TestDatabase
import TestPrograms
import Testing

@testable import Community
@testable import Features

@Suite("Invites")
struct InviteTests {
    @Test("an invite lasts a day and any number of uses, unless it says otherwise", arguments: DatabaseKind.allCases)
    func create(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            let nest = try await alice.foundsServer()
            let path = "/channels/\(nest.general)/invites"
            let now = server.clock.now().seconds
            let plain = try await alice.does(.POST, path)
            #expect(
                plain == [
                    "code": plain["code"] ?? .null, "server_id": .string(nest.id), "channel_id": .string(nest.general),
                    "inviter_id": .string(alice.id), "uses": 0, "max_uses": 0, "max_age": 86_400, "temporary": false,
                    "created_at": .integer(now), "expires_at": .integer(now + 86_400),
                ])
            let endless = try await alice.does(.POST, path, ["max_age": 0, "max_uses": 3, "temporary": true])
            #expect(endless["expires_at"] == .null)
            #expect(endless["max_uses"] == 3)
            #expect(endless["temporary"] == true)
        }
    }

    @Test(
        "who came by a temporary invite leaves by going offline, unless a role was given",
        arguments: DatabaseKind.allCases)
    func temporary(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            let nest = try await alice.foundsServer()
            let invite = try await alice.does(.POST, "/channels/\(nest.general)/invites", ["temporary": true])
            let join = "/channels/invites/\(try invite.text("code"))"
            let hears = try await alice.listens()
            var people: [Person] = []
            for name in ["bob", "carol", "dave"] {
                let person = try await server.person(name)
                try await person.does(.POST, join)
                _ = try await hears.hears("GUILD_MEMBER_ADD")
                people.append(person)
            }
            let (bob, carol, dave) = (people[0], people[1], people[2])
            let device = try await bob.listens()
            try await alice.gives(try await alice.makesRole("friend", in: nest, []), to: dave, in: nest)
            for event in ["GUILD_ROLE_CREATE", "GUILD_MEMBER_UPDATE"] { _ = try await hears.hears(event) }
            server.clock.advance(by: TemporaryMembers.grace)
            #expect(try await hears.hears("GUILD_MEMBER_REMOVE")["d"]?["user_id"] == .string(carol.id))
            #expect(try await carol.outcome(.GET, "/servers/\(nest.id)") == "403 Access denied")
            await device.socket.disconnect()
            try await eventually { try await alice.does(.GET, "/users/\(bob.id)/presence")["status"] == "offline" }
            server.clock.advance(by: TemporaryMembers.grace)
            #expect(try await hears.hears("GUILD_MEMBER_REMOVE")["d"]?["user_id"] == .string(bob.id))
            #expect(try await dave.outcome(.GET, "/servers/\(nest.id)") == "200")
            #expect(try await alice.does(.GET, "/servers/\(nest.id)")["member_count"] == 2)
        }
    }

    @Test("what does not fit is named", arguments: DatabaseKind.allCases)
    func rules(kind: DatabaseKind) async throws {
        let refused: [(JSON, [String])] = [
            (["max_age": -1], ["max_age"]), (["max_age": "1"], ["max_age"]), (["max_uses": -1], ["max_uses"]),
            (["max_age": 9_223_372_036_854_775_807], ["max_age"]), (["max_uses": .number(1.5)], ["max_uses"]),
            (["temporary": 1], ["temporary"]), (["max_age": -1, "max_uses": -1], ["max_age", "max_uses"]),
        ]
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            let nest = try await alice.foundsServer()
            for (body, fields) in refused {
                let reply = try await alice.send(.POST, "/channels/\(nest.general)/invites", body)
                #expect(reply.outcome == "400 Invalid input", "\(body)")
                #expect(reply.issues == fields, "\(body)")
            }
        }
    }

    @Test("a preview shows the server to one who is not in it yet", arguments: DatabaseKind.allCases)
    func preview(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let (alice, bob) = (try await server.person("alice"), try await server.person("bob"))
            let nest = try await alice.foundsServer()
            let invite = try await alice.invites(to: nest)
            let preview = try await bob.does(.GET, "/channels/invites/\(invite)")
            #expect(preview["server_name"] == "Nest")
            #expect(preview["member_count"] == 1)
            #expect(preview["icon_url"] == .null)
            #expect(try await bob.outcome(.GET, "/servers/\(nest.id)") == "403 Access denied")
        }
    }

    @Test("an invite lets in whoever has it", arguments: DatabaseKind.allCases)
    func join(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let (alice, bob) = (try await server.person("alice"), try await server.person("bob"))
            let nest = try await alice.foundsServer()
            let invite = try await alice.invites(to: nest)
            let joined = try await bob.does(.POST, "/channels/invites/\(invite)")
            #expect(joined == ["success": true, "server_id": .string(nest.id)])
            #expect(try await bob.does(.GET, "/servers/\(nest.id)")["member_count"] == 2)
            #expect(try await bob.outcome(.POST, "/channels/invites/\(invite)") == "409 Already a member")
            #expect(try await alice.outcome(.POST, "/channels/invites/\(invite)") == "409 Already a member")
            #expect(try await alice.does(.GET, "/channels/invites/\(invite)")["uses"] == 1)
        }
    }

    @Test("codes that nobody made are not found", arguments: DatabaseKind.allCases)
    func unknown(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            let nest = try await alice.foundsServer()
            let invite = try await alice.invites(to: nest)
            let codes = [
                "nothing", invite.lowercased() + "x", "%00", "%FF", "a%2Fb", "%25", String(repeating: "x", count: 2000),
            ]
            for code in codes {
                for method in [HTTPMethod.GET, .POST, .DELETE] {
                    let outcome = try await alice.outcome(method, "/channels/invites/\(code)")
                    #expect(outcome == "404 Invite not found", "\(method) \(code)")
                }
            }
        }
    }

    @Test("an invite is over at its time", arguments: DatabaseKind.allCases)
    func expiry(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let (alice, bob) = (try await server.person("alice"), try await server.person("bob"))
            let nest = try await alice.foundsServer()
            let invite = try await alice.invites(to: nest, ["max_age": 60])
            server.clock.advance(by: .seconds(59))
            #expect(try await bob.outcome(.GET, "/channels/invites/\(invite)") == "200")
            server.clock.advance(by: .seconds(1))
            #expect(try await bob.outcome(.GET, "/channels/invites/\(invite)") == "404 Invite not found")
            #expect(try await bob.outcome(.POST, "/channels/invites/\(invite)") == "404 Invite not found")
            #expect(try await alice.does(.GET, "/servers/\(nest.id)/invites") == [])
        }
    }

    @Test("of two who use the last place of an invite at once, one gets in", arguments: DatabaseKind.allCases)
    func lastPlace(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            let people = [try await server.person("bob"), try await server.person("carol")]
            let nest = try await alice.foundsServer()
            let invite = try await alice.invites(to: nest, ["max_uses": 1])
            let outcomes = try await atOnce(2) { try await people[$0].outcome(.POST, "/channels/invites/\(invite)") }
            #expect(outcomes.sorted() == ["200", "404 Invite not found"])
            #expect(try await alice.does(.GET, "/servers/\(nest.id)")["member_count"] == 2)
        }
    }

    @Test("the list has what can still be used, for managers", arguments: DatabaseKind.allCases)
    func list(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let (alice, bob) = (try await server.person("alice"), try await server.person("bob"))
            let nest = try await alice.foundsServer()
            let once = try await alice.invites(to: nest, ["max_uses": 1])
            server.clock.advance(by: .seconds(1))
            let often = try await alice.invites(to: nest)
            #expect(try await alice.does(.GET, "/servers/\(nest.id)/invites").column("code") == [often, once])
            try await bob.does(.POST, "/channels/invites/\(once)")
            #expect(try await alice.does(.GET, "/servers/\(nest.id)/invites").column("code") == [often])
        }
    }

    @Test("the inviter and managers withdraw an invite, others do not", arguments: DatabaseKind.allCases)
    func withdraw(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            let nest = try await alice.foundsServer()
            let others = try await MemberTests.flock(["bob", "carol"], in: nest, on: server)
            let (bob, carol) = (others[0], others[1])
            let first = try await bob.invites(to: nest)
            let second = try await bob.invites(to: nest)
            #expect(try await carol.outcome(.DELETE, "/channels/invites/\(first)") == "403 Permission denied")
            #expect(try await bob.does(.DELETE, "/channels/invites/\(first)") == ["success": true])
            #expect(try await alice.does(.DELETE, "/channels/invites/\(second)") == ["success": true])
            for invite in [first, second] {
                #expect(try await carol.outcome(.GET, "/channels/invites/\(invite)") == "404 Invite not found")
            }
        }
    }

    @Test("switched off, invites are not available", arguments: DatabaseKind.allCases)
    func switchedOff(kind: DatabaseKind) async throws {
        try await TestServer.with(kind, ["modules.invites": "false"]) { server in
            let alice = try await server.person("alice")
            let nest = try await alice.foundsServer()
            let outcome = try await alice.outcome(.POST, "/channels/\(nest.general)/invites")
            #expect(outcome == "503 Module not available")
            #expect(try await alice.outcome(.GET, "/channels/invites/x") == "503 Module not available")
            #expect(try await server.send(.GET, "/capabilities").json["invites"] == false)
        }
    }
}
