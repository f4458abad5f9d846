import Client
import Database
import Foundation
import Kernel
import NIOHTTP1
import TestDatabase
import TestPrograms
import Testing

@testable import Community

@Suite("Stickers")
struct StickerTests {
    static func make(
        _ name: String, in server: String, by person: Person, _ more: [String: String] = [:]
    ) async throws -> JSON {
        let picture = try await SampleFiles.bytes("drawing.png")
        let reply = try await person.sends(
            picture, named: "s.png", to: "/servers/\(server)/stickers", field: "image",
            more.merging(["name": name]) { $1 })
        guard reply.status == 201 else { throw UnexpectedReply(reply) }
        return reply.json
    }

    /// Puts a sticker into a server, as an upload would.
    static func add(_ name: String, to server: String?, _ host: TestServer) async throws -> String {
        let id = StickerID(rawValue: Int64.random(in: 1...1_000_000_000))
        let server = try server.map { try ServerID(parsing: $0) }
        try await host.onDatabase { tx in
            try StickerStore.insert(
                Sticker(
                    id: id, server: server, name: name, description: nil, tags: [], relatedEmoji: nil,
                    blob: BlobID(rawValue: 1), size_bytes: 1, width: 1, height: 1, isAnimated: false,
                    creator: UserID(rawValue: 1), createdAt: tx.now), tx)
        }
        return id.description
    }

    @Test("stickers are made, listed, changed and deleted, and everyone is told", arguments: DatabaseKind.allCases)
    func life(kind: DatabaseKind) async throws {
        try await EventTests.with(kind) { scene in
            let (alice, bob, nest) = (scene.alice, scene.bob, scene.nest)
            let made = try await Self.make(
                "Wave", in: nest.id, by: alice,
                ["tags": "hello, bye", "description": "A hand", "related_emoji": "\u{1F44B}"])
            #expect(made["tags"] == ["hello", "bye"] && made["pack_id"] == .string(nest.id))
            #expect(made["format"] == "webp" && made["available"] == true && made["animated"] == false)
            #expect((1...320).contains(made["width"]?.integer ?? 0) && (1...320).contains(made["height"]?.integer ?? 0))
            #expect(try await scene.bobHears.hears("GUILD_STICKERS_UPDATE")["d"]?["stickers"]?[0] == made)
            let id = try made.text("id")
            let packs = try await bob.does(.GET, "/servers/\(nest.id)/stickers")
            #expect(packs.column("pack_type") == ["server", "default"])
            #expect(packs[0]?["sticker_count"] == 1 && packs[0]?["stickers"]?[0] == made)
            #expect(try await bob.does(.GET, "/stickers/\(id)") == made)
            let picture = try await scene.server.fetch(try made.text("url"))
            #expect(picture.status == 200 && picture.headers["content-type"] == ["image/webp"])
            let path = "/servers/\(nest.id)/stickers/\(id)"
            #expect(try await bob.outcome(.PATCH, path, ["name": "Mine"]) == "403 Permission denied")
            let changed = try await alice.does(
                .PATCH, path, ["name": "Waving", "tags": ["hi"], "description": .null, "related_emoji": .null])
            #expect(changed["name"] == "Waving" && changed["tags"] == ["hi"] && changed["description"] == .null)
            _ = try await Self.make("Other", in: nest.id, by: alice, ["tags": "[\"a,b\"]"])
            #expect(try await alice.outcome(.PATCH, path, ["name": "OTHER"]) == "409 Already exists")
            for body: JSON in [
                ["name": "x"], ["tags": [""]], ["related_emoji": "ab"], ["related_emoji": "\u{1F44B}\u{1F44B}"],
            ] {
                #expect(try await alice.outcome(.PATCH, path, body) == "400 Invalid input", "\(body)")
            }
            #expect(try await bob.outcome(.DELETE, "/stickers/\(id)") == "403 Permission denied")
            try await alice.does(.DELETE, "/stickers/\(id)")
            #expect(try await alice.outcome(.GET, "/stickers/\(id)") == "404 Resource not found")
            #expect(try await alice.outcome(.DELETE, path) == "404 Resource not found")
            #expect(try await scene.server.fetch(try made.text("url")).status == 404)
            let hears = Listener(socket: try await GatewaySocket.open(port: scene.server.port, path: "/gateway"))
            let overview = try await hears.identify(token: bob.token)["d"]?["servers"]?[0]
            #expect(overview?["stickers"]?.column("name") == ["Other"])
        }
    }

