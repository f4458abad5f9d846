import Client
import Database
import Foundation
import Kernel
import NIOHTTP1
import TestDatabase
import TestPrograms
import Testing

@testable import People

@Suite("Work in the background")
struct BackgroundTests {
    /// Waits until a job is done, and downloads its result.
    static func result(of job: JSON, _ path: String, for person: Person) async throws -> HTTPReply {
        let id = try job.text("id")
        try await eventually {
            let now = try await person.does(.GET, "\(path)/\(id)")
            guard now["status"] != "failed" else { throw UnexpectedEvent(expected: "a result", event: now) }
            return now["status"] == "done"
        }
        return try await person.send(.GET, "\(path)/\(id)/download")
    }

    @Test("a transcript has every message, in each format", arguments: DatabaseKind.allCases)
    func transcripts(kind: DatabaseKind) async throws {
        try await EventTests.with(kind) { scene in
            let (alice, bob, nest) = (scene.alice, scene.bob, scene.nest)
            let path = "/channels/\(nest.general)/messages/export"
            let texts = [
                "first", "=cmd|'/c calc'!A0", "a, \"b\"\nc", "<script>alert(1)</script>",
                // Swift takes the sign for a part of another character.
                "\u{D4E}<script>alert(2)</script>", "=\u{301}1+1", "a,\u{301}b",
            ]
            for text in texts { try await alice.says(text, in: nest.general) }
            var files: [String: HTTPReply] = [:]
            for format in ["json", "csv", "txt", "html"] {
                let job = try await bob.does(.POST, path, ["format": .string(format)])
                files[format] = try await Self.result(of: job, path, for: bob)
                #expect(files[format]?.headers["content-disposition"].first?.hasPrefix("attachment;") == true)
            }
            let json = try JSONParser.parse(Array((files["json"]?.text ?? "").utf8))
            #expect(json.column("content") == texts)
            let csv = files["csv"]?.text ?? ""
            #expect(csv.contains("'=cmd"), "no spreadsheet runs it")
            #expect(csv.contains("\"a, \"\"b\"\"\nc\""))
            #expect(csv.contains("'=\u{301}1+1") && csv.contains("\"a,\u{301}b\""))
            #expect(files["txt"]?.text.contains("alice: first\n") == true)
            #expect(files["html"]?.text.contains("&lt;script&gt;") == true)
            #expect(
                files["html"]?.text.utf8.split(separator: UInt8(ascii: "<")).contains { $0.starts(with: "script".utf8) }
                    == false)
            #expect(try await bob.outcome(.POST, path, ["format": "pdf"]) == "400 Invalid input")
        }
    }

    @Test(
        "a job that only another version knows holds up nobody, and goes with its owner",
        arguments: DatabaseKind.allCases)
    func unknownJob(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let (alice, bob) = (try await server.person("alice"), try await server.person("bob"))
            let path = "/users/@me/data-export"
            _ = try await Self.result(of: try await alice.does(.POST, path), path, for: alice)
            try await server.onDatabase { tx in
                try tx.execute(
                    "UPDATE jobs SET kind = 'stats', state = 'pending', finished_at = NULL WHERE owner_id = $1",
                    [try UserID(parsing: alice.id)])
            }
            _ = try await Self.result(of: try await bob.does(.POST, path), path, for: bob)
            let (id, past) = (try UserID(parsing: alice.id), server.clock.now())
            try await server.onDatabase { tx in try AccountStore.setDeletion(past, of: id, tx) }
            server.clock.advance(by: .seconds(1))
            try await server.keepsUp()
            let left = try await server.onDatabase { tx in
                try tx.exists("SELECT 1 FROM jobs WHERE owner_id = $1", [id])
            }
            #expect(!left)
        }
    }

    @Test("a transcript is its owner's, while they can read the channel", arguments: DatabaseKind.allCases)
    func transcriptAccess(kind: DatabaseKind) async throws {
        try await EventTests.with(kind) { scene in
            let (alice, bob, nest) = (scene.alice, scene.bob, scene.nest)
            let path = "/channels/\(nest.general)/messages/export"
            for index in 0..<3 {
                try await alice.says("\(index)", in: nest.general)
                scene.server.clock.advance(by: .seconds(10))
            }
            let now = scene.server.clock.now().seconds
            let job = try await bob.does(
                .POST, path, ["format": "json", "from_date": .integer(now - 25), "to_date": .integer(now - 15)])
            let file = try await Self.result(of: job, path, for: bob)
            #expect(try JSONParser.parse(Array(file.text.utf8)).column("content") == ["1"])
            let one = "\(path)/\(try job.text("id"))"
            #expect(try await alice.outcome(.GET, one) == "404 Job not found")
            #expect(try await alice.outcome(.GET, "\(one)/download") == "404 Job not found")
            #expect(try await bob.outcome(.GET, "\(path)/1") == "404 Job not found")
            try await alice.closes(nest.general, in: nest)
            #expect(try await bob.outcome(.GET, "\(one)/download") == "403 Access denied")
            #expect(try await bob.outcome(.POST, path, ["format": "json"]) == "403 Access denied")
        }
    }

    @Test("one's data comes as an archive of files", arguments: DatabaseKind.allCases)
    func dataExport(kind: DatabaseKind) async throws {
        try await EventTests.with(kind) { scene in
            let (alice, bob, nest) = (scene.alice, scene.bob, scene.nest)
            try await alice.befriends(bob)
            try await alice.does(.PUT, "/users/\(bob.id)/note", ["note": "owes me a book"])
            try await alice.does(.PUT, "/settings/theme", ["value": "dark"])
            try await alice.says("mine", in: nest.general)
            try await bob.says("not mine", in: nest.general)
            let upload = try await alice.uploads(Array("a file of mine".utf8), named: "mine.txt", to: nest.general)
            try await alice.shows([upload], in: nest.general)
            _ = try await bob.uploads(Array("bob's file".utf8), named: "his.txt", to: nest.general)
            _ = try await alice.sends(try await SampleFiles.bytes("drawing.png"), named: "a", to: "/avatars/users/@me")
            let path = "/users/@me/data-export"
            let job = try await alice.does(.POST, path)
            let file = try await Self.result(of: job, path, for: alice)
            #expect(file.headers["content-type"] == ["application/zip"])
            let place = FileManager.default.temporaryDirectory.appending(path: "export-\(UUID().uuidString).zip")
            try Data(file.body).write(to: place)
            defer { try? FileManager.default.removeItem(at: place) }
            let output = try await ScriptProgram.run("read_zip.py", [place.path])
            #expect(output.status == 0, "\(output.errors)")
            let files = try JSONParser.parse(Array(output.text.utf8))
            #expect(files["account.json"]?["username"] == "alice")
            #expect(files["settings.json"] == ["theme": "dark"])
            #expect(files["notes.json"]?[0]?["note"] == "owes me a book")
            #expect(files["relationships.json"].map { $0.column("username") } == ["bob"])
            #expect(files["messages/1.json"].map { $0.column("content") } == ["mine"])
            #expect(!output.text.contains("not mine"))
            #expect(files["files/\(try upload.text("id"))/mine.txt"] == "a file of mine")
            #expect(files["files.json"].map { $0.column("filename") } == ["mine.txt"])
            #expect(files["avatar.webp"] != nil)
            #expect(try await bob.outcome(.GET, "\(path)/\(try job.text("id"))") == "404 Job not found")
            #expect(try await alice.does(.GET, path).column("status") == ["done"])
        }
    }

    @Test("a scheduled message is sent when its time has come", arguments: DatabaseKind.allCases)
    func scheduled(kind: DatabaseKind) async throws {
        try await EventTests.with(kind) { scene in
            let (server, alice, bob, nest) = (scene.server, scene.alice, scene.bob, scene.nest)
            let path = "/channels/\(nest.general)/scheduled-messages"
            let soon = server.clock.now().seconds + 60
            let made = try await bob.does(
                .POST, path, ["content": .string("later <@\(alice.id)>"), "send_at": .integer(soon), "nonce": "n"])
            #expect(made["send_at"] == .integer(soon))
            #expect(try await bob.does(.GET, path) == [made])
            #expect(try await alice.does(.GET, path) == [], "others do not see it")
            let second = try await bob.does(.POST, path, ["content": "never", "send_at": .integer(soon)]).text("id")
            #expect(try await alice.outcome(.DELETE, "\(path)/\(second)") == "404 Message not found")
            try await bob.does(.DELETE, "\(path)/\(second)")
            server.clock.advance(by: .seconds(61))
            let sent = try await scene.aliceHears.awaits("MESSAGE_CREATE")
            #expect(sent["d"]?["content"]?.string == "later <@\(alice.id)>")
            #expect(sent["d"]?["author_id"]?.string == bob.id)
            #expect(try await alice.does(.GET, "/users/@me/notifications").column("type") == ["mention"])
            #expect(try await bob.does(.GET, path) == [])
            for body: JSON in [
                ["content": "a"], ["content": "a", "send_at": 1], ["content": "a", "send_at": "soon"],
                ["content": "a", "send_at": .integer(soon + 400 * 86_400)],
            ] {
                #expect(try await bob.outcome(.POST, path, body) == "400 Invalid input", "\(body)")
            }
            let empty: JSON = ["content": " ", "send_at": .integer(soon + 600)]
            #expect(
                try await bob.outcome(.POST, path, empty) == "400 Message must have content, attachments, or embeds")
        }
    }

    @Test("what its author may not send any more stays unsent, with the reason", arguments: DatabaseKind.allCases)
    func scheduledAndRefused(kind: DatabaseKind) async throws {
        try await EventTests.with(kind) { scene in
            let (server, alice, bob, nest) = (scene.server, scene.alice, scene.bob, scene.nest)
            let path = "/channels/\(nest.general)/scheduled-messages"
            try await bob.does(
                .POST, path, ["content": "later", "send_at": .integer(server.clock.now().seconds + 60)])
            let everyone = try await alice.everyoneRole(of: nest)
            try await alice.does(
                .PATCH, "/servers/\(nest.id)/roles/\(everyone)", ["permissions": ["messages.send": false]])
            server.clock.advance(by: .seconds(61))
            var failure: JSON?
            try await eventually {
                failure = try await bob.does(.GET, path)[0]?["failure"]
                return failure?.string != nil
            }
            #expect(failure == "Permission denied")
            #expect(try await bob.reads(nest.general) == [])
        }
    }
}
