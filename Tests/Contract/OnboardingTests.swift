import Client
import Kernel
import NIOHTTP1
import TestDatabase
import Testing

@Suite("Onboarding")
struct OnboardingTests {
    private static func with(
        _ kind: DatabaseKind, _ body: @escaping @Sendable (StockedServer) async throws -> Void
    ) async throws { try await StockedServer.with(kind, body) }

    private static let rules: JSON = ["enabled": true, "rules": ["Be kind", "Stay on topic"]]

    private static func question(_ role: String, required: Bool = true, _ more: [String: JSON] = [:]) -> JSON {
        .object(
            [
                "title": "What do you like?", "required": .bool(required),
                "options": [
                    ["title": "Birds", "role_ids": [.string(role)], "emoji": "🐦"], ["title": "Nothing"],
                ],
            ].merging(more) { $1 })
    }

    private static func asks(_ scene: StockedServer, _ questions: [JSON], enabled: Bool = true) async throws -> JSON {
        try await scene.alice.does(
            .PUT, "\(scene.path)/onboarding", ["enabled": .bool(enabled), "questions": .array(questions)])
    }

    /// Answers the first question with one of its options.
    private static func answers(
        _ person: Person, _ asked: JSON, option: Int?, in scene: StockedServer
    ) async throws -> JSON {
        let question = try #require(asked["questions"]?[0])
        let chosen = option.flatMap { question["options"]?[$0]?["id"] }
        return try await person.does(
            .POST, "\(scene.path)/onboarding/answers",
            ["answers": .object([try question.text("id"): .array(chosen.map { [$0] } ?? [])])])
    }

