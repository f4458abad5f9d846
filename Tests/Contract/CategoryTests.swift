import Client
import Kernel
import NIOHTTP1
import TestDatabase
import Testing

/// A channel that leaves its category takes along what counted in it: nothing opens but by a change of overwrites.
@Suite("Channels that leave their category")
struct CategoryTests {
    /// The ways out.
    enum Way: String, CaseIterable, Sendable {
        case movedAlone
        case movedInAList
        case movedIntoAnother
        case categoryDeleted
        case memberAllowed
        case roleDenied
        case everyoneDenied
        case emptyOverwrite
    }

    @Test(
        "it stays closed to those to whom it was closed, by whatever way it leaves", arguments: DatabaseKind.allCases,
        Way.allCases)
    func leaving(kind: DatabaseKind, way: Way) async throws {
        try await PrivateCategory.with(kind, ["messages.mention_everyone"]) { scene in
            let other = try await scene.alice.opensChannel("Open", in: scene.nest, ["type": "category"])
            let thread = try await scene.alice.does(
                .POST, "/channels/\(scene.room)/threads", ["name": "secret thread"])
            try await scene.alice.says("a secret detail", in: try thread.text("id"))
            let before = try await scene.secrets(of: scene.room, for: scene.carol)
            let hears = try await scene.carol.listens()
            try await Self.take(way, scene, other)
            #expect(try await scene.secrets(of: scene.room, for: scene.carol) == before)
            #expect(before.first == "403 Access denied")
            #expect(try await scene.carol.outcome(.GET, "/threads/\(try thread.text("id"))") == "403 Access denied")
            try await scene.alice.says("another secret", in: scene.room)
            try await scene.alice.does(.PATCH, "/channels/\(scene.room)", ["topic": "secret topic"])
            // Bob's role alone can do nothing for him either, unless he was the one who was let in.
            if way != .memberAllowed {
                #expect(try await scene.bob.outcome(.GET, "/channels/\(scene.room)") == "403 Access denied")
            }
            // That a category is gone is told to nobody who did not see it.
            try await scene.nothingReached(hears)
            let own = try await scene.overwrites(of: scene.room)
            let everyone = own.array?.first { $0["id"]?.string == scene.everyone }
            #expect(everyone?["deny"]?.array?.contains("channels.view") == true, "\(own)")
        }
    }

    private static func take(_ way: Way, _ scene: PrivateCategory, _ other: String) async throws {
        let (alice, room) = (scene.alice, scene.room)
        switch way {
        case .movedAlone: try await alice.does(.PATCH, "/channels/\(room)", ["category_id": .null])
        case .movedInAList:
            try await alice.does(
                .PATCH, scene.channels, [["id": .string(room), "position": 1, "category_id": .null]])
        case .movedIntoAnother:
            try await alice.does(
                .PATCH, scene.channels, [["id": .string(room), "position": 1, "category_id": .string(other)]])
        case .categoryDeleted: try await alice.does(.DELETE, "/channels/\(scene.category)")
        case .memberAllowed: try await alice.sets(scene.bob.id, "member", in: room, allow: ["channels.view"])
        case .roleDenied: try await alice.sets(scene.manager, "role", in: room, deny: ["messages.send"])
        case .everyoneDenied: try await alice.sets(scene.everyone, "role", in: room, deny: ["messages.send"])
        case .emptyOverwrite: try await alice.sets(scene.carol.id, "member", in: room)
        }
    }

    @Test("what it takes along stands in its overwrites, and is told", arguments: DatabaseKind.allCases)
    func copies(kind: DatabaseKind) async throws {
        try await PrivateCategory.with(kind) { scene in
            let (alice, room) = (scene.alice, scene.room)
            try await alice.sets(scene.bob.id, "member", in: scene.category, allow: ["channels.view"])
            let inherited = try await scene.overwrites(of: scene.category)
            #expect(try await scene.overwrites(of: room) == [])
            let hears = try await scene.bob.listens()
            let moved = try await alice.does(.PATCH, "/channels/\(room)", ["category_id": .null])
            #expect(moved["overwrites"] == inherited)
            #expect(try await scene.overwrites(of: room) == inherited)
            #expect(try await hears.hears("CHANNEL_UPDATE")["d"]?["overwrites"] == inherited)
            // What is changed in the category afterwards is no business of the channel any more.
            try await alice.sets(scene.everyone, "role", in: scene.category, allow: ["channels.view"])
            #expect(try await scene.carol.outcome(.GET, "/channels/\(room)") == "403 Access denied")
        }
    }

