import Client
import Foundation
import Kernel
import NIOHTTP1
import TestDatabase
import Testing

@Suite("Templates and widget")
struct TemplateTests {
    private static func makes(_ person: Person, _ nest: Community, _ name: String = "Pattern") async throws -> JSON {
        try await person.does(.POST, "/servers/\(nest.id)/templates", ["name": .string(name), "description": "ours"])
    }

    @Test("a server of many channels and roles comes back exactly as it was", arguments: DatabaseKind.allCases)
    func exactly(kind: DatabaseKind) async throws {
        try await TestServer.with(kind, ["rate_limiting.enabled": "false"]) { server in
            let alice = try await server.person("alice")
            let nest = try await alice.foundsServer()
            try await Self.furnish(nest, by: alice)
            let template = try await Self.makes(alice, nest)
            #expect(template["snapshot"]?["channels"]?.count == 200 && template["snapshot"]?["roles"]?.count == 101)
            #expect(template["is_dirty"] == false && template["usage_count"] == 0)
            let bob = try await server.person("bob")
            let code = try template.text("code")
            let hears = try await bob.listens()
            let start = ContinuousClock.now
            let made = try await bob.does(.POST, "/templates/\(code)", ["name": "Copy"])
            print("a server of 200 channels and 100 roles was made after a template in \(ContinuousClock.now - start)")
            let overview = try await hears.hears("GUILD_CREATE")["d"]
            #expect(overview?["channels"]?.count == 200 && overview?["roles"]?.count == 101)
            let copy = Community(
                id: try made.text("id"), general: try made.text("default_channel_id"), owner: bob)
            #expect(made["owner_id"] == .string(bob.id) && made["name"] == "Copy" && made["member_count"] == 1)
            #expect(try await Self.makes(bob, copy)["snapshot"] == template["snapshot"])
            let screens = try await [
                alice.does(.GET, "/servers/\(nest.id)/welcome-screen"),
                bob.does(.GET, "/servers/\(copy.id)/welcome-screen"),
            ]
            #expect(screens[0]["description"] == screens[1]["description"])
            #expect(screens[1]["channels"]?[0]?["channel_id"] == .string(copy.general))
            // The other way to make one.
            let second = try await bob.does(.POST, "/servers", ["name": "Third", "template": .string(code)])
            #expect(try await bob.does(.GET, "/servers/\(try second.text("id"))/channels").count == 200)
            #expect(try await bob.does(.GET, "/templates/\(code)")["usage_count"] == 2)
        }
    }

    /// A hundred roles and two hundred channels, with overwrites of all kinds.
    private static func furnish(_ nest: Community, by alice: Person) async throws {
        let path = "/servers/\(nest.id)"
        var roles: [String] = []
        for number in 0..<100 {
            roles.append(
                try await alice.makesRole(
                    "role \(number)", in: nest, number.isMultiple(of: 3) ? ["messages.manage"] : [],
                    [
                        "color": .string(String(format: "#%06x", number * 1000)),
                        "hoist": .bool(number.isMultiple(of: 2)),
                    ]))
        }
        var category: JSON = .null
        for number in 0..<197 {
            let isCategory = number.isMultiple(of: 20)
            let overwrites = (0..<(number % 4)).map { index -> JSON in
                [
                    "id": .string(roles[(number + index * 7) % 100]), "type": "role", "allow": ["messages.send"],
                    "deny": ["messages.attach_files"],
                ]
            }
            let id = try await alice.opensChannel(
                "channel \(number)", in: nest,
                [
                    "type": isCategory ? "category" : ["text", "voice", "forum", "announcement"][number % 4],
                    "topic": .string("topic \(number)"), "category_id": isCategory ? .null : category,
                    "overwrites": .array(overwrites), "nsfw": .bool(number.isMultiple(of: 5)),
                    "forwarding": .bool(!number.isMultiple(of: 6)),
                    "slowmode_seconds": .integer(Int64(number)),
                    "read_receipts": isCategory ? .null : .bool(number.isMultiple(of: 3)),
                    "default_auto_archive_minutes": isCategory || number % 4 == 1 ? .null : 4320,
                ])
            if isCategory { category = .string(id) }
        }
        try await alice.does(
            .PUT, "\(path)/welcome-screen",
            [
                "enabled": true, "description": "Hello",
                "channels": [["channel_id": .string(nest.general), "description": "talk"]],
            ])
    }

