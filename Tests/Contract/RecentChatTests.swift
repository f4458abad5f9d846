import Client
import Kernel
import NIOHTTP1
import TestDatabase
import Testing

@Suite("Recent chats")
struct RecentChatTests {
    private static let path = "/users/@me/last-chat"

    @Test("another device goes on where one was", arguments: DatabaseKind.allCases)
    func last(kind: DatabaseKind) async throws {
        try await EventTests.with(kind) { scene in
            let (alice, bob, general) = (scene.alice, scene.bob, scene.nest.general)
            #expect(try await bob.does(.GET, Self.path)["last_chat"] == .null)
            let message = try await alice.says("hello", in: general).text("id")
            try await scene.bobHears.hears("MESSAGE_CREATE")
            let entered = try await bob.does(
                .PUT, Self.path,
                ["channel_id": .string(general), "last_message_id": .string(message), "scroll_position": 120])
            let chat = try #require(entered["last_chat"])
            #expect(
                chat == [
                    "conversation_id": .string(general), "channel_id": .string(general),
                    "server_id": .string(scene.nest.id), "last_message_id": .string(message), "scroll_position": 120,
                    "accessed_at": .integer(scene.server.clock.now().seconds),
                ])
            #expect(try await scene.bobHears.hears("RECENT_CHATS_UPDATE")["d"] == chat)
            #expect(try await bob.does(.GET, Self.path)["last_chat"] == chat)
            scene.server.clock.advance(by: .seconds(1))
            let notes = try await bob.does(.GET, "/users/@me/notes").text("id")
            let other = "/features/users/@me/last-chat"
            try await bob.does(.PUT, other, ["conversation_id": .string(notes)])
            #expect(try await bob.does(.GET, other)["last_chat"]?["channel_id"] == .string(notes))
            #expect(try await alice.does(.GET, Self.path)["last_chat"] == .null, "one's own")
        }
    }

    @Test("the list has what is unread, and nothing that one can't see any more", arguments: DatabaseKind.allCases)
    func list(kind: DatabaseKind) async throws {
        try await EventTests.with(kind) { scene in
            let (alice, bob, nest) = (scene.alice, scene.bob, scene.nest)
            let second = try await alice.opensChannel("second", in: nest)
            for channel in [nest.general, second] {
                try await bob.does(.PUT, Self.path, ["channel_id": .string(channel)])
                scene.server.clock.advance(by: .seconds(1))
            }
            for _ in 0..<2 { try await alice.says("hi", in: nest.general) }
            let chats = try await bob.does(.GET, "/users/@me/recent-chats")["recent_chats"]
            #expect(chats?.column("name") == ["second", "general"])
            #expect(chats?[1]?["unread_count"] == 2 && chats?[0]?["unread_count"] == 0)
            #expect(chats?[0]?["channel_type"] == "text")
            let one = try await bob.does(.GET, "/users/@me/recent-chats?limit=1")["recent_chats"]
            #expect(one?.column("name") == ["second"])
            let everyone = try await alice.everyoneRole(of: nest)
            try await alice.does(
                .PUT, "/channels/\(second)/overwrites/\(everyone)", ["type": "role", "deny": ["channels.view"]])
            let left = try await bob.does(.GET, "/users/@me/recent-chats")["recent_chats"]
            #expect(left?.column("name") == ["general"])
            #expect(try await bob.does(.GET, Self.path)["last_chat"]?["channel_id"] == .string(nest.general))
            try await alice.does(.DELETE, "/channels/\(nest.general)")
            #expect(try await bob.does(.GET, Self.path)["last_chat"] == .null)
        }
    }

    @Test("where one may not be is refused", arguments: DatabaseKind.allCases)
    func refusals(kind: DatabaseKind) async throws {
        try await EventTests.with(kind) { scene in
            let carol = try await scene.server.person("carol")
            let general = JSON.string(scene.nest.general)
            for path in [Self.path, "/features/users/@me/last-chat"] {
                #expect(try await carol.outcome(.PUT, path, ["channel_id": general]) == "403 Access denied")
                #expect(try await carol.outcome(.PUT, path, ["channel_id": "1"]) == "404 Channel not found")
                for body: JSON in [
                    [:], ["channel_id": "x"], ["channel_id": general, "scroll_position": -1],
                    ["channel_id": general, "last_message_id": "x"],
                ] {
                    #expect(try await scene.bob.outcome(.PUT, path, body) == "400 Invalid input", "\(body.text)")
                }
            }
            for limit in ["0", "51", "x"] {
                let asked = "/users/@me/recent-chats?limit=\(limit)"
                #expect(try await carol.outcome(.GET, asked) == "400 Invalid input")
            }
        }
    }
}