    @Test("what is no picture is no sticker", arguments: DatabaseKind.allCases)
    func refused(kind: DatabaseKind) async throws {
        try await EventTests.with(kind) { scene in
            let (alice, nest) = (scene.alice, scene.nest)
            let path = "/servers/\(nest.id)/stickers"
            let lottie = Array(#"{"v":"5.5.7","layers":[]}"#.utf8)
            #expect(
                try await alice.sends(lottie, named: "a.json", to: path, ["name": "lottie"]).outcome
                    == "400 Invalid file type")
            let huge = [UInt8](repeating: 0, count: 512 * 1024 + 1)
            #expect(
                try await alice.sends(huge, named: "a.png", to: path, ["name": "huge"]).outcome == "400 File too large")
            let picture = try await SampleFiles.bytes("drawing.png")
            #expect(try await alice.sends(picture, named: "a.png", to: path).outcome == "400 Invalid input", "no name")
            #expect(
                try await scene.bob.sends(picture, named: "a.png", to: path, ["name": "bobs"]).outcome
                    == "403 Permission denied")
            let dance = try await alice.sends(
                try await SampleFiles.bytes("dance.gif"), named: "a.gif", to: path, ["name": "dance"])
            #expect(dance.json["animated"] == true)
            #expect(
                try await alice.sends(picture, named: "a.png", to: path, ["name": "Dance"]).outcome
                    == "409 Already exists")
        }
    }

    @Test("a sticker is sent by itself, with words, and into a message of one's own", arguments: DatabaseKind.allCases)
    func sending(kind: DatabaseKind) async throws {
        try await EventTests.with(kind) { scene in
            let (alice, bob, nest) = (scene.alice, scene.bob, scene.nest)
            let id = try await Self.make("Wave", in: nest.id, by: alice).text("id")
            let path = "/channels/\(nest.general)/messages"
            let shown: JSON = [
                ["id": .string(id), "name": "Wave", "format": "webp", "url": .string("/api/v1/media/stickers/\(id)")]
            ]
            let sent = try await bob.does(.POST, path, ["sticker_ids": [.string(id)]])
            #expect(sent["stickers"] == shown && sent["content"] == .null)
            #expect(try await scene.aliceHears.awaits("MESSAGE_CREATE")["d"]?["stickers"] == shown)
            let answer: JSON = ["channel_id": .string(nest.general), "reply_to_id": sent["id"] ?? .null, "nonce": "n"]
            let replied = try await bob.send(.POST, "/stickers/\(id)/send", answer)
            #expect(replied.status == 201 && replied.json["type"] == "reply")
            #expect(try await bob.send(.POST, "/stickers/\(id)/send", answer).status == 200, "the nonce is known")
            let form = try await scene.server.send(
                .POST, "/stickers/\(id)/send", bytes: Array("channel_id=\(nest.general)".utf8), token: bob.token,
                headers: ["content-type": "application/x-www-form-urlencoded"])
            #expect(form.status == 201 && form.json["stickers"] == shown)
            var multipart = FormBody()
            multipart.bytes = Array(
                "--b\r\nContent-Disposition: form-data; name=\"channel_id\"\r\n\r\n\(nest.general)\r\n--b--\r\n".utf8)
            let inParts = try await scene.server.send(
                .POST, "/stickers/\(id)/send", bytes: multipart.bytes, token: bob.token,
                headers: ["content-type": "multipart/form-data; boundary=b"])
            #expect(inParts.status == 201)
            let words = try await bob.says("look", in: nest.general).text("id")
            let added = try await bob.does(.POST, "/stickers/\(id)/send", ["message_id": .string(words)])
            #expect(try await scene.aliceHears.awaits("MESSAGE_UPDATE")["d"]?["stickers"] == shown)
            #expect(added["stickers"] == shown && added["content"] == "look")
            let more: JSON = ["message_id": .string(words)]
            #expect(try await bob.outcome(.POST, "/stickers/\(id)/send", more) == "400 Invalid input", "it has it")
            #expect(try await alice.outcome(.POST, "/stickers/\(id)/send", more) == "403 Permission denied")
            let old = try await bob.says("old", in: nest.general).text("id")
            scene.server.clock.advance(by: .seconds(900))
            #expect(
                try await bob.outcome(.POST, "/stickers/\(id)/send", ["message_id": .string(old)])
                    == "403 Permission denied")
            #expect(try await bob.outcome(.POST, "/stickers/\(id)/send", [:]) == "400 Invalid input")
            for list: JSON in [["1", "2", "3", "4"], [.string(id), .string(id)], ["x"]] {
                #expect(try await bob.outcome(.POST, path, ["sticker_ids": list]) == "400 Invalid input", "\(list)")
            }
            #expect(try await bob.outcome(.POST, path, ["sticker_ids": ["1"]]) == "404 Resource not found")
            try await alice.does(.DELETE, "/stickers/\(id)")
            let kept = try await alice.does(.GET, "\(path)/\(try sent.text("id"))")["stickers"]
            #expect(kept == [["id": .string(id), "name": "Wave", "format": "webp", "url": .null]])
            #expect(try await bob.outcome(.POST, path, ["sticker_ids": [.string(id)]]) == "404 Resource not found")
        }
    }

    @Test("stickers of elsewhere are for those who are there too", arguments: DatabaseKind.allCases)
    func external(kind: DatabaseKind) async throws {
        try await EventTests.with(kind) { scene in
            let (alice, bob, nest) = (scene.alice, scene.bob, scene.nest)
            let den = try await bob.foundsServer("Den")
            let foreign = try await Self.add("Foreign", to: den.id, scene.server)
            let everybodys = try await Self.add("Everybodys", to: nil, scene.server)
            func path(_ channel: String) -> String { "/channels/\(channel)/messages" }
            let send: JSON = ["sticker_ids": [.string(foreign)]]
            #expect(try await alice.outcome(.POST, path(nest.general), send) == "403 Access denied")
            #expect(try await alice.outcome(.GET, "/stickers/\(foreign)") == "403 Access denied")
            #expect(try await bob.outcome(.POST, path(nest.general), send) == "201")
            let dm = try await bob.does(.POST, "/users/@me/channels", ["recipient_id": .string(alice.id)]).text("id")
            #expect(try await bob.outcome(.POST, path(dm), send) == "201")
            #expect(try await alice.outcome(.POST, path(dm), send) == "403 Access denied")
            #expect(try await alice.outcome(.POST, path(dm), ["sticker_ids": [.string(everybodys)]]) == "201")
            let everyone = try await alice.everyoneRole(of: nest)
            try await alice.does(
                .PATCH, "/servers/\(nest.id)/roles/\(everyone)",
                ["permissions": ["messages.use_external_stickers": false]])
            let refused = try await bob.send(.POST, path(nest.general), send)
            #expect(refused.outcome == "403 Permission denied")
            #expect(refused.json["error"]?["details"]?[0]?["message"] == "messages.use_external_stickers")
            #expect(try await bob.outcome(.POST, path(nest.general), ["sticker_ids": [.string(everybodys)]]) == "201")
            let here = try await bob.does(.GET, "/stickers/suggestions?content=foreign&server_id=\(nest.id)")
            #expect(here == [])
        }
    }

    @Test("stickers are suggested by name, word and emoji", arguments: DatabaseKind.allCases)
    func suggestions(kind: DatabaseKind) async throws {
        try await EventTests.with(kind) { scene in
            let (alice, bob, nest) = (scene.alice, scene.bob, scene.nest)
            _ = try await Self.make(
                "Good morning", in: nest.id, by: alice, ["tags": "coffee", "related_emoji": "\u{2615}"])
            _ = try await Self.make("おはよう", in: nest.id, by: alice)
            _ = try await Self.add("Coffee", to: nil, scene.server)
            func found(_ content: String) async throws -> [String] {
                let content = content.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
                return try await bob.does(.GET, "/stickers/suggestions?content=\(content)&server_id=\(nest.id)")
                    .column("name")
            }
            #expect(try await found("coffee") == ["Good morning", "Coffee"])
            #expect(try await found("I need cof") == ["Good morning", "Coffee"])
            #expect(try await found("MORNING all") == ["Good morning"])
            #expect(try await found("with \u{2615}") == ["Good morning"])
            #expect(try await found("みんなおはようございます") == ["おはよう"])
            #expect(try await found("x") == [])
            let one = try await bob.does(.GET, "/stickers/suggestions?content=coffee&limit=1&server_id=\(nest.id)")
            #expect(one.count == 1)
            #expect(
                try await bob.does(.GET, "/stickers/suggestions?content=morning").column("name") == ["Good morning"])
            for query in ["", "?content=", "?content=a&limit=26", "?content=a&server_id=x"] {
                #expect(try await bob.outcome(.GET, "/stickers/suggestions\(query)") == "400 Invalid input", "\(query)")
            }
            let den = try await alice.foundsServer("Den")
            #expect(
                try await bob.outcome(.GET, "/stickers/suggestions?content=a&server_id=\(den.id)")
                    == "403 Access denied")
        }
    }

    @Test("the instance's stickers are the administrators'", arguments: DatabaseKind.allCases)
    func ofInstance(kind: DatabaseKind) async throws {
        try await EventTests.with(kind) { scene in
            let (alice, nest) = (scene.alice, scene.nest)
            let root = try await scene.server.administrator()
            let picture = try await SampleFiles.bytes("drawing.png")
            let form = try await root.sends(picture, named: "a.png", to: "/admin/stickers", ["name": "House"])
            #expect(form.status == 201 && form.json["server_id"] == .null)
            let id = try form.json.text("id")
            #expect(
                try await root.sends(picture, named: "a.png", to: "/admin/stickers", ["name": "house"]).outcome
                    == "409 Already exists")
            #expect(
                try await alice.sends(picture, named: "a.png", to: "/admin/stickers", ["name": "Mine"]).outcome
                    == "403 Admin access required")
            #expect(try await root.does(.GET, "/admin/stickers").column("name") == ["House"])
            #expect(try await alice.does(.GET, "/servers/\(nest.id)/stickers")[1]?["stickers"]?.column("id") == [id])
            #expect(try await alice.outcome(.DELETE, "/stickers/\(id)") == "403 Permission denied")
            #expect(try await alice.outcome(.DELETE, "/servers/\(nest.id)/stickers/\(id)") == "404 Resource not found")
            let servers = try await Self.add("Nest's", to: nest.id, scene.server)
            #expect(try await root.outcome(.DELETE, "/admin/stickers/\(servers)") == "404 Resource not found")
            #expect(try await root.outcome(.DELETE, "/admin/stickers/x") == "400 Invalid input")
            try await root.does(.DELETE, "/admin/stickers/\(id)")
            #expect(try await root.does(.GET, "/admin/stickers") == [])
        }
    }

    @Test("stickers that are switched off are neither there nor sent", arguments: DatabaseKind.allCases)
    func off(kind: DatabaseKind) async throws {
        try await TestServer.with(kind, ["modules.stickers": "false"]) { server in
            let alice = try await server.person("alice")
            let nest = try await alice.foundsServer()
            #expect(try await alice.outcome(.GET, "/servers/\(nest.id)/stickers") == "503 Module not available")
            #expect(
                try await alice.outcome(.POST, "/channels/\(nest.general)/messages", ["sticker_ids": ["1"]])
                    == "503 Module not available")
            #expect(try await alice.does(.GET, "/capabilities")["stickers"] == false)
        }
    }
}
