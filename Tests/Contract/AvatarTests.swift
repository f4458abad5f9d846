import Client
import Foundation
import Kernel
import NIOHTTP1
import TestDatabase
import TestPrograms
import Testing

@testable import Community
@testable import People

@Suite("Pictures of people, servers and emoji")
struct AvatarTests {

    @Test("an avatar is set, told to everyone, shown in every size and removed", arguments: DatabaseKind.allCases)
    func avatar(kind: DatabaseKind) async throws {
        try await EventTests.with(kind) { scene in
            let (alice, bob, server) = (scene.alice, scene.bob, scene.server)
            #expect(try await alice.does(.GET, "/users/@me")["avatar_url"] == .null)
            let photo = try await SampleFiles.bytes("photo.jpg")
            let reply = try await alice.sends(photo, named: "me.jpg", to: "/avatars/users/@me", field: "image")
            #expect(reply.status == 200)
            #expect((reply.json["success"], reply.json["animated"]) == (true, false))
            #expect((reply.json["width"], reply.json["height"]) == (384, 512))
            let address = try reply.json.text("avatar_url")
            #expect(try await scene.aliceHears.hears("USER_UPDATE")["d"]?["avatar_url"] == .string(address))
            let told = try await scene.bobHears.hears("GUILD_MEMBER_UPDATE")
            #expect(told["d"]?["member"]?["avatar_url"] == .string(address))
            #expect(try await bob.does(.GET, "/users/\(alice.id)")["avatar_url"] == .string(address))
            #expect(try await alice.says("look", in: scene.nest.general)["author_avatar_url"] == .string(address))
            let members = try await bob.does(.GET, "/servers/\(scene.nest.id)/members")
            #expect(members.array?.first { $0["user_id"]?.string == alice.id }?["avatar_url"] == .string(address))
            try await bob.does(.POST, "/relationships", ["user_id": .string(alice.id)])
            #expect(try await bob.does(.GET, "/relationships/@me")[0]?["avatar_url"] == .string(address))
            var sizes: [Int] = []
            for size in ["64", "128", "256", "512"] {
                let picture = try await server.fetch("/api/v1/avatars/users/\(alice.id)?size=\(size)")
                #expect(picture.headers["content-type"] == ["image/webp"])
                #expect(picture.headers["cache-control"] == ["public, max-age=86400"])
                #expect(Data(picture.body).range(of: Data("SecretCamera".utf8)) == nil)
                sizes.append(picture.body.count)
                let tag = picture.headers.first(name: "etag") ?? ""
                let again = try await server.fetch(
                    "/api/v1/avatars/users/\(alice.id)?size=\(size)", headers: ["if-none-match": tag])
                #expect(again.status == 304)
            }
            #expect(sizes == sizes.sorted() && Set(sizes).count == 4)
            #expect(try await server.fetch("/api/v1/avatars/users/\(alice.id)?size=65").outcome == "400 Invalid input")
            try await alice.does(.DELETE, "/avatars/users/@me")
            #expect(try await alice.does(.GET, "/users/@me")["avatar_url"] == .null)
            #expect(
                try await server.fetch("/api/v1/avatars/users/\(alice.id)").headers["content-type"] == ["image/svg+xml"]
            )
            try await server.keepsUp()
            #expect(AttachmentTests.objects(server) == [])
        }
    }

    @Test("frames are kept, under either name of the route", arguments: DatabaseKind.allCases)
    func animated(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            let dance = try await SampleFiles.bytes("dance.gif")
            for path in ["/avatars/users/@me", "/users/@me/avatar"] {
                let reply = try await alice.sends(dance, named: "a", to: path)
                #expect((reply.status, reply.json["animated"]) == (200, true))
                let picture = try await server.fetch("/api/v1/avatars/users/\(alice.id)?size=64")
                #expect(Data(picture.body).range(of: Data("ANMF".utf8)) != nil, "it has frames")
            }
        }
    }

    @Test("only pictures of a reasonable size are taken", arguments: DatabaseKind.allCases)
    func refusals(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            let path = "/avatars/users/@me"
            for (name, bytes) in [
                ("a.png", Array("<svg/>".utf8)), ("a.jpg", try await SampleFiles.bytes("film.mp4")), ("a.png", []),
                ("a.gif", Array("GIF89a".utf8)), ("a.webp", .noise(1000)),
            ] {
                #expect(
                    try await alice.sends(bytes, named: name, to: path).outcome == "400 Invalid file type", "\(name)")
            }
            let large = try await alice.sends(.noise((5 << 20) + 1), named: "a.png", to: path)
            #expect(large.outcome == "400 File too large")
            let bomb = try await alice.sends(try await SampleFiles.bytes("bomb.png"), named: "a.png", to: path)
            #expect(bomb.outcome == "400 File too large")
            #expect(try await alice.does(.GET, "/users/@me")["avatar_url"] == .null)
            #expect(try await server.send(.POST, path, bytes: [1]).outcome == "401 Authentication required")
            let other = try await alice.sends(Array("<svg/>".utf8), named: "a.png", to: "/users/@me/avatar")
            #expect(other.outcome == "400 Invalid file type")
        }
    }

    @Test("who has no picture has a default one that runs nothing", arguments: DatabaseKind.allCases)
    func standIn(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            let nest = try await alice.foundsServer("<script>alert(1)</script> & Co")
            let own = try await server.fetch("/api/v1/avatars/users/\(alice.id)")
            #expect((own.status, own.headers["content-type"]) == (200, ["image/svg+xml"]))
            #expect(own.text.contains(">A<"))
            #expect(own.headers["content-security-policy"].first?.contains("sandbox") == true)
            let icon = try await server.fetch("/api/v1/avatars/servers/\(nest.id)?size=64")
            #expect(!icon.text.contains("<text") && !icon.text.contains("script"))
            #expect(try await server.fetch("/api/v1/avatars/users/1").outcome == "404 User not found")
            #expect(try await server.fetch("/api/v1/avatars/users/x").outcome == "400 Invalid user ID")
            #expect(try await server.fetch("/api/v1/avatars/servers/1").outcome == "404 Server not found")
            #expect(try await server.fetch("/api/v1/avatars/servers/x").outcome == "400 Invalid server ID")
        }
    }

    @Test(
        "a server's picture is for those who manage it, and stands in its audit log", arguments: DatabaseKind.allCases)
    func icon(kind: DatabaseKind) async throws {
        try await EventTests.with(kind) { scene in
            let (alice, bob, nest) = (scene.alice, scene.bob, scene.nest)
            let drawing = try await SampleFiles.bytes("drawing.png")
            let path = "/avatars/servers/\(nest.id)"
            #expect(try await bob.sends(drawing, named: "a", to: path).outcome == "403 Permission denied")
            #expect(try await bob.outcome(.DELETE, path) == "403 Permission denied")
            let mallory = try await scene.server.person("mallory")
            #expect(try await mallory.sends(drawing, named: "a", to: path).outcome == "403 Access denied")
            let set = try await alice.sends(drawing, named: "a", to: "/servers/\(nest.id)/icon")
            let address = try set.json.text("icon_url")
            #expect(try await scene.bobHears.hears("GUILD_UPDATE")["d"]?["icon_url"] == .string(address))
            #expect(try await bob.does(.GET, "/servers/\(nest.id)")["icon_url"] == .string(address))
            let invite = try await alice.invites(to: nest)
            #expect(try await mallory.does(.GET, "/channels/invites/\(invite)")["icon_url"] == .string(address))
            #expect(try await scene.server.fetch(address).headers["content-type"] == ["image/webp"])
            let log = try await alice.does(.GET, "/servers/\(nest.id)/audit-logs?action=server.update")
            #expect(log[0]?["changes"]?["icon_url"] != nil)
            try await alice.does(.DELETE, path)
            #expect(try await bob.does(.GET, "/servers/\(nest.id)")["icon_url"] == .null)
        }
    }

    @Test("emoji are made of pictures and shown to everyone", arguments: DatabaseKind.allCases)
    func emoji(kind: DatabaseKind) async throws {
        try await EventTests.with(kind) { scene in
            let (alice, bob, nest) = (scene.alice, scene.bob, scene.nest)
            let path = "/servers/\(nest.id)/emojis"
            let (drawing, dance) = (
                try await SampleFiles.bytes("drawing.png"), try await SampleFiles.bytes("dance.gif")
            )
            let made = try await alice.sends(drawing, named: "a.png", to: path, field: "image", ["name": "party"])
            #expect((made.status, made.json["animated"]) == (201, false))
            #expect(try await scene.bobHears.hears("GUILD_EMOJIS_UPDATE")["d"]?["emojis"]?[0] == made.json)
            let moving = try await alice.sends(dance, named: "a.gif", to: path, field: "image", ["name": "dance"])
            #expect((moving.status, moving.json["animated"]) == (201, true))
            let picture = try await scene.server.fetch(try made.json.text("url"))
            #expect((picture.status, picture.headers["content-type"]) == (200, ["image/webp"]))
            for (outcome, person, bytes, fields) in [
                ("409 Already exists", alice, drawing, ["name": "party"]),
                ("400 Invalid input", alice, drawing, ["name": "Par ty"]),
                ("400 Invalid input", alice, drawing, [:]), ("403 Permission denied", bob, drawing, ["name": "bob"]),
                ("400 File too large", alice, [UInt8].noise(256 * 1024 + 1), ["name": "large"]),
                ("400 Invalid file type", alice, [1, 2, 3], ["name": "broken"]),
            ] {
                let reply = try await person.sends(bytes, named: "a", to: path, field: "image", fields)
                #expect(reply.outcome == outcome, "\(fields)")
            }
            for index in 0..<49 { _ = try await EmojiTests.add("e\(index)", to: nest, scene.server) }
            let full = try await alice.sends(drawing, named: "a", to: path, field: "image", ["name": "full"])
            #expect(full.outcome == "400 Invalid input")
            try await alice.does(.DELETE, "\(path)/\(try made.json.text("id"))")
            #expect(try await scene.server.fetch(try made.json.text("url")).outcome == "404 Emoji not found")
        }
    }

    @Test("many pictures are no flood", arguments: DatabaseKind.allCases)
    func limits(kind: DatabaseKind) async throws {
        try await TestServer.with(kind, ["rate_limiting.enabled": "true"]) { server in
            let alice = try await server.person("alice")
            let replies = try await atOnce(200) { _ in try await server.fetch("/api/v1/avatars/users/\(alice.id)") }
            #expect(replies.allSatisfy { $0.status == 200 })
            #expect(replies.first?.headers["x-ratelimit-bucket"] == ["media"])
            #expect(try await server.send(.GET, "/version").status == 200)
        }
    }
}
