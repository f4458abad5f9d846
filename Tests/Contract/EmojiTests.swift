import Client
import Database
import Kernel
import NIOHTTP1
import TestDatabase
import Testing

@testable import Community

@Suite("Custom emoji")
struct EmojiTests {
    /// Puts an emoji into a server, as an upload would.
    static func add(_ name: String, to community: Community, animated: Bool = false, _ server: TestServer) async throws
        -> String
    {
        let id = EmojiID(rawValue: Int64.random(in: 1...1_000_000_000))
        let community = try ServerID(parsing: community.id)
        try await server.onDatabase { tx in
            try EmojiStore.insert(
                Emoji(
                    id: id, server: community, name: name, isAnimated: animated, blob: nil,
                    creator: UserID(rawValue: 1),
                    createdAt: tx.now), tx)
        }
        return id.description
    }

    @Test("emoji are listed, renamed and deleted, and everyone is told", arguments: DatabaseKind.allCases)
    func life(kind: DatabaseKind) async throws {
        try await EventTests.with(kind) { scene in
            let (alice, bob, nest) = (scene.alice, scene.bob, scene.nest)
            let id = try await Self.add("party", to: nest, scene.server)
            _ = try await Self.add("dance", to: nest, animated: true, scene.server)
            let path = "/servers/\(nest.id)/emojis"
            #expect(Set(try await bob.does(.GET, path).column("name")) == ["party", "dance"])
            #expect(try await bob.does(.GET, "\(path)/\(id)")["animated"] == false)
            #expect(
                try await bob.does(.GET, "\(path)/counts")
                    == ["static": 1, "animated": 1, "max_static": 50, "max_animated": 50])
            #expect(try await bob.outcome(.PATCH, "\(path)/\(id)", ["name": "fun"]) == "403 Permission denied")
            #expect(try await alice.outcome(.PATCH, "\(path)/\(id)", ["name": "dance"]) == "409 Already exists")
            #expect(try await alice.outcome(.PATCH, "\(path)/\(id)", ["name": "Fun!"]) == "400 Invalid input")
            try await alice.does(.PATCH, "\(path)/\(id)", ["name": "fun"])
            let told = try await scene.bobHears.awaits("GUILD_EMOJIS_UPDATE")
            #expect(told["d"]?["emojis"].map { Set($0.column("name")) } == ["fun", "dance"])
            try await alice.does(.DELETE, "\(path)/\(id)")
            #expect(try await scene.bobHears.awaits("GUILD_EMOJIS_UPDATE")["d"]?["emojis"]?.count == 1)
            #expect(try await alice.outcome(.GET, "\(path)/\(id)") == "404 Emoji not found")
        }
    }

    @Test("an emoji of elsewhere is for its members, where it is allowed", arguments: DatabaseKind.allCases)
    func external(kind: DatabaseKind) async throws {
        try await EventTests.with(kind) { scene in
            let (alice, bob, nest) = (scene.alice, scene.bob, scene.nest)
            let den = try await bob.foundsServer("Den")
            let own = try await Self.add("own", to: nest, scene.server)
            let foreign = try await Self.add("foreign", to: den, scene.server)
            let message = try await alice.says("react", in: nest.general).text("id")
            let path = "/channels/\(nest.general)/messages/\(message)/reactions"
            #expect(try await bob.outcome(.PUT, "\(path)/own:\(own)") == "200")
            #expect(try await bob.outcome(.PUT, "\(path)/foreign:\(foreign)") == "200")
            #expect(try await alice.outcome(.PUT, "\(path)/foreign:\(foreign)") == "200", "it stands there already")
            let other = try await alice.says("again", in: nest.general).text("id")
            let second = "/channels/\(nest.general)/messages/\(other)/reactions"
            #expect(try await alice.outcome(.PUT, "\(second)/foreign:\(foreign)") == "404 Emoji not found")
            let everyone = try await alice.everyoneRole(of: nest)
            try await alice.does(
                .PATCH, "/servers/\(nest.id)/roles/\(everyone)",
                ["permissions": ["messages.use_external_emojis": false]])
            #expect(try await bob.outcome(.PUT, "\(second)/foreign:\(foreign)") == "403 Permission denied")
            #expect(try await bob.outcome(.PUT, "\(second)/own:\(own)") == "200")
            #expect(try await alice.does(.GET, second).column("emoji") == ["own:\(own)"])
        }
    }
}
