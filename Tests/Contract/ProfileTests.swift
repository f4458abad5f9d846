import Client
import Database
import Foundation
import Kernel
import NIOHTTP1
import TestDatabase
import TestPrograms
import Testing

@testable import People

@Suite("Profiles")
struct ProfileTests {
    private static let whole: JSON = [
        "bio": "Counts *birds*.", "pronouns": "they/them", "location": "Oslo", "timezone": "Europe/Oslo",
        "accent_color": "#A1B2C3", "social_links": [["name": "Birds", "url": "https://birds.example/~ada"]],
        "status": "watching", "status_emoji": "🦜",
    ]

    /// What only some see, by who has to be able to.
    private static let hidden = ["bio", "pronouns", "location", "timezone", "accent_color", "social_links"]

    private static func shown(_ profile: JSON) -> [String] {
        hidden.filter { profile[$0] != .null && profile[$0] != [] }
    }

    @Test(
        "what one says of oneself is kept, told to one's own devices, and taken back", arguments: DatabaseKind.allCases)
    func changing(kind: DatabaseKind) async throws {
        try await EventTests.with(kind) { scene in
            let alice = scene.alice
            let empty = try await alice.does(.GET, "/users/\(alice.id)/profile")
            #expect(Self.shown(empty).isEmpty && empty["banner_url"] == .null && empty["status"] == .null)
            try await scene.server.expectWritten(["USER_UPDATE": 1]) {
                let changed = try await alice.does(.PATCH, "/users/@me/profile", Self.whole)
                #expect(changed["accent_color"] == "#a1b2c3")
                #expect(changed["social_links"] == [["name": "Birds", "url": "https://birds.example/~ada"]])
                #expect((changed["status"], changed["status_emoji"]) == ("watching", "🦜"))
                #expect(try await alice.does(.GET, "/users/\(alice.id)/profile") == changed)
            }
            try await scene.server.expectWritten(["USER_UPDATE": 1]) {
                try await alice.does(.PATCH, "/users/@me/profile", ["pronouns": "she/her"])
            }
            #expect(try await alice.does(.GET, "/users/\(alice.id)/presence")["custom_status"] == "watching")
            let cleared: JSON = [
                "bio": .null, "pronouns": .null, "location": " ", "timezone": .null, "accent_color": .null,
                "social_links": .null, "status": "", "status_emoji": .null,
            ]
            let wrapped = try await alice.does(.PATCH, "/features/users/@me/profile", cleared)
            #expect(wrapped["success"] == true)
            #expect(wrapped["profile"] == empty)
            #expect(try await alice.does(.GET, "/features/users/\(alice.id)/profile")["profile"] == empty)
        }
    }

