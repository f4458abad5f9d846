import Client
import Kernel
import NIOHTTP1
import TestDatabase
import Testing

/// What somebody was put under in a server stays until its end, whatever they or others do meanwhile.
@Suite("Moderation states")
struct ModerationStateTests {
    /// A temporary member who is offline for five minutes is out.
    static let shortEnough_s: Int64 = 240

    /// Ways out of a server and back into it.
    enum Detour: String, CaseIterable, Sendable {
        case leaving, kick, ban, bansEnd, temporaryMembership

        func take(_ person: Person, _ scene: StockedServer) async throws {
            let alice = scene.alice
            switch self {
            case .leaving: try await person.does(.POST, "\(scene.path)/leave")
            case .kick: try await alice.does(.DELETE, scene.member(person))
            case .ban:
                try await alice.does(.PUT, "\(scene.path)/bans/\(person.id)", [:])
                try await alice.does(.DELETE, "\(scene.path)/bans/\(person.id)")
            case .bansEnd:
                let end = scene.server.clock.now().seconds + 5
                try await alice.does(.PUT, "\(scene.path)/bans/\(person.id)", ["expires_at": .integer(end)])
                scene.server.clock.advance(by: .seconds(6))
            case .temporaryMembership:
                try await person.does(.POST, "\(scene.path)/leave")
                let code = try await alice.invites(to: scene.nest, ["temporary": true])
                try await person.does(.POST, "/channels/invites/\(code)")
                return
            }
            try await person.joins(scene.nest)
        }
    }

    static func silences(_ scene: StockedServer, _ person: Person, for seconds: Int64 = 600) async throws -> Int64 {
        let end = scene.server.clock.now().seconds + seconds
        try await scene.alice.does(.PATCH, scene.member(person), ["timeout_until": .integer(end)])
        return end
    }

    static func speaks(_ scene: StockedServer, _ person: Person) async throws -> String {
        try await person.outcome(.POST, "\(scene.general)/messages", ["content": "I am back"])
    }

    static func end(_ scene: StockedServer, of person: Person) async throws -> JSON? {
        try await scene.alice.does(.GET, "\(scene.path)/members").array?
            .first { $0["user_id"]?.string == person.id }?["timeout_until"]
    }

    @Test(
        "a timeout outlasts every way out and back, and ends at its end", arguments: DatabaseKind.allCases,
        Detour.allCases)
    func timeout(kind: DatabaseKind, detour: Detour) async throws {
        try await StockedServer.with(kind) { scene in
            let carol = scene.carol
            let end = try await Self.silences(scene, carol, for: Self.shortEnough_s)
            for _ in 0..<2 {
                try await detour.take(carol, scene)
                #expect(try await Self.speaks(scene, carol) == "403 Permission denied")
                #expect(try await Self.end(scene, of: carol) == .integer(end))
                let own = try await carol.does(.GET, "\(scene.path)/permissions")
                #expect(own["permissions"]?["messages.send"] == false)
            }
            let ready = try await Listener(
                socket: GatewaySocket.open(port: scene.server.port, path: "/gateway")
            ).identify(token: carol.token)
            #expect(ready["d"]?["servers"]?[0]?["member"]?["timeout_until"] == .integer(end))
            scene.server.clock.advance(by: .seconds(Self.shortEnough_s + 1))
            #expect(try await Self.speaks(scene, carol) == "201")
        }
    }

    @Test("slow mode outlasts every way out and back", arguments: DatabaseKind.allCases, Detour.allCases)
    func slowMode(kind: DatabaseKind, detour: Detour) async throws {
        try await StockedServer.with(kind) { scene in
            try await scene.alice.does(.PATCH, scene.general, ["slowmode_seconds": .integer(Self.shortEnough_s)])
            #expect(try await Self.speaks(scene, scene.carol) == "201")
            try await detour.take(scene.carol, scene)
            #expect(try await Self.speaks(scene, scene.carol) == "429 Rate limited")
            scene.server.clock.advance(by: .seconds(Self.shortEnough_s + 1))
            #expect(try await Self.speaks(scene, scene.carol) == "201")
        }
    }

    @Test("a denial for one member outlasts every way out and back", arguments: DatabaseKind.allCases, Detour.allCases)
    func denial(kind: DatabaseKind, detour: Detour) async throws {
        try await StockedServer.with(kind) { scene in
            try await scene.alice.does(
                .PUT, "\(scene.general)/overwrites/\(scene.carol.id)", ["type": "member", "deny": ["messages.send"]])
            try await detour.take(scene.carol, scene)
            #expect(try await Self.speaks(scene, scene.carol) == "403 Permission denied")
        }
    }

    @Test("a timeout that is lifted stays lifted", arguments: DatabaseKind.allCases)
    func lifted(kind: DatabaseKind) async throws {
        try await StockedServer.with(kind) { scene in
            _ = try await Self.silences(scene, scene.carol)
            try await scene.alice.does(.PATCH, scene.member(scene.carol), ["timeout_until": .null])
            #expect(try await Self.speaks(scene, scene.carol) == "201")
            try await Detour.leaving.take(scene.carol, scene)
            #expect(try await Self.speaks(scene, scene.carol) == "201")
        }
    }

