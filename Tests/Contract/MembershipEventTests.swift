import Client
import Kernel
import NIOHTTP1
import TestDatabase
import Testing

@Suite("Events of coming and going")
struct MembershipEventTests {
    typealias Scene = EventTests.Scene

    @Test("who joins gets the server, and hears from then on", arguments: DatabaseKind.allCases)
    func join(kind: DatabaseKind) async throws {
        try await EventTests.with(kind) { scene in
            let carol = try await scene.server.person("carol")
            let listener = try await carol.listens()
            try await scene.alice.says("before", in: scene.nest.general)
            try await carol.joins(scene.nest)
            let gained = try await listener.hears("GUILD_CREATE")
            #expect(gained["d"]?["server"]?["id"]?.string == scene.nest.id)
            #expect(gained["d"]?["server"]?["member_count"] == 3)
            #expect(gained["d"]?["channels"]?.column("name") == ["Channels", "general", "Voice"])
            #expect(gained["d"]?["member"]?["user_id"]?.string == carol.id)
            let after = try await scene.alice.says("after", in: scene.nest.general)
            #expect(try await listener.hears("MESSAGE_CREATE")["d"] == after)
            try await scene.alice.does(.POST, "/channels/\(scene.nest.general)/typing")
            try await listener.hears("TYPING_START")
        }
    }

    @Test("members learn who has joined", arguments: DatabaseKind.allCases)
    func joined(kind: DatabaseKind) async throws {
        try await EventTests.with(kind) { scene in
            let carol = try await scene.server.person("carol")
            let invite = try await scene.alice.invites(to: scene.nest)
            try await carol.does(.POST, "/channels/invites/\(invite)")
            let event = try await scene.bobHears.hears("GUILD_MEMBER_ADD")
            let members = try await scene.bob.does(.GET, "/servers/\(scene.nest.id)/members")
            var member = members[2]?.object ?? [:]
            member["presence"] = .null
            #expect(event["d"] == ["server_id": .string(scene.nest.id), "member": .object(member)])
        }
    }

    @Test("who has left hears it, and then nothing more", arguments: DatabaseKind.allCases)
    func leave(kind: DatabaseKind) async throws {
        try await EventTests.with(kind) { scene in
            let den = try await scene.bob.foundsServer("Den")
            try await scene.bobHears.hears("GUILD_CREATE")
            try await scene.bob.does(.POST, "/servers/\(scene.nest.id)/leave")
            try await scene.bobHears.awaits("GUILD_DELETE")
            let gone = try await scene.aliceHears.hears("GUILD_MEMBER_REMOVE")
            #expect(gone["d"] == ["server_id": .string(scene.nest.id), "user_id": .string(scene.bob.id)])

            let nest = scene.nest
            try await scene.alice.says("secret", in: nest.general)
            try await scene.alice.does(.POST, "/channels/\(nest.general)/typing")
            try await scene.alice.does(.PATCH, "/servers/\(nest.id)", ["name": "Aerie"])
            let channel = try await scene.alice.opensChannel("new", in: nest)
            try await scene.alice.says("secret", in: channel)
            let carol = try await scene.server.person("carol")
            try await carol.joins(nest)
            try await scene.alice.does(.PATCH, "/users/@me", ["bio": "secret"])
            try await scene.alice.does(.DELETE, "/servers/\(nest.id)")
            try await scene.bob.says("marker", in: den.general)
            try await scene.bobHears.hearsNothing(before: "MESSAGE_CREATE", matching: "marker")
        }
    }

    @Test("who comes back hears again, but not what was said meanwhile", arguments: DatabaseKind.allCases)
    func comeBack(kind: DatabaseKind) async throws {
        try await EventTests.with(kind) { scene in
            try await scene.bob.does(.POST, "/servers/\(scene.nest.id)/leave")
            try await scene.bobHears.awaits("GUILD_DELETE")
            try await scene.alice.says("meanwhile", in: scene.nest.general)
            try await scene.bob.joins(scene.nest)
            try await scene.bobHears.hears("GUILD_CREATE")
            try await scene.nothingReached(scene.bobHears)
        }
    }

