import Client
import Foundation
import Kernel
import NIOHTTP1
import TestDatabase
import TestPrograms
import Testing

@testable import Chat
@testable import Content

@Suite("Attachments")
struct AttachmentTests {
    private static func contains(_ bytes: [UInt8], _ word: String) -> Bool {
        Data(bytes).range(of: Data(word.utf8)) != nil
    }

    @Test("a picture is uploaded, shown in a message and fetched", arguments: DatabaseKind.allCases)
    func picture(kind: DatabaseKind) async throws {
        try await EventTests.with(kind) { scene in
            let photo = try await SampleFiles.bytes("photo.jpg")
            let uploaded = try await scene.alice.uploads(photo, named: "photo.jpg", to: scene.nest.general)
            #expect(uploaded["content_type"] == "image/jpeg")
            #expect((uploaded["width"], uploaded["height"]) == (600, 800), "as people see it")
            #expect(uploaded["blurhash"]?.string?.count == 28)
            let message = try await scene.alice.shows([uploaded], in: scene.nest.general)
            #expect(message["content"] == .null)
            #expect(message["attachments"] == [uploaded])
            #expect(try await scene.bobHears.hears("MESSAGE_CREATE")["d"] == message)

            let address = try uploaded.text("url")
            let reply = try await scene.server.fetch(address)
            #expect(reply.status == 200)
            #expect(reply.body.sha256 == uploaded["hash"]?.string)
            #expect(reply.headers["content-type"] == ["image/jpeg"])
            #expect(reply.headers["content-disposition"].first?.hasPrefix("inline; filename=\"photo.jpg\"") == true)
            for word in ["SecretCamera", "Exif\0\0II*\0\u{8}\0\0\0\u{9}"] { #expect(!Self.contains(reply.body, word)) }
            for thumbnail in uploaded["thumbnails"]?.array ?? [] {
                let small = try await scene.server.fetch(try thumbnail.text("url"))
                #expect(small.status == 200)
                #expect(small.headers["content-type"] == ["image/webp"])
                #expect(small.body.count < reply.body.count)
            }
            #expect(uploaded["thumbnails"]?.count == 4)
            let history = try await scene.bob.does(.GET, "/channels/\(scene.nest.general)/messages")
            #expect(history[0]?["attachments"] == [uploaded])
        }
    }

    @Test("what a file is does not depend on its name", arguments: DatabaseKind.allCases)
    func types(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            let nest = try await alice.foundsServer()
            let page = Array("<html><script>alert(document.domain)</script>".utf8)
            let uploaded = try await alice.uploads(page, named: "photo.png", to: nest.general)
            #expect(uploaded["content_type"] == "text/plain")
            #expect(uploaded["thumbnails"] == .null)
            let reply = try await server.fetch(try uploaded.text("url"))
            #expect(reply.headers["content-type"] == ["text/plain; charset=utf-8"])
            #expect(reply.headers["content-disposition"].first?.hasPrefix("attachment;") == true)
            #expect(reply.headers["x-content-type-options"] == ["nosniff"])
            #expect(reply.headers["content-security-policy"].first?.contains("sandbox") == true)
            let svg = try await alice.uploads(
                Array("<svg onload=\"alert(1)\"/>".utf8), named: "a.svg", to: nest.general)
            #expect(
                try await server.fetch(try svg.text("url")).headers["content-type"] == ["text/plain; charset=utf-8"])
            let outcome = try await server.fetch(try uploaded.text("url") + "&size=64").outcome
            #expect(outcome == "400 Invalid input")
            let film = try await alice.uploads(sample: "film.mp4", to: nest.general)
            #expect((film["content_type"], film["width"], film["height"]) == ("video/mp4", 320, 240))
            #expect(film["duration_ms"]?.integer.map { (1900...2200).contains($0) } == true)
            #expect(
                try await server.fetch(try film.text("url") + "&size=128").headers["content-type"] == ["image/webp"])
            let tone = try await alice.uploads(sample: "tone.wav", to: nest.general)
            #expect((tone["content_type"], tone["duration_ms"], tone["width"]) == ("audio/wav", 1000, .null))
        }
    }

    @Test(
        "a film is turned as people see it, and what has nothing to be seen is a sound",
        arguments: DatabaseKind.allCases)
    func filmsAndSounds(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            let nest = try await alice.foundsServer()
            let turned = try await alice.uploads(sample: "film-90.mp4", to: nest.general)
            #expect((turned["content_type"], turned["width"], turned["height"]) == ("video/mp4", 240, 320))
            for (name, type) in [
                ("voice.webm", "audio/webm"), ("voice.mp4", "audio/mp4"), ("covered.mp3", "audio/mpeg"),
            ] {
                let sound = try await alice.uploads(sample: name, to: nest.general)
                #expect(sound["content_type"]?.string == type)
                #expect((sound["width"], sound["height"], sound["thumbnails"]) == (.null, .null, .null), "\(name)")
                #expect(sound["duration_ms"]?.integer.map { (1900...2200).contains($0) } == true, "\(name)")
                let reply = try await server.fetch(try sound.text("url"))
                #expect(reply.headers["content-type"] == [type])
            }
            let film = try await alice.uploads(sample: "film.ogv", to: nest.general)
            #expect((film["content_type"], film["width"], film["height"]) == ("video/ogg", 320, 240))
            // The smaller forms of a film are made of the film itself.
            let small = try await server.fetch(try film.text("url") + "&size=64")
            #expect((small.status, small.headers["content-type"]) == (200, ["image/webp"]))
        }
    }

    @Test(
        "what browsers show is taken: cut pictures, pictures that move, texts with a program's letters",
        arguments: DatabaseKind.allCases)
    func shownByBrowsers(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            let nest = try await alice.foundsServer()
            let photo = try await SampleFiles.bytes("photo.jpg")
            let cut = try await alice.uploads(Array(photo.dropLast(2)), named: "cut.jpg", to: nest.general)
            #expect((cut["content_type"], cut["width"], cut["height"]) == ("image/jpeg", 600, 800))
            #expect(!Self.contains(try await server.fetch(try cut.text("url")).body, "SecretCamera"))
            let dance = try await SampleFiles.bytes("dance.gif")
            let dancing = try await alice.uploads(Array(dance.dropLast()), named: "cut.gif", to: nest.general)
            #expect((dancing["content_type"], dancing["width"], dancing["height"]) == ("image/gif", 100, 50))
            let moving = try await alice.uploads(sample: "dance.png", to: nest.general)
            #expect(moving["content_type"] == "image/png")
            for thumbnail in moving["thumbnails"]?.array ?? [] {
                let small = try await server.fetch(try thumbnail.text("url"))
                #expect(Self.contains(small.body, "ANMF"), "it moves")
            }
            let avatar = try await alice.sends(
                try await SampleFiles.bytes("dance.png"), named: "a.png", to: "/avatars/users/@me", field: "image")
            #expect((avatar.status, avatar.json["animated"]) == (200, true))
            let text = try await alice.uploads(
                Array("MZ is the code of Mozambique.".utf8), named: "mz.txt", to: nest.general)
            #expect(text["content_type"] == "text/plain")
        }
    }

    @Test("what is too large, of a refused type, broken or a bomb is refused", arguments: DatabaseKind.allCases)
    func refusals(kind: DatabaseKind) async throws {
        try await TestServer.with(kind, ["limits.upload_mib": "1"]) { server in
            let alice = try await server.person("alice")
            let nest = try await alice.foundsServer()
            let path = "/channels/\(nest.general)/attachments"
            let large = try await alice.sends(.noise((1 << 20) + 1), named: "a.bin", to: path)
            #expect(large.outcome == "400 File too large")
            #expect(large.json["error"]?["limit"] == 1_048_576)
            let exact = try await alice.sends(.noise(1 << 20), named: "a.bin", to: path)
            #expect(exact.status == 201)
            let huge = try await alice.sends(.noise(3 << 20), named: "a.bin", to: path)
            #expect(huge.outcome == "400 File too large")
            let program = try await alice.sends(.windowsProgram, named: "holiday.jpg", to: path)
            #expect(program.outcome == "400 Invalid file type")
            let empty = try await alice.sends([], named: "a.txt", to: path)
            #expect(empty.outcome == "400 Invalid file type")
            let broken = try await alice.sends(
                Array(try await SampleFiles.bytes("photo.jpg").prefix(100)), named: "a.jpg", to: path)
            #expect(broken.outcome == "400 Invalid file type")
            let bomb = try await alice.sends(try await SampleFiles.bytes("bomb.png"), named: "a.png", to: path)
            #expect(bomb.outcome == "400 File too large")
            let noFile = try await alice.sends([1], named: "a", to: path, field: "other")
            #expect(noFile.outcome == "400 Invalid input")
            let json = try await alice.send(.POST, path, ["file": "a"])
            #expect(json.outcome == "400 Invalid input")
            #expect(try Self.staged(server) == [])
        }
    }

    /// What lies in the folder for files on their way.
    static func staged(_ server: TestServer) throws -> [String] {
        let folder = server.folder + "/media/staging"
        return try FileManager.default.contentsOfDirectory(atPath: folder).flatMap { node in
            try FileManager.default.contentsOfDirectory(atPath: "\(folder)/\(node)")
        }
    }

    /// The objects in the store.
    static func objects(_ server: TestServer) -> [String] {
        let all = FileManager.default.enumerator(atPath: server.folder + "/media/objects")?.allObjects ?? []
        return all.compactMap { $0 as? String }.filter {
            $0.contains("-") || $0.hasPrefix("uploads/") && $0.split(separator: "/").count == 3
        }
    }

    @Test("the same content is there once, whoever uploads it", arguments: DatabaseKind.allCases)
    func once(kind: DatabaseKind) async throws {
        try await EventTests.with(kind) { scene in
            let bytes = [UInt8].noise(100_000)
            let uploads = try await atOnce(6) { index in
                let person = index.isMultiple(of: 2) ? scene.alice : scene.bob
                return try await person.uploads(bytes, named: "file-\(index).bin", to: scene.nest.general)
            }
            #expect(Set(uploads.compactMap { $0["hash"]?.string }) == [bytes.sha256])
            #expect(Set(uploads.compactMap { $0["id"]?.string }).count == 6)
            #expect(Self.objects(scene.server).count == 1)
            for upload in uploads {
                let reply = try await scene.server.fetch(try upload.text("url"))
                #expect(reply.body == bytes)
            }
        }
    }

    @Test("a message takes only unused uploads of its author to its channel", arguments: DatabaseKind.allCases)
    func ownership(kind: DatabaseKind) async throws {
        try await EventTests.with(kind) { scene in
            let (alice, bob, general) = (scene.alice, scene.bob, scene.nest.general)
            let other = try await alice.opensChannel("other", in: scene.nest)
            let file = try await alice.uploads([1, 2, 3], named: "a.bin", to: general)
            let id = try file.text("id")
            @Sendable func outcome(_ person: Person, _ channel: String, _ ids: [JSON]) async throws -> String {
                try await person.outcome(
                    .POST, "/channels/\(channel)/messages", ["content": "x", "attachments": .array(ids)])
            }
            #expect(try await outcome(bob, general, [.string(id)]) == "400 Invalid input")
            #expect(try await outcome(alice, other, [.string(id)]) == "400 Invalid input")
            #expect(try await outcome(alice, general, [.string(id), .string(id)]) == "400 Invalid input")
            #expect(try await outcome(alice, general, ["1"]) == "400 Invalid input")
            #expect(try await outcome(alice, general, ["x"]) == "400 Invalid input")
            #expect(try await outcome(alice, general, [JSON](repeating: .string(id), count: 11)) == "400 Invalid input")
            let outcomes = try await atOnce(4) { _ in try await outcome(alice, general, [.string(id)]) }
            #expect(outcomes.count { $0 == "201" } == 1, "an upload is in one message: \(outcomes)")
            #expect(try await outcome(alice, general, [.string(id)]) == "400 Invalid input")
        }
    }

    @Test("sending again with the same nonce returns the files, too", arguments: DatabaseKind.allCases)
    func nonce(kind: DatabaseKind) async throws {
        try await EventTests.with(kind) { scene in
            let file = try await scene.alice.uploads([1, 2, 3], named: "a.bin", to: scene.nest.general)
            let body: JSON = ["attachments": [file["id"] ?? .null], "nonce": "once"]
            let path = "/channels/\(scene.nest.general)/messages"
            let first = try await scene.alice.send(.POST, path, body)
            let second = try await scene.alice.send(.POST, path, body)
            #expect((first.status, second.status) == (201, 200))
            #expect(first.json == second.json)
            #expect(first.json["attachments"]?.count == 1)
        }
    }

    @Test("sending twice at once with the same nonce returns the files as well", arguments: DatabaseKind.allCases)
    func nonceAtOnce(kind: DatabaseKind) async throws {
        try await EventTests.with(kind) { scene in
            try await scene.alice.says("before", in: scene.nest.general)
            let file = try await scene.alice.uploads([1, 2, 3], named: "a.bin", to: scene.nest.general)
            let body: JSON = ["attachments": [file["id"] ?? .null], "nonce": "once"]
            let replies = try await atOnce(8) { _ in
                try await scene.alice.send(.POST, "/channels/\(scene.nest.general)/messages", body)
            }
            #expect(replies.map(\.status).sorted() == Array(repeating: 200, count: 7) + [201])
            #expect(replies.allSatisfy { $0.json["attachments"]?.count == 1 })
        }
    }

    @Test("a file is for those who can see its channel", arguments: DatabaseKind.allCases)
    func sight(kind: DatabaseKind) async throws {
        try await EventTests.with(kind) { scene in
            let (alice, bob, server) = (scene.alice, scene.bob, scene.server)
            let mallory = try await server.person("mallory")
            let secret = try await alice.opensChannel("secret", in: scene.nest)
            try await alice.closes(secret, in: scene.nest)
            let file = try await alice.uploads([1, 2, 3], named: "a.bin", to: secret)
            let bare = String(try file.text("url").prefix { $0 != "?" })
            let unused = try await server.fetch(bare, token: alice.token)
            #expect(unused.body == [1, 2, 3], "their own, before it is used")
            #expect(try await server.fetch(bare, token: bob.token).outcome == "403 Access denied")
            try await alice.shows([file], in: secret)
            #expect(try await server.fetch(bare, token: alice.token).body == [1, 2, 3])
            #expect(try await server.fetch(bare, token: bob.token).outcome == "403 Access denied")
            #expect(try await server.fetch(bare, token: mallory.token).outcome == "403 Access denied")
            #expect(try await server.fetch(bare).outcome == "401 Authentication required")
            #expect(try await server.fetch(bare, token: "wrong").outcome == "401 Invalid token")
            #expect(
                try await bob.sends([1], named: "a", to: "/channels/\(secret)/attachments").outcome
                    == "403 Access denied")
            let nowhere = "/api/v1/media/attachments/1/a.bin"
            #expect(try await server.fetch(nowhere, token: bob.token).outcome == "404 Attachment not found")
            #expect(try await server.fetch(nowhere).outcome == "401 Authentication required")
            #expect(try await server.fetch(nowhere + "?expires=1&signature=a").outcome == "403 Access denied")
            let odd = try await server.fetch("/api/v1/media/attachments/x/a.bin", token: bob.token)
            #expect(odd.outcome == "400 Invalid input")
        }
    }

    @Test("a signed address holds for a day, for this file, as it is", arguments: DatabaseKind.allCases)
    func signatures(kind: DatabaseKind) async throws {
        try await EventTests.with(kind) { scene in
            let server = scene.server
            let file = try await scene.alice.uploads([1, 2, 3], named: "a.bin", to: scene.nest.general)
            let other = try await scene.alice.uploads([4, 5, 6], named: "b.bin", to: scene.nest.general)
            let message = try await scene.alice.shows([file], in: scene.nest.general)
            let address = try file.text("url")
            #expect(try await server.fetch(address).body == [1, 2, 3])
            let query = address.drop { $0 != "?" }
            let foreign = String(try other.text("url").prefix { $0 != "?" }) + query
            #expect(try await server.fetch(foreign).outcome == "403 Access denied")
            let later = address.replacing(/expires=\d+/, with: "expires=4102444800")
            #expect(try await server.fetch(later).outcome == "403 Access denied")
            #expect(try await server.fetch(address + "A").outcome == "403 Access denied")
            let half = try await server.fetch(String(address.prefix { $0 != "&" }))
            #expect(half.outcome == "400 Invalid input")
            server.clock.advance(by: .seconds(24 * 3600 - 60))
            #expect(try await server.fetch(address).status == 200)
            server.clock.advance(by: .seconds(13 * 3600))
            #expect(try await server.fetch(address).outcome == "403 Access denied")
            let again = try await scene.alice.does(
                .GET, "/channels/\(scene.nest.general)/messages/\(try message.text("id"))")
            #expect(try await server.fetch(try again["attachments"]?[0]?.text("url") ?? "").status == 200)
        }
    }

    @Test("a file can be had in part, and not again by who has it", arguments: DatabaseKind.allCases)
    func ranges(kind: DatabaseKind) async throws {
        try await EventTests.with(kind) { scene in
            let bytes = [UInt8].noise(600_000)
            let file = try await scene.alice.uploads(bytes, named: "a.bin", to: scene.nest.general)
            let address = try file.text("url")
            func fetch(_ headers: HTTPHeaders) async throws -> HTTPReply {
                try await scene.server.fetch(address, headers: headers)
            }
            let whole = try await fetch([:])
            #expect((whole.status, whole.body == bytes) == (200, true))
            #expect(whole.headers["accept-ranges"] == ["bytes"])
            let tag = whole.headers.first(name: "etag") ?? ""
            for (range, expected) in [
                ("bytes=0-0", 0..<1), ("bytes=10-19", 10..<20), ("bytes=599990-", 599_990..<600_000),
                ("bytes=-5", 599_995..<600_000), ("bytes=599999-9999999", 599_999..<600_000),
                ("bytes=-9999999", 0..<600_000),
                ("bytes=1-9223372036854775807", 1..<600_000), ("bytes=-9223372036854775808", 0..<600_000),
                ("bytes=2-99999999999999999999", 2..<600_000),
            ] {
                let part = try await fetch(["range": range])
                #expect(part.status == 206, "\(range)")
                #expect(part.body == Array(bytes[expected]), "\(range)")
                #expect(
                    part.headers["content-range"] == ["bytes \(expected.lowerBound)-\(expected.upperBound - 1)/600000"],
                    "\(range)")
            }
            for range in [
                "bytes=600000-", "bytes=700000-", "bytes=5-4", "bytes=-0", "bytes=700000-800000", "bytes=9-3",
                "bytes=9223372036854775807-", "bytes=99999999999999999999-",
                "bytes=9223372036854775807-9223372036854775807",
            ] {
                let refused = try await fetch(["range": range])
                #expect(refused.outcome == "416 Range not satisfiable", "\(range)")
                #expect(refused.headers["content-range"] == ["bytes */600000"])
            }
            for range in ["bytes=0-1,5-6", "lines=1-2", "bytes=a-b", "bytes=-"] {
                #expect(try await fetch(["range": range]).status == 200, "\(range)")
            }
            #expect(try await fetch(["range": "bytes=0-0", "if-range": tag]).status == 206)
            #expect(try await fetch(["range": "bytes=0-0", "if-range": "\"other\""]).status == 200)
            let known = try await fetch(["if-none-match": "\"x\", \(tag)"])
            #expect((known.status, known.body) == (304, []))
            #expect(try await fetch(["if-none-match": "\"x\""]).status == 200)
            // Gzip would only make it slower.
            #expect(try await fetch(["accept-encoding": "gzip"]).headers["content-encoding"] == [])
            let head = try await scene.server.send(.HEAD, "/" + address, bytes: nil)
            #expect((head.status, head.headers["content-length"]) == (200, ["600000"]))
        }
    }

    @Test("what no message uses is gone after a day, what is deleted at once", arguments: DatabaseKind.allCases)
    func lifetimes(kind: DatabaseKind) async throws {
        try await EventTests.with(kind) { scene in
            let (alice, server, general) = (scene.alice, scene.server, scene.nest.general)
            let unused = try await alice.uploads(.noise(1000), named: "unused.bin", to: general)
            let used = try await alice.uploads(sample: "drawing.png", to: general)
            let deleted = try await alice.uploads(.noise(1000), named: "deleted.bin", to: general)
            let shared = try await alice.uploads(sample: "drawing.png", to: general)
            try await alice.shows([used], in: general)
            let message = try await alice.shows([deleted, shared], in: general)
            #expect(Self.objects(server).count == 4, "three files and a thumbnail")
            try await alice.does(.DELETE, "/channels/\(general)/messages/\(try message.text("id"))")
            let signed = try deleted.text("url")
            #expect(try await server.fetch(signed).outcome == "403 Access denied")
            try await server.keepsUp()
            #expect(Self.objects(server).count == 3, "what is shared stays")
            #expect(try await server.fetch(try used.text("url")).status == 200)
            server.clock.advance(by: .seconds(24 * 3600 + 1))
            try await server.keepsUp()
            let bare = String(try unused.text("url").prefix { $0 != "?" })
            #expect(try await server.fetch(bare, token: alice.token).outcome == "404 Attachment not found")
            #expect(Self.objects(server).count == 2)
            let history = try await alice.does(.GET, "/channels/\(general)/messages")
            #expect(try await server.fetch(try history[0]?["attachments"]?[0]?.text("url") ?? "").status == 200)
            try await alice.does(.DELETE, "/servers/\(scene.nest.id)")
            try await server.keepsUp()
            #expect(Self.objects(server) == [], "also the thumbnail")
        }
    }

    @Test("an account has so many uploads a day", arguments: DatabaseKind.allCases)
    func daily(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            let nest = try await alice.foundsServer()
            for index in 0..<50 { _ = try await alice.uploads([UInt8(index)], named: "a", to: nest.general) }
            let reply = try await alice.sends([99], named: "a", to: "/channels/\(nest.general)/attachments")
            #expect(reply.outcome == "429 Rate limited")
            #expect(reply.json["error"]?["retry_after"] != nil)
            let draft: JSON = ["filename": "a", "total_size": 5, "channel_id": .string(nest.general)]
            #expect(try await alice.outcome(.POST, "/media/upload/session", draft) == "429 Rate limited")
            server.clock.advance(by: .seconds(24 * 3600))
            #expect(try await alice.sends([99], named: "a", to: "/channels/\(nest.general)/attachments").status == 201)
        }
    }

    @Test("a tier has its own size", arguments: DatabaseKind.allCases)
    func tiers(kind: DatabaseKind) async throws {
        try await TestServer.with(kind, ["limits.upload_mib": "1"]) { server in
            var alice = try await server.person("alice")
            let nest = try await alice.foundsServer()
            let path = "/channels/\(nest.general)/attachments"
            #expect(try await alice.sends(.noise(2 << 20), named: "a", to: path).outcome == "400 File too large")
            try await server.operate { try await $0.setTier(.alpha, of: "alice") }
            alice = try await alice.onAnotherDevice()
            #expect(try await alice.sends(.noise(2 << 20), named: "a", to: path).status == 201)
            #expect(try await alice.sends(.noise(3 << 20), named: "a", to: path).outcome == "400 File too large")
        }
    }

    @Test("a file that is blocked by its hash is neither taken nor given", arguments: DatabaseKind.allCases)
    func blocked(kind: DatabaseKind) async throws {
        try await EventTests.with(kind) { scene in
            let root = try await scene.server.administrator()
            let bytes = [UInt8].noise(5000)
            let file = try await scene.alice.uploads(bytes, named: "a.bin", to: scene.nest.general)
            try await root.does(.POST, "/admin/blocked-hashes", ["value": .string(bytes.sha256.uppercased())])
            #expect(try await scene.server.fetch(try file.text("url")).outcome == "404 Attachment not found")
            let again = try await scene.bob.sends(
                bytes, named: "b.txt", to: "/channels/\(scene.nest.general)/attachments")
            #expect(again.outcome == "400 Invalid file type")
            // Of a picture the hash that people see is that of the cleaned one; both are blocked.
            let photo = try await SampleFiles.bytes("photo.jpg")
            let shown = try await scene.alice.uploads(photo, named: "p.jpg", to: scene.nest.general)
            try await root.does(.POST, "/admin/blocked-hashes", ["value": shown["hash"] ?? .null])
            let picture = try await scene.bob.sends(
                photo, named: "p.jpg", to: "/channels/\(scene.nest.general)/attachments")
            #expect(picture.outcome == "400 Invalid file type")
            try await root.does(.DELETE, "/admin/blocked-hashes?value=\(bytes.sha256)")
            #expect(try await scene.server.fetch(try file.text("url")).status == 200)
        }
    }

    @Test("who may not attach files does not", arguments: DatabaseKind.allCases)
    func permission(kind: DatabaseKind) async throws {
        try await EventTests.with(kind) { scene in
            let (alice, bob, general) = (scene.alice, scene.bob, scene.nest.general)
            let file = try await bob.uploads([1], named: "a", to: general)
            let everyone = try await alice.everyoneRole(of: scene.nest)
            try await alice.does(
                .PUT, "/channels/\(general)/overwrites/\(everyone)",
                ["type": "role", "deny": ["messages.attach_files"]])
            #expect(
                try await bob.sends([1], named: "a", to: "/channels/\(general)/attachments").outcome
                    == "403 Permission denied")
            let body: JSON = ["attachments": [file["id"] ?? .null]]
            #expect(try await bob.outcome(.POST, "/channels/\(general)/messages", body) == "403 Permission denied")
            let draft: JSON = ["filename": "a", "total_size": 5, "channel_id": .string(general)]
            #expect(try await bob.outcome(.POST, "/media/upload/session", draft) == "403 Permission denied")
            let conversation = try await alice.conversation(with: bob)
            #expect(try await bob.sends([1], named: "a", to: "/channels/\(conversation)/attachments").status == 201)
            try await alice.does(.POST, "/relationships/block", ["user_id": .string(bob.id)])
            #expect(
                try await bob.sends([1], named: "a", to: "/channels/\(conversation)/attachments").outcome
                    == "403 Cannot message this user")
        }
    }

    @Test("messages are found by what is attached to them", arguments: DatabaseKind.allCases)
    func search(kind: DatabaseKind) async throws {
        try await EventTests.with(kind) { scene in
            let (alice, general) = (scene.alice, scene.nest.general)
            try await alice.says("nothing", in: general)
            let picture = try await alice.shows(
                [try await alice.uploads(sample: "drawing.png", to: general)], in: general)
            let film = try await alice.shows([try await alice.uploads(sample: "film.mp4", to: general)], in: general)
            let tone = try await alice.shows([try await alice.uploads(sample: "tone.wav", to: general)], in: general)
            for (kind, expected) in [
                ("image", [picture]), ("video", [film]), ("sound", [tone]), ("file", [tone, film, picture]),
            ] {
                let found = try await alice.does(.GET, "/channels/\(general)/messages/search?has=\(kind)")
                #expect(found.column("id") == (try expected.map { try $0.text("id") }), "\(kind)")
            }
        }
    }

    @Test("a scheduled message keeps its files until it is sent", arguments: DatabaseKind.allCases)
    func scheduled(kind: DatabaseKind) async throws {
        try await EventTests.with(kind) { scene in
            let (alice, server, general) = (scene.alice, scene.server, scene.nest.general)
            let file = try await alice.uploads([1, 2, 3], named: "a.bin", to: general)
            let moment = server.clock.now().seconds + 3 * 86_400
            try await alice.does(
                .POST, "/channels/\(general)/scheduled-messages",
                ["attachments": [file["id"] ?? .null], "send_at": .integer(moment)])
            server.clock.advance(by: .seconds(2 * 86_400))
            try await server.keepsUp()
            server.clock.advance(by: .seconds(86_400))
            let sent = try await scene.bobHears.hears("MESSAGE_CREATE")
            #expect(sent["d"]?["attachments"]?[0]?["filename"] == "a.bin")
        }
    }

    @Test(
        "names of files are made harmless",
        arguments: [
            ("../../etc/passwd", "passwd"), ("C:\\a\\b.txt", "b.txt"), (".htaccess", "htaccess"),
            ("a\u{202E}gpj.exe", "agpj.exe"),
            ("a\nb.txt", "ab.txt"), ("", "file"), ("...", "file"), ("日本語.txt", "日本語.txt"),
            (String(repeating: "a", count: 300) + ".txt", String(repeating: "a", count: 251) + ".txt"),
        ])
    func names(given: String, expected: String) { #expect(Filename.cleaned(given) == expected) }

    @Test("a client that goes away in the middle leaves nothing", arguments: DatabaseKind.allCases)
    func brokenOff(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            let nest = try await alice.foundsServer()
            let connection = try await RawConnection.connect(port: server.port)
            let form = FormBody.file(.noise(500_000), named: "a.bin").bytes
            try await connection.write(
                """
                POST /api/v1/channels/\(nest.general)/attachments HTTP/1.1\r\nHost: localhost\r
                Authorization: Bearer \(alice.token)\r\nContent-Length: \(form.count)\r
                Content-Type: multipart/form-data; boundary=\(FormBody.boundary)\r\n\r\n
                """)
            try await connection.write(Array(form.prefix(300_000)))
            try await eventually { try !Self.staged(server).isEmpty }
            await connection.close()
            try await eventually { try Self.staged(server).isEmpty }
            #expect(Self.objects(server) == [])
        }
    }
}
