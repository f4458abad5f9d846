import Client
import Kernel
import NIOHTTP1
import TestDatabase
import Testing

@Suite("Roles and permissions")
struct RoleTests {
    @Test("a role is made, changed, listed and deleted", arguments: DatabaseKind.allCases)
    func life(kind: DatabaseKind) async throws {
        try await EventTests.with(kind) { scene in
            let (alice, nest) = (scene.alice, scene.nest)
            let made = try await alice.does(
                .POST, "/servers/\(nest.id)/roles",
                ["name": "Keepers", "color": "#AABBCC", "hoist": true, "permissions": ["members.kick": true]])
            let id = try made.text("id")
            #expect(made["color"] == "#aabbcc")
            #expect(made["position"] == 1)
            #expect(made["permissions"]?["members.kick"] == true)
            #expect(made["permissions"]?["members.ban"] == false)
            #expect(
                try await scene.bobHears.hears("GUILD_ROLE_CREATE")["d"] == [
                    "server_id": .string(nest.id), "role": made,
                ])
            let changed = try await alice.does(
                .PATCH, "/servers/\(nest.id)/roles/\(id)",
                ["name": "Wardens", "color": .null, "mentionable": true, "permissions": ["members.ban": true]])
            #expect(changed["name"] == "Wardens")
            #expect(changed["color"] == .null)
            #expect(changed["permissions"]?["members.kick"] == true, "what is not named stays")
            #expect(changed["permissions"]?["members.ban"] == true)
            #expect(try await scene.bobHears.hears("GUILD_ROLE_UPDATE")["d"]?["role"] == changed)
            let listed = try await scene.bob.does(.GET, "/servers/\(nest.id)/roles")
            #expect(listed.column("name") == ["@everyone", "Wardens"])
            #expect(listed[1] == changed)
            try await alice.gives(id, to: scene.bob, in: nest)
            #expect(
                try await scene.bobHears.hears("GUILD_MEMBER_UPDATE")["d"]?["member"]?["roles"] == [.string(id)])
            try await alice.does(.DELETE, "/servers/\(nest.id)/roles/\(id)")
            #expect(
                try await scene.bobHears.hears("GUILD_ROLE_DELETE")["d"]
                    == ["server_id": .string(nest.id), "role_id": .string(id)])
            let members = try await alice.does(.GET, "/servers/\(nest.id)/members")
            #expect(members[1]?["roles"] == [])
            #expect(try await alice.outcome(.DELETE, "/servers/\(nest.id)/roles/\(id)") == "404 Role not found")
        }
    }

    static let refused: [(JSON, String)] = [
        ([:], "name"), (["name": ""], "name"), (["name": "a", "color": "red"], "color"),
        (["name": "a", "color": "#12345"], "color"), (["name": "a", "permissions": ["fly": true]], "permissions"),
        (["name": "a", "permissions": ["members.kick": 1]], "permissions"),
        (["name": "a", "permissions": []], "permissions"),
        (["name": "a", "hoist": "yes"], "hoist"),
    ]

    @Test("what does not fit is named", arguments: DatabaseKind.allCases)
    func rules(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            let nest = try await alice.foundsServer()
            for (body, field) in Self.refused {
                let reply = try await alice.send(.POST, "/servers/\(nest.id)/roles", body)
                #expect(reply.outcome == "400 Invalid input", "\(body)")
                #expect(reply.issues == [field], "\(body)")
            }
            let everyone = try await alice.everyoneRole(of: nest)
            let path = "/servers/\(nest.id)/roles"
            #expect(try await alice.outcome(.DELETE, "\(path)/\(everyone)") == "400 Invalid input")
            #expect(try await alice.outcome(.PATCH, "\(path)/\(everyone)", ["name": "All"]) == "400 Invalid input")
            #expect(try await alice.outcome(.PATCH, "\(path)/x", ["name": "All"]) == "400 Invalid role ID")
            #expect(try await alice.outcome(.PATCH, "\(path)/1", ["name": "All"]) == "404 Role not found")
            let other = try await alice.foundsServer("Other")
            let foreign = try await alice.makesRole("Foreign", in: other)
            #expect(try await alice.outcome(.PATCH, "\(path)/\(foreign)", ["name": "x"]) == "404 Role not found")
        }
    }

    @Test("nobody acts on an equal or higher role, nobody grants what they lack", arguments: DatabaseKind.allCases)
    func hierarchy(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            let bob = try await server.person("bob")
            let carol = try await server.person("carol")
            let nest = try await alice.foundsServer()
            for person in [bob, carol] { try await person.joins(nest) }
            let low = try await alice.makesRole("low", in: nest)
            let manager = try await alice.makesRole("manager", in: nest, ["roles.manage", "members.manage_roles"])
            let high = try await alice.makesRole("high", in: nest)
            // Each role was made below the ones before it.
            try await alice.does(
                .PATCH, "/servers/\(nest.id)/roles",
                [
                    ["id": .string(low), "position": 1], ["id": .string(manager), "position": 2],
                    ["id": .string(high), "position": 3],
                ])
            try await alice.gives(manager, to: bob, in: nest)
            let roles = "/servers/\(nest.id)/roles"
            #expect(try await bob.outcome(.PATCH, "\(roles)/\(low)", ["name": "lower"]) == "200")
            #expect(try await bob.outcome(.PATCH, "\(roles)/\(manager)", ["name": "me"]) == "403 Permission denied")
            #expect(try await bob.outcome(.PATCH, "\(roles)/\(high)", ["name": "x"]) == "403 Permission denied")
            #expect(try await bob.outcome(.DELETE, "\(roles)/\(high)") == "403 Permission denied")
            #expect(try await bob.outcome(.PATCH, "\(roles)/\(low)", ["position": 3]) == "403 Permission denied")
            let grant = try await bob.send(.PATCH, "\(roles)/\(low)", ["permissions": ["members.ban": true]])
            #expect(grant.outcome == "403 Permission denied")
            #expect(grant.json["error"]?["details"]?[0]?["message"] == "members.ban")
            #expect(
                try await bob.outcome(.POST, roles, ["name": "a", "permissions": ["administrator": true]])
                    == "403 Permission denied")
            let member = "/servers/\(nest.id)/members/\(carol.id)/roles"
            #expect(try await bob.outcome(.PUT, "\(member)/\(low)") == "200")
            #expect(try await bob.outcome(.PUT, "\(member)/\(high)") == "403 Permission denied")
            #expect(try await bob.outcome(.DELETE, "\(member)/\(low)") == "200")
            try await alice.does(.PATCH, "\(roles)/\(low)", ["permissions": ["members.ban": true]])
            #expect(
                try await bob.outcome(.PUT, "\(member)/\(low)") == "403 Permission denied",
                "to give a role is to grant what it allows")
            #expect(try await carol.outcome(.PUT, "\(member)/\(low)") == "403 Permission denied")
            #expect(try await carol.outcome(.GET, roles) == "200")
            #expect(try await server.person("dave").outcome(.GET, roles) == "403 Access denied")
        }
    }

    @Test("permissions are explained to managers, step by step", arguments: DatabaseKind.allCases)
    func explain(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            let bob = try await server.person("bob")
            let nest = try await alice.foundsServer()
            try await bob.joins(nest)
            let talker = try await alice.makesRole("talker", in: nest, ["messages.send"])
            try await alice.gives(talker, to: bob, in: nest)
            let everyone = try await alice.everyoneRole(of: nest)
            let overwrites = "/channels/\(nest.general)/overwrites"
            try await alice.does(
                .PUT, "\(overwrites)/\(everyone)", ["type": "role", "deny": ["messages.send"]])
            try await alice.does(
                .PUT, "\(overwrites)/\(bob.id)", ["type": "member", "allow": ["messages.send"]])
            let path = "/servers/\(nest.id)/permissions"
            let report = try await alice.does(
                .GET, "\(path)?user_id=\(bob.id)&channel_id=\(nest.general)&explain=true")
            #expect(report["permissions"]?["messages.send"] == true)
            #expect(report["permissions"]?["messages.manage"] == false)
            #expect(
                report["explanation"]?["messages.send"] == [
                    ["source": "role", "id": .string(everyone), "grants": true],
                    ["source": "role", "id": .string(talker), "grants": true],
                    ["source": "role_overwrite", "id": .string(everyone), "grants": false],
                    ["source": "member_overwrite", "id": .string(bob.id), "grants": true],
                ])
            #expect(report["explanation"]?["messages.manage"] == [])
            let own = try await bob.does(.GET, "\(path)?channel_id=\(nest.general)")
            #expect(own["permissions"] == report["permissions"])
            #expect(own["explanation"] == .null)
            #expect(try await bob.outcome(.GET, "\(path)?explain=true") == "403 Permission denied")
            #expect(try await bob.outcome(.GET, "\(path)?user_id=\(alice.id)") == "403 Permission denied")
            #expect(try await alice.outcome(.GET, "\(path)?user_id=1") == "404 Member not found")
            #expect(
                try await alice.does(.GET, "\(path)?explain=true")["explanation"]?["members.ban"]
                    == [["source": "owner", "id": .null, "grants": true]])
        }
    }

    @Test(
        "an overwrite decides for its channel, and for those of its category that have none",
        arguments: DatabaseKind.allCases)
    func overwrites(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            let bob = try await server.person("bob")
            let nest = try await alice.foundsServer()
            try await bob.joins(nest)
            let category = try await alice.opensChannel("Staff", in: nest, ["type": "category"])
            let inside = try await alice.opensChannel("inside", in: nest, ["category_id": .string(category)])
            #expect(try await bob.sees(in: nest) == ["Channels", "general", "Voice", "Staff", "inside"])
            try await alice.closes(category, in: nest)
            #expect(try await bob.sees(in: nest) == ["Channels", "general", "Voice"])
            #expect(try await bob.outcome(.GET, "/channels/\(inside)") == "403 Access denied")
            // One of its own, and the category counts no more.
            let everyone = try await alice.everyoneRole(of: nest)
            let path = "/channels/\(inside)/overwrites/\(everyone)"
            let set = try await alice.does(.PUT, path, ["type": "role", "allow": ["channels.view"]])
            #expect(set == ["id": .string(everyone), "type": "role", "allow": ["channels.view"], "deny": []])
            #expect(try await bob.outcome(.GET, "/channels/\(inside)") == "200")
            #expect(try await alice.does(.GET, "/channels/\(inside)/overwrites") == [set])
            try await alice.does(.DELETE, path)
            try await alice.does(.DELETE, path)
            #expect(try await bob.outcome(.GET, "/channels/\(inside)") == "403 Access denied")
            #expect(try await bob.outcome(.GET, "/channels/\(nest.general)/overwrites") == "403 Permission denied")
            for body: JSON in [
                ["type": "role", "allow": ["fly"]], ["allow": []], ["type": "dog"],
                ["type": "role", "allow": ["administrator"]],
                ["type": "role", "allow": ["messages.send"], "deny": ["messages.send"]],
            ] {
                #expect(try await alice.outcome(.PUT, path, body) == "400 Invalid input", "\(body)")
            }
            let overwrites = "/channels/\(inside)/overwrites"
            #expect(try await alice.outcome(.PUT, "\(overwrites)/1", ["type": "role"]) == "404 Role not found")
            #expect(try await alice.outcome(.PUT, "\(overwrites)/1", ["type": "member"]) == "404 Member not found")
            #expect(try await alice.outcome(.PUT, "\(overwrites)/x", ["type": "member"]) == "400 Invalid role ID")
        }
    }

    @Test("who manages channels can't open for others what is closed to them", arguments: DatabaseKind.allCases)
    func escalation(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            let bob = try await server.person("bob")
            let nest = try await alice.foundsServer()
            try await bob.joins(nest)
            let manager = try await alice.makesRole("manager", in: nest, ["channels.manage"])
            try await alice.gives(manager, to: bob, in: nest)
            let everyone = try await alice.everyoneRole(of: nest)
            let path = "/channels/\(nest.general)/overwrites"
            #expect(
                try await bob.outcome(
                    .PUT, "\(path)/\(everyone)", ["type": "role", "allow": ["messages.manage"]])
                    == "403 Permission denied")
            #expect(
                try await bob.outcome(.PUT, "\(path)/\(bob.id)", ["type": "member", "allow": ["messages.manage"]])
                    == "403 Permission denied")
            #expect(
                try await bob.outcome(.PUT, "\(path)/\(manager)", ["type": "role", "deny": ["messages.send"]])
                    == "403 Permission denied", "their own role is not below them")
            #expect(
                try await bob.outcome(.PUT, "\(path)/\(alice.id)", ["type": "member", "deny": ["messages.send"]])
                    == "403 Permission denied")
            #expect(
                try await bob.outcome(.PUT, "\(path)/\(everyone)", ["type": "role", "deny": ["messages.send"]]) == "200"
            )
        }
    }

    @Test("losing sight of a channel ends its events at once, gaining it begins them", arguments: DatabaseKind.allCases)
    func sight(kind: DatabaseKind) async throws {
        try await EventTests.with(kind) { scene in
            let (alice, bob, nest) = (scene.alice, scene.bob, scene.nest)
            let secret = try await alice.opensChannel("secret", in: nest)
            try await scene.bobHears.awaits("CHANNEL_CREATE")
            let insider = try await alice.makesRole("insider", in: nest)
            try await alice.closes(secret, in: nest, but: [insider])
            let gone = try await scene.bobHears.awaits("CHANNEL_DELETE")
            #expect(gone["d"] == ["id": .string(secret), "server_id": .string(nest.id)])
            try await alice.says("hidden", in: secret)
            try await alice.does(.PATCH, "/channels/\(secret)", ["topic": "hidden"])
            try await scene.nothingReached(scene.bobHears)
            try await alice.gives(insider, to: bob, in: nest)
            let back = try await scene.bobHears.awaits("CHANNEL_CREATE")
            #expect(back["d"]?["id"]?.string == secret)
            #expect(back["d"]?["topic"] == "hidden")
            try await alice.says("shown", in: secret)
            #expect(try await scene.bobHears.awaits("MESSAGE_CREATE")["d"]?["content"] == "shown")
            #expect(try await bob.reads(secret) == ["shown", "hidden"])
            try await alice.does(.DELETE, "/servers/\(nest.id)/roles/\(insider)")
            try await scene.bobHears.awaits("CHANNEL_DELETE")
            try await alice.says("hidden again", in: secret)
            try await alice.says("marker", in: nest.general)
            let next = try await scene.bobHears.awaits("MESSAGE_CREATE")
            #expect(next["d"]?["content"] == "marker")
        }
    }

    @Test("a role that loses a permission on all channels loses all of them", arguments: DatabaseKind.allCases)
    func basePermission(kind: DatabaseKind) async throws {
        try await EventTests.with(kind) { scene in
            let (alice, bob, nest) = (scene.alice, scene.bob, scene.nest)
            let everyone = try await alice.everyoneRole(of: nest)
            try await alice.does(
                .PATCH, "/servers/\(nest.id)/roles/\(everyone)", ["permissions": ["channels.view": false]])
            for _ in 0..<3 { try await scene.bobHears.awaits("CHANNEL_DELETE") }
            #expect(try await bob.sees(in: nest) == [])
            try await alice.says("unseen", in: nest.general)
            try await alice.does(
                .PATCH, "/servers/\(nest.id)/roles/\(everyone)", ["permissions": ["channels.view": true]])
            let created = [
                try await scene.bobHears.awaits("CHANNEL_CREATE"), try await scene.bobHears.awaits("CHANNEL_CREATE"),
                try await scene.bobHears.awaits("CHANNEL_CREATE"),
            ]
            #expect(Set(created.compactMap { $0["d"]?["name"]?.string }) == ["Channels", "general", "Voice"])
            try await alice.says("seen", in: nest.general)
            #expect(try await scene.bobHears.awaits("MESSAGE_CREATE")["d"]?["content"] == "seen")
            // messages.read alone hides what is said, not the channel.
            try await alice.does(
                .PATCH, "/servers/\(nest.id)/roles/\(everyone)", ["permissions": ["messages.read": false]])
            try await alice.says("unread", in: nest.general)
            try await alice.does(.PATCH, "/channels/\(nest.general)", ["topic": "still here"])
            #expect(try await scene.bobHears.awaits("CHANNEL_UPDATE")["d"]?["topic"] == "still here")
            #expect(
                try await bob.outcome(.GET, "/channels/\(nest.general)/messages") == "403 Permission denied")
        }
    }
}