    @Test(
        "the first overwrite is laid over the category's, and what it does not name stays",
        arguments: DatabaseKind.allCases)
    func laying(kind: DatabaseKind) async throws {
        try await PrivateCategory.with(kind) { scene in
            let (alice, room) = (scene.alice, scene.room)
            let hears = try await scene.bob.listens()
            let first = try await alice.sets(scene.everyone, "role", in: room, deny: ["messages.send"])
            let closed: JSON = .overwrite("role", id: scene.everyone, deny: ["channels.view", "messages.send"])
            #expect(first == closed)
            #expect(try await scene.overwrites(of: room) == [closed])
            try await alice.sets(scene.bob.id, "member", in: room, allow: ["channels.view"])
            #expect(try await hears.hears("CHANNEL_CREATE")["d"]?["id"]?.string == room)
            #expect(try await scene.bob.reads(room) == ["the secret plan"])
            // From the second on an overwrite says all that is said of its subject: this opens, and says so.
            let open = try await alice.sets(scene.everyone, "role", in: room, deny: ["messages.send"])
            #expect(open == .overwrite("role", id: scene.everyone, deny: ["messages.send"]))
            #expect(try await scene.carol.reads(room) == ["the secret plan"])
        }
    }

    @Test("an overwrite that opens a channel opens it, also as the first one", arguments: DatabaseKind.allCases)
    func opening(kind: DatabaseKind) async throws {
        try await PrivateCategory.with(kind) { scene in
            let hears = try await scene.carol.listens()
            try await scene.alice.sets(scene.everyone, "role", in: scene.room, allow: ["channels.view"])
            #expect(try await hears.hears("CHANNEL_CREATE")["d"]?["id"]?.string == scene.room)
            #expect(try await scene.carol.reads(scene.room) == ["the secret plan"])
            let log = try await scene.alice.does(.GET, "/servers/\(scene.nest.id)/audit-logs?limit=1")
            #expect(
                log[0]?["changes"]?["deny"] == ["before": ["channels.view"], "after": []],
                "what counted before is what the category said")
        }
    }

    @Test("with its last overwrite taken away it has its category's again", arguments: DatabaseKind.allCases)
    func returning(kind: DatabaseKind) async throws {
        try await PrivateCategory.with(kind) { scene in
            let general = scene.nest.general
            try await scene.alice.does(.PATCH, "/channels/\(general)", ["category_id": .null])
            try await scene.alice.sets(scene.carol.id, "member", in: general, deny: ["messages.send"])
            try await scene.alice.does(
                .PATCH, "/channels/\(general)", ["category_id": .string(scene.category)])
            #expect(try await scene.carol.outcome(.GET, "/channels/\(general)") == "200")
            let hears = try await scene.carol.listens()
            try await scene.alice.does(.DELETE, "/channels/\(general)/overwrites/\(scene.carol.id)")
            #expect(try await hears.hears("CHANNEL_DELETE")["d"]?["id"]?.string == general)
            #expect(try await scene.carol.outcome(.GET, "/channels/\(general)") == "403 Access denied")
        }
    }

    @Test("a channel without overwrites has those of the category that it comes into", arguments: DatabaseKind.allCases)
    func entering(kind: DatabaseKind) async throws {
        try await PrivateCategory.with(kind) { scene in
            let general = scene.nest.general
            let hears = try await scene.carol.listens()
            try await scene.alice.does(
                .PATCH, scene.channels,
                [["id": .string(general), "position": 0, "category_id": .string(scene.category)]])
            #expect(try await hears.hears("CHANNEL_DELETE")["d"]?["id"]?.string == general)
            #expect(try await scene.carol.outcome(.GET, "/channels/\(general)") == "403 Access denied")
            #expect(try await scene.overwrites(of: general) == [])
        }
    }

    @Test(
        "a channel whose only overwrite goes with its role does not fall back to its category",
        arguments: DatabaseKind.allCases)
    func roleDeleted(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let (alice, bob) = (try await server.person("alice"), try await server.person("bob"))
            let nest = try await alice.foundsServer()
            try await bob.joins(nest)
            let everyone = try await alice.everyoneRole(of: nest)
            try await alice.does(
                .PATCH, "/servers/\(nest.id)/roles/\(everyone)", ["permissions": ["channels.view": false]])
            let category = try await alice.opensChannel("Lobby", in: nest, ["type": "category"])
            try await alice.sets(everyone, "role", in: category, allow: ["channels.view"])
            let insider = try await alice.makesRole("insider", in: nest)
            let room = try await alice.opensChannel("room", in: nest)
            try await alice.sets(insider, "role", in: room, allow: ["channels.view"])
            try await alice.does(.PATCH, "/channels/\(room)", ["category_id": .string(category)])
            #expect(try await bob.outcome(.GET, "/channels/\(category)") == "200")
            #expect(try await bob.outcome(.GET, "/channels/\(room)") == "403 Access denied")
            try await alice.does(.DELETE, "/servers/\(nest.id)/roles/\(insider)")
            #expect(try await bob.outcome(.GET, "/channels/\(room)") == "403 Access denied")
            #expect(
                try await alice.does(.GET, "/channels/\(room)/overwrites")
                    == [.overwrite("role", id: everyone)])
        }
    }
}