    @Test("who comes after the rules looks on until agreeing to them", arguments: DatabaseKind.allCases)
    func rules(kind: DatabaseKind) async throws {
        try await Self.with(kind) { scene in
            let set = try await scene.alice.does(.PUT, "\(scene.path)/rules", Self.rules)
            #expect(set["version"] == 1)
            let eve = try await scene.server.person("eve")
            let aliceHears = try await scene.alice.listens()
            let eveHears = try await eve.listens()
            try await eve.joins(scene.nest)
            #expect(try await aliceHears.awaits("GUILD_MEMBER_ADD")["d"]?["member"]?["pending"] == true)
            let came = try await eveHears.hears("GUILD_CREATE")["d"]
            #expect(came?["onboarding"]?["pending"] == true && came?["onboarding"]?["rules_version"] == 1)
            #expect(came?["member"]?["pending"] == true)
            #expect(try await eve.does(.GET, "\(scene.path)/rules")["rules"] == ["Be kind", "Stay on topic"])
            #expect(
                try await eve.outcome(.POST, "\(scene.general)/messages", ["content": "hi"]) == "403 Permission denied")
            #expect(try await eve.reads(scene.nest.general) == [])
            // Who was there before is free.
            try await scene.carol.says("hello", in: scene.nest.general)
            #expect(
                try await eve.outcome(.POST, "\(scene.path)/rules/accept", ["version": 2]) == "400 Invalid input")
            try await eve.does(.POST, "\(scene.path)/rules/accept", ["version": 1])
            let updated = try await aliceHears.awaits("GUILD_MEMBER_UPDATE")["d"]
            #expect(updated?["member"]?["pending"] == false && updated?["member"]?["user_id"] == .string(eve.id))
            try await eve.says("hi", in: scene.nest.general)
            let progress = try await eve.does(.GET, "\(scene.path)/onboarding/@me")
            #expect(progress["pending"] == false && progress["rules_version"] == .null)
        }
    }

    @Test(
        "other rules hold for those to come, and for all when they are laid before all",
        arguments: DatabaseKind.allCases)
    func versions(kind: DatabaseKind) async throws {
        try await Self.with(kind) { scene in
            let carol = scene.carol
            try await scene.alice.does(.PUT, "\(scene.path)/rules", Self.rules)
            let aliceHears = try await scene.alice.listens()
            let again = try await scene.alice.does(
                .PUT, "\(scene.path)/rules", ["enabled": true, "rules": ["Be kinder"]])
            #expect(again["version"] == 2)
            let told = try await aliceHears.hears("GUILD_ONBOARDING_UPDATE")["d"]
            #expect(told?["rules_version"] == 2 && told?["rules_enabled"] == true)
            try await carol.says("free", in: scene.nest.general)
            var reaccept = Self.rules.object ?? [:]
            reaccept["reaccept"] = true
            try await scene.alice.does(.PUT, "\(scene.path)/rules", .object(reaccept))
            #expect(try await carol.outcome(.POST, "\(scene.general)/typing") == "403 Permission denied")
            let members = try await scene.alice.does(.GET, "\(scene.path)/members")
            let pending = (members.array ?? []).filter { $0["pending"] == true }.compactMap { $0["username"]?.string }
            #expect(Set(pending) == ["bob", "carol", "dave"], "the owner is free")
            // A bot is never asked.
            let bot = try await scene.alice.makesBot()
            try await scene.alice.brings(bot, to: scene.nest)
            #expect(try await bot.outcome(.POST, "\(scene.general)/messages", ["content": "beep"]) == "201")
            try await carol.does(.POST, "\(scene.path)/rules/accept", ["version": 3])
            try await carol.says("free again", in: scene.nest.general)
            // Off, they hold nobody up.
            try await scene.alice.does(.PUT, "\(scene.path)/rules", ["enabled": false, "rules": ["Be kinder"]])
            try await scene.dave.says("free, too", in: scene.nest.general)
        }
    }

    @Test("leaving and coming back frees nobody", arguments: DatabaseKind.allCases)
    func comingBack(kind: DatabaseKind) async throws {
        try await Self.with(kind) { scene in
            try await scene.alice.does(.PUT, "\(scene.path)/rules", Self.rules)
            for person in [scene.carol, try await scene.server.person("eve")] {
                if person.id != scene.carol.id { try await person.joins(scene.nest) }
                try await person.does(.POST, "\(scene.path)/leave")
                try await person.joins(scene.nest)
                #expect(
                    try await person.outcome(.POST, "\(scene.general)/messages", ["content": "hi"])
                        == "403 Permission denied")
                try await person.does(.POST, "\(scene.path)/rules/accept", ["version": 1])
                try await person.does(.POST, "\(scene.path)/leave")
                try await person.joins(scene.nest)
                #expect(try await person.does(.GET, "\(scene.path)/onboarding/@me")["pending"] == true)
            }
        }
    }

    @Test("a required answer sets free, and gives the roles of what was chosen", arguments: DatabaseKind.allCases)
    func answering(kind: DatabaseKind) async throws {
        try await Self.with(kind) { scene in
            let (path, role) = ("\(scene.path)/onboarding", scene.role)
            let secret = try await scene.alice.opensChannel("birds", in: scene.nest)
            try await scene.alice.closes(secret, in: scene.nest, but: [role])
            let asked = try await Self.asks(scene, [Self.question(role)])
            let eve = try await scene.server.person("eve")
            try await eve.joins(scene.nest)
            let question = try #require(asked["questions"]?[0]).text("id")
            #expect(try await eve.does(.GET, "\(path)/@me")["missing"] == [.string(question)])
            #expect(try await eve.outcome(.POST, "\(scene.general)/messages", ["content": "hi"]).hasPrefix("403"))
            let eveHears = try await eve.listens()
            let outcome = try await Self.answers(eve, asked, option: 0, in: scene)
            #expect(outcome["completed"] == true && outcome["pending"] == false && outcome["missing"] == [])
            #expect(outcome["roles_added"] == [.string(role)] && outcome["roles_removed"] == [])
            #expect(try await eveHears.awaits("CHANNEL_CREATE")["d"]?["id"] == .string(secret))
            #expect(try await eveHears.awaits("GUILD_MEMBER_UPDATE")["d"]?["member"]?["roles"] == [.string(role)])
            try await eve.says("tweet", in: secret)
            let changed = try await Self.answers(eve, asked, option: 1, in: scene)
            #expect(changed["roles_removed"] == [.string(role)] && changed["roles_added"] == [])
            #expect(try await eve.outcome(.GET, "/channels/\(secret)") == "403 Access denied")
            // Who takes the answer back has to give one again.
            let open = try await Self.answers(eve, asked, option: nil, in: scene)
            #expect(open["completed"] == false && open["pending"] == true)
            #expect(open["missing"] == [.string(question)])
            // Who was there before may answer, and need not.
            let earlier = try await Self.answers(scene.carol, asked, option: nil, in: scene)
            #expect(earlier["completed"] == false && earlier["pending"] == false)
        }
    }

    @Test("roles that moderators gave do not go with an answer", arguments: DatabaseKind.allCases)
    func others(kind: DatabaseKind) async throws {
        try await Self.with(kind) { scene in
            try await scene.alice.gives(scene.role, to: scene.carol, in: scene.nest)
            let asked = try await Self.asks(scene, [Self.question(scene.role)])
            #expect(try await Self.answers(scene.carol, asked, option: 0, in: scene)["roles_added"] == [])
            #expect(try await Self.answers(scene.carol, asked, option: 1, in: scene)["roles_removed"] == [])
        }
    }

    @Test("no answer gives a role that moderates or stands too high, then or later", arguments: DatabaseKind.allCases)
    func dangerous(kind: DatabaseKind) async throws {
        try await Self.with(kind) { scene in
            let (alice, bob) = (scene.alice, scene.bob)
            let path = "\(scene.path)/onboarding"
            let mighty = try await alice.makesRole("mighty", in: scene.nest, ["messages.manage"])
            func saving(_ role: String, by person: Person) async throws -> String {
                try await person.outcome(.PUT, path, ["enabled": true, "questions": [Self.question(role)]])
            }
            #expect(try await saving(mighty, by: alice) == "400 Invalid input")
            #expect(try await saving(scene.powers, by: bob) == "400 Invalid input", "his own is none below his")
            #expect(try await saving("999", by: alice) == "404 Role not found")
            // What a role may do in one channel counts as well, and nobody offers what they may not do themselves.
            let hushed = try await alice.opensChannel("hushed", in: scene.nest)
            let watchers = try await alice.makesRole("watchers", in: scene.nest)
            try await alice.does(
                .PUT, "/channels/\(hushed)/overwrites/\(watchers)", ["type": "role", "allow": ["messages.manage"]])
            #expect(try await saving(watchers, by: alice) == "400 Invalid input")
            #expect(try await scene.carol.outcome(.PUT, path, ["enabled": true]) == "403 Permission denied")
            let asked = try await Self.asks(scene, [Self.question(scene.role)])
            try await alice.does(
                .PATCH, "\(scene.path)/roles/\(scene.role)", ["permissions": ["members.kick": true]])
            let outcome = try await Self.answers(scene.carol, asked, option: 0, in: scene)
            #expect(outcome["roles_added"] == [] && outcome["completed"] == true)
            try await alice.does(
                .PATCH, "\(scene.path)/roles/\(scene.role)", ["permissions": ["members.kick": false]])
            #expect(
                try await Self.answers(scene.carol, asked, option: 0, in: scene)["roles_added"]
                    == [.string(scene.role)])
            // Below whom it stood when it was offered, it has to stand later.
            let offered = try await bob.does(.PUT, path, ["enabled": true, "questions": [Self.question(scene.role)]])
            try await alice.does(.PATCH, "\(scene.path)/roles", [["id": .string(scene.role), "position": 9]])
            #expect(try await Self.answers(scene.dave, offered, option: 0, in: scene)["roles_added"] == [])
        }
    }

    @Test("questions are kept by their ids, and odd ones are refused", arguments: DatabaseKind.allCases)
    func questions(kind: DatabaseKind) async throws {
        try await Self.with(kind) { scene in
            let path = "\(scene.path)/onboarding"
            let asked = try await Self.asks(scene, [Self.question(scene.role, required: false)])
            let kept = try await Self.asks(scene, asked["questions"]?.array ?? [])
            #expect(kept == asked)
            #expect(try await scene.carol.does(.GET, path) == asked)
            let question = try #require(asked["questions"]?[0])
            let id = try question.text("id")
            let option = question["options"]?[0]?["id"] ?? .null
            let refused: [JSON] = [
                ["enabled": true, "questions": [["id": "12345", "title": "x"]]],
                ["enabled": true, "questions": [["title": "x", "required": true]]],
                ["enabled": true, "questions": [["title": "x", "options": [["id": option, "title": "y"]]]]],
                ["enabled": true, "questions": [["title": "x", "options": [["title": "y", "emoji": "ab"]]]]],
                ["enabled": true, "questions": [question, question]],
                [
                    "enabled": true,
                    "default_channel_ids": .array(Array(repeating: .string(scene.nest.general), count: 21)),
                ],
            ]
            for draft in refused {
                #expect(try await scene.alice.outcome(.PUT, path, draft) == "400 Invalid input", "\(draft)")
            }
            let odd: [JSON] = [
                ["answers": ["7": []]], ["answers": .object([id: ["7"]])], ["answers": [.string(id)]],
                ["answers": .object([id: 3])],
                ["answers": .object([id: .array((question["options"]?.array ?? []).compactMap { $0["id"] })])],
            ]
            for answers in odd {
                #expect(
                    try await scene.carol.outcome(.POST, "\(path)/answers", answers) == "400 Invalid input",
                    "\(answers)")
            }
            _ = try await Self.asks(scene, [], enabled: false)
            #expect(
                try await scene.carol.outcome(.POST, "\(path)/answers", ["answers": [:]]) == "400 Invalid input")
        }
    }

    @Test(
        "the welcome screen shows what its reader sees, also to who holds an invite", arguments: DatabaseKind.allCases)
    func welcome(kind: DatabaseKind) async throws {
        try await Self.with(kind) { scene in
            let (alice, path) = (scene.alice, "\(scene.path)/welcome-screen")
            let secret = try await alice.opensChannel("secret", in: scene.nest)
            try await alice.closes(secret, in: scene.nest)
            let general: JSON = [
                "channel_id": .string(scene.nest.general), "description": "talk", "emoji": "👋",
            ]
            let screen: JSON = [
                "enabled": true, "description": "Hello",
                "channels": [general, ["channel_id": .string(secret), "description": "hush", "emoji": .null]],
            ]
            #expect(try await alice.does(.PUT, path, screen) == screen)
            let shown: JSON = ["enabled": true, "description": "Hello", "channels": [general]]
            #expect(try await scene.carol.does(.GET, path) == shown)
            let eve = try await scene.server.person("eve")
            let code = try await alice.invites(to: scene.nest)
            #expect(try await eve.does(.GET, "\(path)?invite=\(code)") == shown)
            for query in ["", "?invite=abcdefghij", "?invite=%00"] {
                #expect(try await eve.outcome(.GET, path + query) == "403 Access denied")
            }
            #expect(try await eve.outcome(.GET, "/servers/999/welcome-screen?invite=\(code)") == "404 Server not found")
            // Nobody shows what they do not see, and nothing that is elsewhere.
            let hidden: JSON = ["enabled": true, "channels": [["channel_id": .string(secret)]]]
            #expect(try await scene.bob.outcome(.PUT, path, hidden) == "403 Access denied")
            let elsewhere = try await eve.foundsServer()
            #expect(
                try await alice.outcome(
                    .PUT, path, ["enabled": true, "channels": [["channel_id": .string(elsewhere.general)]]])
                    == "404 Channel not found")
            try await alice.does(.DELETE, "/channels/\(secret)")
            #expect(try await alice.does(.GET, path) == shown)
            try await alice.does(.PUT, path, ["enabled": false, "description": "Draft"])
            #expect(try await scene.carol.does(.GET, path)["description"] == .null, "a draft is not published")
            try await alice.does(.DELETE, path)
            #expect(try await alice.does(.GET, path) == ["enabled": false, "description": .null, "channels": []])
        }
    }

    @Test("a preset is a draft, and replaces nothing that is published", arguments: DatabaseKind.allCases)
    func presets(kind: DatabaseKind) async throws {
        try await Self.with(kind) { scene in
            let all = try await scene.carol.does(.GET, "/features/onboarding/presets")
            #expect(all["presets"] == ["community", "gaming", "education", "business", "open_source"])
            #expect(all["details"]?.keys.count == 5)
            let choice: JSON = ["server_id": .string(scene.nest.id), "preset": "gaming"]
            let apply = "/features/onboarding/apply-preset"
            #expect(try await scene.carol.outcome(.POST, apply, choice) == "403 Permission denied")
            let applied = try await scene.alice.does(.POST, apply, choice)
            #expect(applied == ["success": true, "preset": "gaming", "steps_created": 3])
            let asked = try await scene.alice.does(.GET, "\(scene.path)/onboarding")
            #expect(asked["enabled"] == false && asked["questions"]?.count == 2)
            #expect(try await scene.carol.does(.GET, "\(scene.path)/onboarding")["questions"] == [])
            #expect(try await scene.alice.does(.GET, "\(scene.path)/welcome-screen")["enabled"] == false)
            _ = try await Self.asks(scene, asked["questions"]?.array ?? [])
            #expect(try await scene.alice.outcome(.POST, apply, choice) == "409 Already exists")
            let stranger = try await scene.server.person("eve")
            #expect(try await stranger.outcome(.POST, apply, choice) == "403 Access denied")
        }
    }

    @Test("where the module is off nobody waits for what can't be done", arguments: DatabaseKind.allCases)
    func off(kind: DatabaseKind) async throws {
        try await TestDatabase.withPlace(kind) { place in
            let url = kind == .sqlite ? "sqlite:\(place.address)" : place.address
            let box = Box()
            try await TestServer.with(databaseURL: url) { server in
                let (alice, bob) = (try await server.person("alice"), try await server.person("bob"))
                let nest = try await alice.foundsServer()
                try await alice.does(.PUT, "/servers/\(nest.id)/rules", Self.rules)
                try await bob.joins(nest)
                #expect(try await bob.outcome(.POST, "/channels/\(nest.general)/typing").hasPrefix("403"))
                await box.keep(nest.general)
            }
            try await TestServer.with(databaseURL: url, ["modules.onboarding": "false"]) { server in
                try await server.doesDueWork()
                let login = try await server.send(
                    .POST, "/auth/login", ["username": "bob", "password": .string(Person.password)])
                let typing = try await server.send(
                    .POST, "/channels/\(await box.text)/typing", token: login.json["token"]?.string)
                #expect((200..<300).contains(typing.status), "\(typing.text)")
                #expect(try await server.send(.GET, "/capabilities").json["onboarding"] == false)
            }
        }
    }

    private actor Box {
        var text = ""
        func keep(_ text: String) { self.text = text }
    }
}