    @Test("roles come and go, the timeout stays", arguments: DatabaseKind.allCases)
    func roles(kind: DatabaseKind) async throws {
        try await StockedServer.with(kind) { scene in
            let (alice, carol) = (scene.alice, scene.carol)
            let end = try await Self.silences(scene, carol)
            try await alice.gives(scene.powers, to: carol, in: scene.nest)
            #expect(try await Self.speaks(scene, carol) == "403 Permission denied")
            let crown = try await alice.makesRole("crown", in: scene.nest, ["administrator"])
            try await alice.gives(crown, to: carol, in: scene.nest)
            #expect(try await Self.speaks(scene, carol) == "201", "administrators stand above it")
            try await alice.does(.PATCH, scene.member(carol), ["roles": [], "nickname": "Caz"])
            #expect(try await Self.speaks(scene, carol) == "403 Permission denied")
            try await alice.does(.DELETE, "\(scene.path)/roles/\(crown)")
            #expect(try await Self.end(scene, of: carol) == .integer(end))
        }
    }

    @Test("a server that changes hands changes nothing about a timeout", arguments: DatabaseKind.allCases)
    func transfer(kind: DatabaseKind) async throws {
        try await StockedServer.with(kind) { scene in
            _ = try await Self.silences(scene, scene.carol)
            _ = try await Self.silences(scene, scene.dave)
            func give(_ owner: Person, to person: Person) async throws {
                try await owner.does(
                    .POST, "\(scene.path)/transfer",
                    ["user_id": .string(person.id), "password": .string(Person.password)])
            }
            try await give(scene.alice, to: scene.carol)
            #expect(try await Self.speaks(scene, scene.carol) == "201", "the owner stands above it")
            #expect(try await Self.speaks(scene, scene.dave) == "403 Permission denied")
            try await give(scene.carol, to: scene.alice)
            #expect(try await Self.speaks(scene, scene.carol) == "403 Permission denied")
        }
    }

    @Test("a timeout outlasts the server's restart, and a session that resumes", arguments: DatabaseKind.allCases)
    func restart(kind: DatabaseKind) async throws {
        try await TestDatabase.withPlace(kind) { place in
            let url = kind == .sqlite ? "sqlite:\(place.address)" : place.address
            let before = Stage()
            try await TestServer.with(databaseURL: url) { server in
                let alice = try await server.person("alice")
                let bob = try await server.person("bob")
                let nest = try await alice.foundsServer()
                try await bob.joins(nest)
                let code = try await alice.invites(to: nest)
                let hears = Listener(socket: try await GatewaySocket.open(port: server.port, path: "/gateway"))
                await before.keep(try await hears.identify(token: bob.token), bob, nest, code)
                await hears.socket.disconnect()
                let end = server.clock.now().seconds + 3600
                try await alice.does(
                    .PATCH, "/servers/\(nest.id)/members/\(bob.id)", ["timeout_until": .integer(end)])
                try await bob.does(.POST, "/servers/\(nest.id)/leave")
            }
            try await TestServer.with(databaseURL: url) { server in
                guard let kept = await before.kept else { return }
                let bob = Person(server: server, name: "bob", id: kept.bob.id, token: kept.bob.token)
                try await bob.does(.POST, "/channels/invites/\(kept.code)")
                let resumed = Listener(socket: try await GatewaySocket.open(port: server.port, path: "/gateway"))
                _ = try await resumed.next(op: 10)
                try await resumed.socket.send([
                    "op": 6,
                    "d": [
                        "token": .string(bob.token), "session_id": kept.ready["d"]?["session_id"] ?? .null,
                        "seq": kept.ready["s"] ?? .null,
                    ],
                ])
                let regained = try await resumed.awaits("GUILD_CREATE")
                #expect(regained["d"]?["member"]?["timeout_until"]?.integer != nil)
                try await resumed.awaits("RESUMED")
                #expect(
                    try await bob.outcome(.POST, "/channels/\(kept.nest.general)/messages", ["content": "x"])
                        == "403 Permission denied")
            }
        }
    }

    private actor Stage {
        var kept: (ready: JSON, bob: Person, nest: Community, code: String)?

        func keep(_ ready: JSON, _ bob: Person, _ nest: Community, _ code: String) { kept = (ready, bob, nest, code) }
    }

    @Test("timeouts that are over are forgotten, and no others", arguments: DatabaseKind.allCases)
    func upkeep(kind: DatabaseKind) async throws {
        try await StockedServer.with(kind) { scene in
            _ = try await Self.silences(scene, scene.carol, for: 60)
            let end = try await Self.silences(scene, scene.dave, for: 600)
            scene.server.clock.advance(by: .seconds(61))
            try await scene.server.keepsUp()
            #expect(try await Self.end(scene, of: scene.carol) == .null)
            #expect(try await Self.end(scene, of: scene.dave) == .integer(end))
        }
    }
}