    @Test(
        "nothing goes along but what the contract lists, and nothing that its maker does not see",
        arguments: DatabaseKind.allCases)
    func discretion(kind: DatabaseKind) async throws {
        try await StockedServer.with(kind) { scene in
            let (alice, bob, nest) = (scene.alice, scene.bob, scene.nest)
            let staff = try await alice.opensChannel("staff", in: nest, ["type": "category"])
            let plans = try await alice.opensChannel("plans", in: nest, ["category_id": .string(staff)])
            let open = try await alice.opensChannel("open", in: nest, ["category_id": .string(staff)])
            try await alice.closes(staff, in: nest)
            try await alice.does(
                .PUT, "/channels/\(open)/overwrites/\(bob.id)", ["type": "member", "allow": ["channels.view"]])
            try await alice.says("said here", in: nest.general)
            _ = try await alice.does(.POST, "/webhooks", ["channel_id": .string(nest.general), "name": "hooked"])
            let template = try await bob.does(.POST, "\(scene.path)/templates", ["name": "Mine"])
            let text = template["snapshot"]?.text ?? ""
            for word in ["staff", "plans", "said here", "hooked", bob.id, alice.id, plans, nest.id] {
                #expect(!text.contains(word), "\(word)")
            }
            // What he saw by an overwrite of his own comes along, closed as its category was.
            let channels = template["snapshot"]?["channels"]?.array ?? []
            let kept = try #require(channels.first { $0["name"] == "open" })
            #expect(kept["category_id"] == .null)
            #expect(kept["overwrites"]?[0]?["deny"]?.array?.contains("channels.view") == true)
            // What changes where he does not look tells nobody anything.
            let code = try template.text("code")
            try await alice.does(.PATCH, "/channels/\(plans)", ["topic": "secret"])
            #expect(try await scene.carol.does(.GET, "/templates/\(code)")["is_dirty"] == false)
            try await alice.does(.PATCH, scene.general, ["topic": "public"])
            #expect(try await scene.carol.does(.GET, "/templates/\(code)")["is_dirty"] == true)
            let renewed = try await alice.does(.PUT, "\(scene.path)/templates/\(code)")
            #expect(renewed["is_dirty"] == false && renewed["snapshot"]?.text.contains("plans") == true)
            let log = try await scene.bob.does(.GET, "\(scene.path)/audit-logs?limit=5")
            #expect(!log.text.contains(code), "a code is not for all who read the log")
        }
    }