    @Test("a channel that is made is heard also by those who join later", arguments: DatabaseKind.allCases)
    func laterChannels(kind: DatabaseKind) async throws {
        try await EventTests.with(kind) { scene in
            let carol = try await scene.server.person("carol")
            let channel = try await scene.alice.opensChannel("news", in: scene.nest)
            try await carol.joins(scene.nest)
            let listener = try await carol.listens()
            let sent = try await scene.alice.says("hello", in: channel)
            #expect(try await listener.hears("MESSAGE_CREATE")["d"] == sent)
        }
    }

    @Test("strangers hear nothing at all", arguments: DatabaseKind.allCases)
    func strangers(kind: DatabaseKind) async throws {
        try await EventTests.with(kind) { scene in
            let eve = try await scene.server.person("eve")
            let den = try await eve.foundsServer("Den")
            let listener = try await eve.listens()
            let (alice, nest) = (scene.alice, scene.nest)
            let message = try await alice.says("secret", in: nest.general).text("id")
            let path = "/channels/\(nest.general)/messages/\(message)"
            try await alice.does(.PATCH, path, ["content": "secrets"])
            try await alice.does(.DELETE, path)
            try await alice.does(.POST, "/channels/\(nest.general)/typing")
            let channel = try await alice.opensChannel("new", in: nest)
            try await alice.does(.PATCH, "/channels/\(channel)", ["topic": "secret"])
            let invite = try await alice.invites(to: nest)
            try await alice.does(.DELETE, "/channels/invites/\(invite)")
            try await alice.does(.DELETE, "/channels/\(channel)")
            try await alice.does(.PATCH, "/servers/\(nest.id)", ["name": "Aerie"])
            try await alice.does(.PATCH, "/users/@me", ["bio": "secret"])
            try await scene.bob.does(.POST, "/servers/\(nest.id)/leave")
            try await alice.does(.DELETE, "/servers/\(nest.id)")
            try await eve.says("marker", in: den.general)
            try await listener.hearsNothing(before: "MESSAGE_CREATE", matching: "marker")
        }
    }

    @Test("of invites only those hear who could list them", arguments: DatabaseKind.allCases)
    func invites(kind: DatabaseKind) async throws {
        try await EventTests.with(kind) { scene in
            let invite = try await scene.bob.does(.POST, "/channels/\(scene.nest.general)/invites")
            #expect(try await scene.aliceHears.hears("INVITE_CREATE")["d"] == invite)
            let code = try invite.text("code")
            try await scene.bob.does(.DELETE, "/channels/invites/\(code)")
            let gone: JSON = [
                "code": .string(code), "server_id": .string(scene.nest.id), "channel_id": .string(scene.nest.general),
            ]
            #expect(try await scene.aliceHears.hears("INVITE_DELETE")["d"] == gone)
            try await scene.nothingReached(scene.bobHears)
        }
    }

    @Test("invites follow the server's new owner", arguments: DatabaseKind.allCases)
    func newOwner(kind: DatabaseKind) async throws {
        try await EventTests.with(kind) { scene in
            try await scene.alice.does(
                .POST, "/servers/\(scene.nest.id)/transfer",
                ["user_id": .string(scene.bob.id), "password": .string(Person.password)])
            for listener in [scene.aliceHears, scene.bobHears] { try await listener.hears("GUILD_UPDATE") }
            let invite = try await scene.alice.does(.POST, "/channels/\(scene.nest.general)/invites")
            #expect(try await scene.bobHears.hears("INVITE_CREATE")["d"] == invite)
            try await scene.nothingReached(scene.aliceHears)
        }
    }

    @Test("all devices hear alike, with the same positions", arguments: DatabaseKind.allCases)
    func devices(kind: DatabaseKind) async throws {
        try await EventTests.with(kind) { scene in
            let phone = try await scene.bob.listens()
            for number in 1...5 { try await scene.alice.says("\(number)", in: scene.nest.general) }
            var last: Int64 = 0
            for _ in 1...5 {
                let (first, second) = (
                    try await scene.bobHears.hears("MESSAGE_CREATE"), try await phone.hears("MESSAGE_CREATE")
                )
                #expect(first == second)
                let position = try #require(first["s"]?.integer)
                #expect(position > last)
                last = position
            }
        }
    }
}