    @Test("the account's own route takes the profile, all or nothing", arguments: DatabaseKind.allCases)
    func account(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let (alice, _) = (try await server.person("alice"), try await server.person("bob"))
            let both: JSON = ["display_name": "Ada", "location": "Oslo", "visibility": ["bio": "friends"], "bio": "x"]
            let changed = try await alice.does(.PATCH, "/users/@me", both)
            #expect((changed["display_name"], changed["bio"]) == ("Ada", "x"))
            let taken: JSON = ["username": "bob", "location": "Rome", "status": "x", "bio": "y"]
            #expect(try await alice.outcome(.PATCH, "/users/@me", taken) == "409 Username already taken")
            let profile = try await alice.does(.GET, "/users/\(alice.id)/profile")
            #expect((profile["location"], profile["bio"], profile["status"]) == ("Oslo", "x", .null))
            let wrong = try await alice.send(.PATCH, "/users/@me", ["username": "b", "timezone": "Mars/Base"])
            #expect(
                wrong.json["error"]?["details"]?.array?.compactMap { $0["field"]?.string } == ["username", "timezone"])
        }
    }

    @Test("each field has its own circle, and a block closes them all", arguments: DatabaseKind.allCases)
    func circles(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let names = ["alice", "stranger", "member", "friend", "blocked"]
            var people: [String: Person] = [:]
            for name in names { people[name] = try await server.person(name) }
            let alice = try #require(people["alice"])
            let nest = try await alice.foundsServer()
            for name in ["member", "blocked"] { try await people[name]?.joins(nest) }
            try await people["friend"]?.befriends(alice)
            try await people["blocked"]?.befriends(alice)
            try await alice.does(.PATCH, "/users/@me/profile", Self.whole)
            try await alice.does(.POST, "/relationships/block", ["user_id": .string(people["blocked"]?.id ?? "")])
            func sees(_ name: String) async throws -> [String] {
                let viewer = try #require(people[name])
                let profile = try await viewer.does(.GET, "/users/\(alice.id)/profile")
                #expect((profile["visibility"] == .null) == (name != "alice"))
                let user = try await viewer.does(.GET, "/users/\(alice.id)")
                let found = try await viewer.does(.GET, "/users/search?username=alice")[0]
                if name != "alice" { #expect((user["bio"], found?["bio"]) == (profile["bio"], profile["bio"])) }
                return Self.shown(profile)
            }
            #expect(try await sees("alice") == Self.hidden)
            #expect(try await sees("friend") == Self.hidden)
            #expect(try await sees("member") == Self.hidden.filter { $0 != "location" })
            #expect(try await sees("stranger") == ["bio", "pronouns", "accent_color", "social_links"])
            #expect(try await sees("blocked") == [])
            let closed = JSON.object(Dictionary(uniqueKeysWithValues: Self.hidden.map { ($0, .string("nobody")) }))
            let changed = try await alice.does(.PATCH, "/users/@me/profile", ["visibility": closed])
            #expect(changed["visibility"] == closed)
            for name in ["friend", "member", "stranger", "blocked"] { #expect(try await sees(name) == []) }
            try await alice.does(
                .PATCH, "/users/@me/profile", ["visibility": ["location": "everyone", "pronouns": "contacts"]])
            #expect(try await sees("stranger") == ["location"])
            #expect(try await sees("member") == ["pronouns", "location"])
        }
    }

    @Test("what is for some is in no event, no list and no search of others", arguments: DatabaseKind.allCases)
    func elsewhere(kind: DatabaseKind) async throws {
        try await EventTests.with(kind) { scene in
            let (alice, bob) = (scene.alice, scene.bob)
            try await bob.befriends(alice)
            let talk = try await bob.does(.POST, "/users/@me/channels", ["recipient_id": .string(alice.id)]).text("id")
            try await alice.does(.PATCH, "/users/@me/profile", ["bio": "for all"])
            #expect(try await scene.bobHears.awaits("USER_UPDATE")["d"]?["bio"] == "for all")
            try await alice.does(.PATCH, "/users/@me/profile", ["visibility": ["bio": "nobody"]])
            #expect(try await scene.bobHears.awaits("USER_UPDATE")["d"]?["bio"] == .null)
            func seen() async throws -> [JSON?] {
                let channel = try await bob.does(.GET, "/channels/\(talk)")
                let list = try await bob.does(.GET, "/users/@me/channels")
                let recipients = (channel["recipients"]?.array ?? []) + (list[0]?["recipients"]?.array ?? [])
                let found = try await bob.does(.GET, "/search/users?q=alice").array ?? []
                return (recipients + found).filter { $0["id"] == .string(alice.id) }.map { $0["bio"] }
            }
            #expect(try await seen() == [.null, .null, .null])
            try await alice.does(.PATCH, "/users/@me/profile", ["visibility": ["bio": "everyone"]])
            #expect(try await scene.bobHears.awaits("USER_UPDATE")["d"]?["bio"] == "for all")
            #expect(try await seen() == ["for all", "for all", "for all"])
            try await alice.does(.POST, "/relationships/block", ["user_id": .string(bob.id)])
            #expect(try await seen() == [.null, .null, .null])
            try await alice.does(.PATCH, "/users/@me", ["bio": "for others"])
            #expect(try await seen() == [.null, .null, .null])
            try await alice.says("marker", in: scene.nest.general)
            while true {
                let event = try await scene.bobHears.next(op: 0)
                if event["t"] == "USER_UPDATE" { #expect(event["d"]?["bio"] != "for others") }
                if event["t"] == "MESSAGE_CREATE" { break }
            }
        }
    }

    @Test("friends and servers in common are counted, of whom one may know", arguments: DatabaseKind.allCases)
    func mutual(kind: DatabaseKind) async throws {
        try await EventTests.with(kind) { scene in
            let (alice, bob) = (scene.alice, scene.bob)
            let carol = try await scene.server.person("carol")
            try await carol.befriends(alice)
            try await carol.befriends(bob)
            let apart = try await alice.foundsServer("Apart")
            try await carol.joins(apart)
            let profile = try await bob.does(.GET, "/users/\(alice.id)/profile")
            #expect(profile["mutual_server_ids"] == [.string(scene.nest.id)])
            #expect(profile["mutual_friend_count"] == 1)
            let own = try await alice.does(.GET, "/users/\(alice.id)/profile")
            #expect((own["mutual_server_ids"], own["mutual_friend_count"]) == ([], 0))
            try await alice.does(.POST, "/relationships/block", ["user_id": .string(bob.id)])
            let closed = try await bob.does(.GET, "/users/\(alice.id)/profile")
            #expect((closed["mutual_server_ids"], closed["mutual_friend_count"]) == ([], 0))
            #expect((closed["username"], closed["status"]) == ("alice", .null))
        }
    }

    @Test("odd texts, colours, time zones and links are refused by name", arguments: DatabaseKind.allCases)
    func refusals(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            func link(_ url: String) -> JSON { [["name": "x", "url": .string(url)]] }
            let long = JSON.string(String(repeating: "a", count: 101))
            let wrong: [(String, JSON)] = [
                ("pronouns", .string(String(repeating: "a", count: 41))), ("pronouns", "a\nb"),
                ("pronouns", "a\u{202E}b"),
                ("location", long), ("location", "\u{0}"), ("timezone", "Berlin"), ("timezone", "GMT+5"),
                ("timezone", "../etc/passwd"), ("timezone", "Europe/Atlantis"), ("timezone", ""), ("timezone", 1),
                ("accent_color", "red"), ("accent_color", "#12345"), ("accent_color", "#12345g"),
                ("social_links", link("javascript:alert(1)")), ("social_links", link("ftp://example.org")),
                ("social_links", link("https://bank.example@evil.example")), ("social_links", link("https://")),
                ("social_links", link("https://u:p@evil.example/")), ("social_links", link("https://a b")),
                ("social_links", link("https://" + String(repeating: "a", count: 293))),
                ("social_links", [["name": "", "url": "https://a.example"]]), ("social_links", [["url": "https://a"]]),
                ("social_links", .array(Array(repeating: ["name": "x", "url": "https://a.example"], count: 11))),
                ("visibility", ["bio": "some"]), ("visibility", ["location": .null]), ("visibility", "friends"),
                ("banner_url", "https://evil.example/who-looks.png"), ("banner_url", ""), ("status", long),
                ("bio", .string(String(repeating: "a", count: 1001))),
            ]
            for (field, value) in wrong where field != "status" || value.string?.count ?? 0 > 128 {
                let reply = try await alice.send(.PATCH, "/users/@me/profile", .object([field: value]))
                #expect(reply.outcome == "400 Invalid input", "\(field): \(value.text)")
                #expect(reply.json["error"]?["details"]?[0]?["field"] == .string(field), "\(field): \(value.text)")
            }
            let fine: [(String, JSON)] = [
                ("timezone", "UTC"), ("timezone", "America/Argentina/Buenos_Aires"), ("timezone", "Asia/Calcutta"),
                ("social_links", link("https://münchen.example/@ada")), ("social_links", []), ("bio", ""),
                ("location", "東京"), ("status_emoji", ""),
            ]
            for (field, value) in fine {
                #expect(
                    try await alice.outcome(.PATCH, "/users/@me/profile", .object([field: value])) == "200",
                    "\(field): \(value.text)")
                if field == "timezone" { server.clock.advance(by: .seconds(60)) }
            }
            #expect(try await alice.outcome(.GET, "/users/x/profile") == "400 Invalid user ID")
            #expect(try await alice.outcome(.GET, "/users/1/profile") == "404 User not found")
            #expect(try await alice.outcome(.GET, "/features/users/1/profile") == "404 User not found")
            #expect(try await alice.outcome(.GET, "/features/users/x/profile") == "400 Invalid user ID")
        }
    }

    @Test("what one hides is told nobody who comes back", arguments: DatabaseKind.allCases)
    func replays(kind: DatabaseKind) async throws {
        try await EventTests.with(kind) { scene in
            let (alice, bob) = (scene.alice, scene.bob)
            try await alice.befriends(bob)
            let absence = try await bob.goesAway()
            try await alice.does(.PATCH, "/users/@me/profile", ["bio": "a secret of mine"])
            try await alice.does(.PATCH, "/users/@me/profile", ["visibility": ["bio": "nobody"]])
            try await alice.does(.PATCH, "/users/@me", ["display_name": "Alice B."])
            let back = try await bob.returns(from: absence)
            #expect(!back.text.contains("secret"), "\(back.text)")
            #expect(back.data(of: "USER_UPDATE").map { $0["display_name"] } == ["Alice B."])
        }
    }

    // MARK: Banners

    @Test("a banner is cut to its shape, shown in two sizes and removed", arguments: DatabaseKind.allCases)
    func banner(kind: DatabaseKind) async throws {
        try await EventTests.with(kind) { scene in
            let (alice, server) = (scene.alice, scene.server)
            let address = "/api/v1/banners/users/\(alice.id)"
            #expect(try await server.fetch(address).outcome == "404 Resource not found")
            #expect(try await server.fetch("/api/v1/banners/users/1").outcome == "404 User not found")
            let photo = try await SampleFiles.bytes("photo.jpg")
            let reply = try await alice.sends(photo, named: "me.jpg", to: "/users/@me/banner", field: "image")
            #expect((reply.json["width"], reply.json["height"], reply.json["animated"]) == (1200, 400, false))
            try await scene.aliceHears.hears("USER_UPDATE")
            let url = try reply.json.text("banner_url")
            #expect(try await scene.bob.does(.GET, "/users/\(alice.id)/profile")["banner_url"] == .string(url))
            var sizes: [Int] = []
            for size in ["600", "1200"] {
                let picture = try await server.fetch("\(address)?size=\(size)")
                #expect(picture.headers["content-type"] == ["image/webp"])
                #expect(picture.headers["cache-control"] == ["public, max-age=86400"])
                #expect(Data(picture.body).range(of: Data("SecretCamera".utf8)) == nil)
                sizes.append(picture.body.count)
            }
            #expect(sizes[0] < sizes[1])
            #expect(try await server.fetch("\(address)?size=512").outcome == "400 Invalid input")
            #expect(try await alice.outcome(.PATCH, "/users/@me/profile", ["banner_url": .string(url)]) == "200")
            let dance = try await alice.sends(
                try await SampleFiles.bytes("dance.gif"), named: "a.gif", to: "/users/@me/banner")
            #expect((dance.json["width"], dance.json["animated"]) == (1200, true))
            #expect(
                try await alice.outcome(.PATCH, "/users/@me/profile", ["banner_url": .string(url)])
                    == "400 Invalid input", "that one is gone")
            try await alice.does(.PATCH, "/users/@me/profile", ["banner_url": .null])
            #expect(try await server.fetch(address).outcome == "404 Resource not found")
            #expect(try await alice.sends(photo, named: "me.jpg", to: "/users/@me/banner").status == 200)
            try await alice.does(.DELETE, "/users/@me/banner")
            #expect(try await alice.does(.GET, "/users/\(alice.id)/profile")["banner_url"] == .null)
            try await server.keepsUp()
            #expect(AttachmentTests.objects(server) == [])
        }
    }

    @Test("only pictures of a reasonable size become banners", arguments: DatabaseKind.allCases)
    func bannerRefusals(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            let path = "/users/@me/banner"
            let large = try await alice.sends(.noise((8 << 20) + 1), named: "a.png", to: path)
            #expect(large.outcome == "400 File too large")
            for (name, bytes) in [("a.png", Array("<svg/>".utf8)), ("a.gif", Array("GIF89a".utf8)), ("a.png", [])] {
                #expect(try await alice.sends(bytes, named: name, to: path).outcome == "400 Invalid file type")
            }
            let bomb = try await alice.sends(try await SampleFiles.bytes("bomb.png"), named: "a.png", to: path)
            #expect(bomb.outcome == "400 File too large")
        }
    }

    @Test("without the module there is the account and its bio", arguments: DatabaseKind.allCases)
    func module(kind: DatabaseKind) async throws {
        try await TestServer.with(kind, ["modules.profiles": "false"]) { server in
            let alice = try await server.person("alice")
            #expect(try await alice.does(.GET, "/capabilities")["profiles"] == false)
            #expect(try await alice.outcome(.GET, "/users/\(alice.id)/profile") == "503 Module not available")
            for field in ["pronouns", "location", "timezone", "accent_color", "banner_url", "status", "status_emoji"] {
                #expect(
                    try await alice.outcome(.PATCH, "/users/@me", .object([field: .null])) == "503 Module not available"
                )
                server.clock.advance(by: .seconds(600))
            }
            #expect(try await alice.does(.PATCH, "/users/@me", ["bio": "still here"])["bio"] == "still here")
        }
    }

    @Test("a profile goes with its account, and is in the export", arguments: DatabaseKind.allCases)
    func leaving(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let (root, alice) = (try await server.administrator(), try await server.person("alice"))
            try await alice.does(.PATCH, "/users/@me/profile", Self.whole)
            let photo = try await SampleFiles.bytes("photo.jpg")
            #expect(try await alice.sends(photo, named: "a.jpg", to: "/users/@me/banner").status == 200)
            let files = try await PersonalDataTests.export(of: alice).files
            #expect(files["profile.json"]?[0]?["timezone"] == "Europe/Oslo")
            #expect(files["profile.json"]?[0]?["social_links"]?[0]?["name"] == "Birds")
            #expect(files["banner.webp"] != nil)
            let (id, past) = (try #require(Int64(alice.id)), server.clock.now())
            try await server.onDatabase { tx in try AccountStore.setDeletion(past, of: UserID(rawValue: id), tx) }
            try await server.keepsUp()
            let profile = try await root.does(.GET, "/users/\(alice.id)/profile")
            #expect(Self.shown(profile).isEmpty && profile["banner_url"] == .null && profile["status"] == .null)
            let isLeft = try await server.onDatabase { tx in
                try tx.exists("SELECT 1 FROM profiles WHERE user_id = $1", [id])
            }
            #expect(!isLeft)
        }
    }
}