    @Test("templates are kept by those who manage the server, and read by everybody", arguments: DatabaseKind.allCases)
    func keeping(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let (alice, bob) = (try await server.person("alice"), try await server.person("bob"))
            let (nest, other) = (try await alice.foundsServer(), try await bob.foundsServer())
            try await bob.joins(nest)
            let path = "/servers/\(nest.id)/templates"
            let code = try await Self.makes(alice, nest).text("code")
            #expect(try await bob.outcome(.GET, path) == "403 Permission denied")
            #expect(try await bob.outcome(.POST, path, ["name": "x"]) == "403 Permission denied")
            for method in [HTTPMethod.PUT, .PATCH, .DELETE] {
                #expect(try await bob.outcome(method, "\(path)/\(code)", [:]) == "403 Permission denied")
                #expect(
                    try await bob.outcome(method, "/servers/\(other.id)/templates/\(code)", [:])
                        == "404 Resource not found", "it is another server's")
            }
            #expect(try await alice.does(.GET, path).column("code") == [code])
            let renamed = try await alice.does(.PATCH, "\(path)/\(code)", ["name": "New", "description": .null])
            #expect(renamed["name"] == "New" && renamed["description"] == .null)
            #expect(try await bob.does(.GET, "/templates/\(code)")["name"] == "New")
            for wrong in ["abc", "aaaaaaaaaaaa", "%00"] {
                #expect(try await bob.outcome(.GET, "/templates/\(wrong)") == "404 Resource not found")
            }
            let unknown: JSON = ["name": "Copy", "template": "aaaaaaaaaaaa"]
            #expect(try await bob.outcome(.POST, "/servers", unknown) == "404 Resource not found")
            let used = try await bob.does(.POST, "/templates/\(code)", ["name": "Copy"])
            #expect(try await bob.does(.GET, "/servers/\(try used.text("id"))/members").count == 1)
            try await alice.does(.DELETE, "\(path)/\(code)")
            #expect(try await bob.outcome(.GET, "/templates/\(code)") == "404 Resource not found")
            let last = try await Self.makes(alice, nest).text("code")
            try await alice.does(.DELETE, "/servers/\(nest.id)")
            #expect(try await bob.outcome(.POST, "/templates/\(last)", ["name": "Copy"]) == "404 Resource not found")
        }
    }

    @Test("what its taker saw is not shown to managers who see less", arguments: DatabaseKind.allCases)
    func sight(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let (alice, bob) = (try await server.person("alice"), try await server.person("bob"))
            let nest = try await alice.foundsServer()
            try await bob.joins(nest)
            let role = try await alice.makesRole("manager", in: nest, ["server.manage"])
            try await alice.gives(role, to: bob, in: nest)
            try await alice.closes(try await alice.opensChannel("vault", in: nest), in: nest)
            let path = "/servers/\(nest.id)/templates"
            let hers = try await alice.does(.POST, path, ["name": "All"]).text("code")
            let his = try await bob.does(.POST, path, ["name": "Mine"])
            #expect(!his.text.contains("vault"))
            #expect(try await bob.does(.GET, path).column("name") == ["Mine"])
            for (method, body) in [(HTTPMethod.PUT, nil), (.PATCH, ["name": "x"]), (.DELETE, nil)] as [(_, JSON?)] {
                #expect(try await bob.outcome(method, "\(path)/\(hers)", body) == "403 Access denied")
            }
            #expect(try await alice.does(.GET, path).column("name").sorted() == ["All", "Mine"])
            try await alice.does(.DELETE, "\(path)/\(try his.text("code"))")
        }
    }

    @Test("where the module is off there is no template", arguments: DatabaseKind.allCases)
    func off(kind: DatabaseKind) async throws {
        try await TestServer.with(kind, ["modules.templates": "false"]) { server in
            let alice = try await server.person("alice")
            let draft: JSON = ["name": "Copy", "template": "aaaaaaaaaaaa"]
            #expect(try await alice.outcome(.POST, "/servers", draft) == "503 Module not available")
            #expect(try await alice.outcome(.POST, "/servers", ["name": "Copy", "template": "study"]) == "201")
        }
    }

    @Test("a widget tells numbers to any page, and an invite that is for everybody", arguments: DatabaseKind.allCases)
    func widget(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let (alice, bob) = (try await server.person("alice"), try await server.person("bob"))
            let nest = try await alice.foundsServer()
            let invite = try await alice.invites(to: nest, ["max_uses": 1])
            try await bob.does(.POST, "/channels/invites/\(invite)")
            let (path, settings) = ("/servers/\(nest.id)/widget.json", "/servers/\(nest.id)/widget")
            #expect(try await server.send(.GET, path).outcome == "403 Access denied")
            #expect(try await server.send(.GET, "/servers/999/widget.json").outcome == "404 Server not found")
            #expect(try await bob.outcome(.PATCH, settings, ["enabled": true]) == "403 Permission denied")
            #expect(try await bob.outcome(.GET, settings) == "403 Permission denied")
            let shown: JSON = ["enabled": true, "channel_id": .string(nest.general)]
            #expect(try await alice.does(.PATCH, settings, shown) == shown)
            let reply = try await server.send(.GET, path)
            #expect(reply.headers.first(name: "Access-Control-Allow-Origin") == "*")
            #expect(reply.headers.first(name: "Cache-Control") == "public, max-age=60")
            #expect(
                reply.json == [
                    "id": .string(nest.id), "name": "Nest", "icon_url": .null, "member_count": 2, "presence_count": 0,
                    "instant_invite": .null,
                ])
            // Neither one for a few nor one for a visit.
            _ = try await alice.invites(to: nest, ["max_uses": 5])
            _ = try await alice.invites(to: nest, ["temporary": true])
            #expect(try await server.send(.GET, path).json["instant_invite"] == .null)
            let code = try await alice.invites(to: nest, ["max_age": 3600])
            let link = try await server.send(.GET, path).json["instant_invite"]?.string
            #expect(link?.hasSuffix("/invite/\(code)") == true)
            try await alice.closes(nest.general, in: nest)
            #expect(try await server.send(.GET, path).json["instant_invite"] == .null, "not everyone sees it")
            let elsewhere = try await bob.foundsServer()
            let foreign: JSON = ["channel_id": .string(elsewhere.general)]
            #expect(try await alice.outcome(.PATCH, settings, foreign) == "404 Channel not found")
            try await alice.does(.DELETE, "/channels/\(nest.general)")
            #expect(try await alice.does(.GET, settings) == ["enabled": true, "channel_id": .null])
            try await alice.does(.PATCH, settings, ["enabled": false])
            #expect(try await server.send(.GET, path).outcome == "403 Access denied")
        }
    }
}
