import Client
import Foundation
import Kernel
import NIOHTTP1
import TestDatabase
import TestPrograms
import Testing

@Suite("Forwarding")
struct ForwardingTests {
    private static func forward(_ message: String, of channel: String, _ more: [String: JSON] = [:]) -> JSON {
        .object(more.merging(["forward": ["channel_id": .string(channel), "message_id": .string(message)]]) { $1 })
    }

    @Test("what is handed on is as it was, and tells nobody's name", arguments: DatabaseKind.allCases)
    func snapshot(kind: DatabaseKind) async throws {
        try await EventTests.with(kind) { scene in
            let (alice, bob, nest) = (scene.alice, scene.bob, scene.nest)
            let target = try await alice.opensChannel("target", in: nest)
            let photo = try await alice.uploads(sample: "photo.jpg", to: nest.general)
            let original = try await alice.shows([photo], in: nest.general, "look, <@\(bob.id)>")
            let id = try original.text("id")
            let path = "/channels/\(target)/messages"
            let sent = try await bob.does(.POST, path, Self.forward(id, of: nest.general, ["content": "mine"]))
            #expect(sent["content"] == "mine" && sent["attachments"] == [] && sent["mentions"] == [])
            let forward = try #require(sent["forward"])
            #expect(
                forward["origin"]
                    == [
                        "server_id": .string(nest.id), "channel_id": .string(nest.general), "message_id": .string(id),
                    ])
            let snapshot = try #require(forward["snapshot"])
            #expect(snapshot["content"] == original["content"])
            #expect(snapshot["created_at"] == original["created_at"] && snapshot["edited_at"] == .null)
            #expect(snapshot["author_id"] == nil && snapshot["author_username"] == nil)
            let file = try #require(snapshot["attachments"]?[0])
            #expect(file["filename"] == "photo.jpg" && file["id"] != photo["id"])
            #expect(try await scene.server.fetch(try file.text("url")).status == 200)
            // What becomes of the original does not reach it.
            try await alice.does(.PATCH, "/channels/\(nest.general)/messages/\(id)", ["content": "changed"])
            try await alice.does(.DELETE, "/channels/\(nest.general)/messages/\(id)")
            try await scene.server.keepsUp()
            let read = try await alice.does(.GET, path)[0]
            #expect(read?["forward"]?["snapshot"]?["content"] == original["content"])
            #expect(try await scene.server.fetch(try file.text("url")).status == 200)
            // One's own words can be changed, and taken back: what is handed on stays.
            let own = "\(path)/\(try sent.text("id"))"
            #expect(try await bob.does(.PATCH, own, ["content": .null])["content"] == .null)
            let found = try await alice.does(.GET, "/search/messages?q=look&channel_id=\(target)")
            #expect(found.column("id") == [try sent.text("id")])
            try await bob.does(.DELETE, own)
            try await scene.server.keepsUp()
            #expect(AttachmentTests.objects(scene.server) == [], "its files go with it")
        }
    }

    @Test("a forward that is handed on keeps its first origin", arguments: DatabaseKind.allCases)
    func again(kind: DatabaseKind) async throws {
        try await EventTests.with(kind) { scene in
            let (alice, bob, nest) = (scene.alice, scene.bob, scene.nest)
            let second = try await alice.opensChannel("second", in: nest)
            let id = try await alice.says("first", in: nest.general).text("id")
            let once = try await bob.does(
                .POST, "/channels/\(second)/messages", Self.forward(id, of: nest.general, ["content": "between"]))
            let twice = try await alice.does(
                .POST, "/features/forward",
                ["message_id": once["id"] ?? .null, "target_conversation_id": .string(nest.general)])
            #expect(twice["success"] == true)
            #expect(twice["forward"]?["forward"] == once["forward"])
            #expect(twice["forward"]?["content"] == .null)
        }
    }

    @Test("only who reads it there and writes here hands it on", arguments: DatabaseKind.allCases)
    func access(kind: DatabaseKind) async throws {
        try await EventTests.with(kind) { scene in
            let (alice, bob, nest) = (scene.alice, scene.bob, scene.nest)
            let hidden = try await alice.opensChannel("hidden", in: nest)
            try await alice.closes(hidden, in: nest)
            let secret = try await alice.says("secret", in: hidden).text("id")
            let path = "/channels/\(nest.general)/messages"
            #expect(try await bob.outcome(.POST, path, Self.forward(secret, of: hidden)) == "403 Access denied")
            #expect(
                try await bob.outcome(.POST, path, Self.forward(secret, of: nest.general)) == "404 Message not found")
            #expect(try await bob.outcome(.POST, path, Self.forward("1", of: nest.general)) == "404 Message not found")
            let alias: (String) -> JSON = {
                ["message_id": .string($0), "target_conversation_id": .string(nest.general)]
            }
            #expect(try await bob.outcome(.POST, "/features/forward", alias(secret)) == "403 Access denied")
            #expect(try await bob.outcome(.POST, "/features/forward", alias("1")) == "404 Message not found")
            #expect(try await bob.outcome(.POST, "/features/forward", ["message_id": "1"]) == "400 Invalid input")
            let everyone = try await alice.everyoneRole(of: nest)
            let deaf = try await alice.opensChannel("deaf", in: nest)
            let unread = try await alice.says("unread", in: deaf).text("id")
            try await alice.does(
                .PUT, "/channels/\(deaf)/overwrites/\(everyone)", ["type": "role", "deny": ["messages.read"]])
            #expect(try await bob.outcome(.POST, path, Self.forward(unread, of: deaf)) == "403 Access denied")
            let mute = try await alice.opensChannel("mute", in: nest)
            try await alice.does(
                .PUT, "/channels/\(mute)/overwrites/\(everyone)",
                ["type": "role", "deny": ["messages.send"]])
            let open = try await alice.says("open", in: nest.general).text("id")
            let there = "/channels/\(mute)/messages"
            #expect(
                try await bob.outcome(.POST, there, Self.forward(open, of: nest.general)) == "403 Permission denied")
        }
    }

    @Test("files and cards are handed on where one may bring such", arguments: DatabaseKind.allCases)
    func parts(kind: DatabaseKind) async throws {
        try await EventTests.with(kind) { scene in
            let (alice, bob, nest) = (scene.alice, scene.bob, scene.nest)
            let photo = try await alice.uploads(sample: "photo.jpg", to: nest.general)
            let file = try await alice.shows([photo], in: nest.general).text("id")
            let card = try await alice.does(
                .POST, "/channels/\(nest.general)/messages", ["embeds": [["title": "A card"]]]
            ).text("id")
            let plain = try await alice.opensChannel("plain", in: nest)
            let everyone = try await alice.everyoneRole(of: nest)
            try await alice.does(
                .PUT, "/channels/\(plain)/overwrites/\(everyone)",
                ["type": "role", "deny": ["messages.attach_files", "messages.embed_links"]])
            for (message, missing) in [(file, "messages.attach_files"), (card, "messages.embed_links")] {
                let refused = try await bob.send(
                    .POST, "/channels/\(plain)/messages", Self.forward(message, of: nest.general))
                #expect(refused.outcome == "403 Permission denied")
                #expect(refused.json["error"]?["details"]?[0]?["message"] == .string(missing))
            }
            let sent = try await bob.does(
                .POST, "/channels/\(nest.general)/messages", Self.forward(card, of: nest.general))
            #expect(sent["forward"]?["snapshot"]?["embeds"]?[0]?["title"] == "A card" && sent["embeds"] == [])
        }
    }

    @Test("what must stay in its channel stays there", arguments: DatabaseKind.allCases)
    func confined(kind: DatabaseKind) async throws {
        try await EventTests.with(kind) { scene in
            let (alice, bob, nest) = (scene.alice, scene.bob, scene.nest)
            let path = "/channels/\(nest.general)/messages"
            let adults = try await alice.opensChannel("adults", in: nest, ["nsfw": true])
            let others = try await alice.opensChannel("others", in: nest, ["nsfw": true])
            let adult = try await alice.says("for adults", in: adults).text("id")
            #expect(try await bob.outcome(.POST, path, Self.forward(adult, of: adults)) == "403 Permission denied")
            #expect(
                try await bob.outcome(.POST, "/channels/\(others)/messages", Self.forward(adult, of: adults)) == "201")
            let kept = try await alice.opensChannel("kept", in: nest, ["forwarding": false])
            #expect(try await bob.does(.GET, "/channels/\(kept)")["forwarding"] == false)
            let thread = try await alice.does(.POST, "/channels/\(kept)/threads", ["name": "beside"]).text("id")
            for channel in [kept, thread] {
                let id = try await alice.says("kept", in: channel).text("id")
                #expect(try await bob.outcome(.POST, path, Self.forward(id, of: channel)) == "403 Permission denied")
                #expect(
                    try await alice.outcome(.POST, path, Self.forward(id, of: channel)) == "201", "she moderates it")
            }
            try await alice.does(.PATCH, "/channels/\(kept)", ["forwarding": true])
            let id = try await alice.says("let go", in: kept).text("id")
            #expect(try await bob.outcome(.POST, path, Self.forward(id, of: kept)) == "201")
            #expect(
                try await bob.outcome(.PATCH, "/channels/\(kept)", ["forwarding": false]) == "403 Permission denied")
            let poll = try await alice.does(.POST, path, ["poll": ["question": "?", "options": ["a", "b"]]]).text("id")
            #expect(try await bob.outcome(.POST, path, Self.forward(poll, of: nest.general)) == "400 Invalid input")
            for more: [String: JSON] in [
                ["attachments": ["1"]], ["sticker_ids": ["1"]], ["poll": ["question": "?", "options": ["a", "b"]]],
            ] {
                #expect(try await bob.outcome(.POST, path, Self.forward(id, of: kept, more)) == "400 Invalid input")
            }
        }
    }

    @Test("a forward that is switched off is not sent", arguments: DatabaseKind.allCases)
    func off(kind: DatabaseKind) async throws {
        try await TestServer.with(kind, ["modules.forwarding": "false", "modules.polls": "false"]) { server in
            let alice = try await server.person("alice")
            let nest = try await alice.foundsServer()
            let path = "/channels/\(nest.general)/messages"
            let id = try await alice.says("stays", in: nest.general).text("id")
            #expect(
                try await alice.outcome(.POST, path, Self.forward(id, of: nest.general)) == "503 Module not available")
            let poll: JSON = ["poll": ["question": "?", "options": ["a", "b"]]]
            #expect(try await alice.outcome(.POST, path, poll) == "503 Module not available")
            #expect(
                try await alice.outcome(
                    .POST, "/features/forward",
                    ["message_id": .string(id), "target_conversation_id": .string(nest.general)])
                    == "503 Module not available")
            let capabilities = try await alice.does(.GET, "/capabilities")
            #expect(capabilities["forwarding"] == false && capabilities["polls"] == false)
        }
    }
}
