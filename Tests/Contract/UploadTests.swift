import Client
import Crypto
import Foundation
import Kernel
import NIOHTTP1
import TestDatabase
import TestPrograms
import Testing

@testable import Content

@Suite("Uploads in chunks")
struct UploadTests {
    private static let chunk_bytes = 5 << 20

    private static func begin(
        _ person: Person, _ channel: String, _ size: Int, _ name: String = "film.bin"
    ) async throws -> JSON {
        try await person.does(
            .POST, "/media/upload/session",
            [
                "filename": .string(name), "content_type": "video/mp4", "total_size": .integer(Int64(size)),
                "channel_id": .string(channel),
            ])
    }

    private static func send(
        _ person: Person, _ upload: String, _ number: Int, _ bytes: ArraySlice<UInt8>, digest: String? = nil
    ) async throws -> HTTPReply {
        var headers: HTTPHeaders = ["content-type": "application/octet-stream"]
        if let digest { headers.add(name: "content-digest", value: digest) }
        return try await person.server.send(
            .PUT, "/media/upload/\(upload)/\(number)", bytes: Array(bytes), token: person.token, headers: headers)
    }

    private static func digest(_ bytes: some Sequence<UInt8>) -> String {
        "sha-256=:\(Data(SHA256.hash(data: Data(bytes))).base64EncodedString()):"
    }

    @Test("chunks in any order, one of them twice, make the file", arguments: DatabaseKind.allCases)
    func anyOrder(kind: DatabaseKind) async throws {
        try await TestServer.with(kind, ["limits.upload_mib": "20"]) { server in
            let alice = try await server.person("alice")
            let nest = try await alice.foundsServer()
            let bytes = [UInt8].noise(2 * Self.chunk_bytes + 1000)
            let upload = try await Self.begin(alice, nest.general, bytes.count, "../film.bin")
            #expect((upload["chunk_size"], upload["chunk_count"]) == (.integer(Int64(Self.chunk_bytes)), 3))
            #expect(upload["filename"] == "film.bin")
            let id = try upload.text("id")
            let parts = stride(from: 0, to: bytes.count, by: Self.chunk_bytes).map {
                bytes[$0..<min($0 + Self.chunk_bytes, bytes.count)]
            }
            for number in [2, 0, 2] {
                let reply = try await Self.send(alice, id, number, parts[number], digest: Self.digest(parts[number]))
                #expect(reply.status == 200)
            }
            let open = try await alice.does(.GET, "/media/upload/sessions")
            #expect(open[0]?["received_chunks"] == [0, 2])
            #expect(open[0]?["received_bytes"] == .integer(Int64(Self.chunk_bytes + 1000)))
            #expect(try await alice.does(.GET, "/media/upload/\(id)") == open[0])
            let early = try await alice.send(.POST, "/media/upload/complete/\(id)")
            #expect(early.outcome == "400 Invalid input")
            #expect(try await Self.send(alice, id, 1, parts[1]).status == 200)
            let wrong = try await alice.send(
                .POST, "/media/upload/complete/\(id)", ["sha256": .string(String(repeating: "0", count: 64))])
            #expect(wrong.outcome == "400 Invalid input")
            let done = try await alice.does(.POST, "/media/upload/complete/\(id)", ["sha256": .string(bytes.sha256)])
            #expect((done["hash"], done["size"]) == (.string(bytes.sha256), .integer(Int64(bytes.count))))
            let again = try await alice.does(.POST, "/media/upload/complete/\(id)")
            #expect(again["id"] == done["id"], "as after an answer that was lost")
            #expect(try await alice.does(.GET, "/media/upload/sessions") == [])
            #expect(AttachmentTests.objects(server).count == 1, "the chunks are gone")
            try await alice.shows([done], in: nest.general)
            let reply = try await server.fetch(try done.text("url"))
            #expect(reply.body == bytes)
        }
    }

    @Test(
        "an avatar, a picture and ninety mebibytes over a connection that breaks twice are there after a restart",
        arguments: zip(DatabaseKind.allCases, ["folder", "S3"]))
    func broken(kind: DatabaseKind, store: String) async throws {
        try await TestDatabase.withPlace(kind) { place in
            let url = kind == .sqlite ? "sqlite:\(place.address)" : place.address
            let folder = FileManager.default.temporaryDirectory.appending(path: "aviary-restart-\(UUID().uuidString)")
                .path
            defer { try? FileManager.default.removeItem(atPath: folder) }
            let place = store == "S3" ? try await MediaStoreTests.settings(folder: MediaStoreTests.folder()) : [:]
            let settings = place.merging(["limits.upload_mib": "90", "data": folder]) { $1 }
            let bytes = [UInt8](repeating: 42, count: 45 << 20) + [UInt8].noise(45 << 20)
            let addresses = Shared<[String: String]>([:])
            try await TestServer.with(databaseURL: url, settings) { server in
                let alice = try await server.person("alice")
                let nest = try await alice.foundsServer()
                let upload = try await Self.begin(alice, nest.general, bytes.count)
                let id = try upload.text("id")
                for number in 0..<18 {
                    let part = bytes[(number * Self.chunk_bytes)..<((number + 1) * Self.chunk_bytes)]
                    if number == 4 || number == 11 { try await Self.breakOff(alice, id, number, part) }
                    let reply = try await Self.send(alice, id, number, part, digest: Self.digest(part))
                    #expect(reply.status == 200)
                }
                let done = try await alice.does(
                    .POST, "/media/upload/complete/\(id)", ["sha256": .string(bytes.sha256)])
                let photo = try await alice.uploads(sample: "photo.jpg", to: nest.general)
                try await alice.shows([done, photo], in: nest.general)
                let avatar = try await alice.sends(
                    try await SampleFiles.bytes("dance.gif"), named: "me.gif", to: "/avatars/users/@me")
                addresses.set([
                    try done.text("url"): bytes.sha256, try photo.text("url"): try photo.text("hash"),
                    try avatar.json.text("avatar_url"): "",
                ])
            }
            try await TestServer.with(databaseURL: url, settings) { server in
                for (address, hash) in addresses.value {
                    let reply = try await server.fetch(address)
                    #expect(reply.status == 200, "\(address)")
                    #expect(hash.isEmpty || reply.body.sha256 == hash, "\(address)")
                }
            }
        }
    }

    /// Sends half of a chunk and closes the connection.
    private static func breakOff(
        _ person: Person, _ upload: String, _ number: Int, _ bytes: ArraySlice<UInt8>
    ) async throws {
        let connection = try await RawConnection.connect(port: person.server.port)
        try await connection.write(
            """
            PUT /api/v1/media/upload/\(upload)/\(number) HTTP/1.1\r\nHost: localhost\r
            Authorization: Bearer \(person.token)\r\nContent-Length: \(bytes.count)\r\n\r\n
            """)
        try await connection.write(Array(bytes.prefix(bytes.count / 2)))
        await connection.close()
    }

    @Test("a chunk that arrives when its upload was given up leaves nothing behind", arguments: DatabaseKind.allCases)
    func late(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            let nest = try await alice.foundsServer()
            let bytes = [UInt8].noise(1000)
            let id = try await Self.begin(alice, nest.general, 1000).text("id")
            let connection = try await RawConnection.connect(port: server.port)
            try await connection.write(
                """
                PUT /api/v1/media/upload/\(id)/0 HTTP/1.1\r\nHost: localhost\r
                Authorization: Bearer \(alice.token)\r\nContent-Length: 1000\r\n\r\n
                """)
            try await connection.write(Array(bytes.prefix(500)))
            // By then the server has looked for the upload, and waits for the rest.
            try await eventually { try !AttachmentTests.staged(server).isEmpty }
            try await alice.does(.DELETE, "/media/upload/\(id)")
            try await server.keepsUp()
            try await connection.write(Array(bytes.suffix(500)))
            try await connection.waits(for: "Upload not found")
            let left = FileManager.default.enumerator(atPath: server.folder + "/media")?.compactMap { $0 as? String }
            #expect(left?.contains { $0.contains(id) && $0.hasSuffix("/0") } == false)
            await connection.close()
        }
    }

    @Test("a chunk must be one of the upload's, whole and as it was sent", arguments: DatabaseKind.allCases)
    func refusals(kind: DatabaseKind) async throws {
        try await EventTests.with(kind) { scene in
            let (alice, bob) = (scene.alice, scene.bob)
            let bytes = [UInt8].noise(1000)
            let upload = try await Self.begin(alice, scene.nest.general, 1000)
            let id = try upload.text("id")
            for (number, part) in [
                (1, bytes[...]), (-1, bytes[...]), (0, bytes[..<999]), (0, bytes[...] + [1]), (0, []),
            ] {
                let reply = try await Self.send(alice, id, number, part)
                #expect(reply.outcome == "400 Invalid input", "\(number) \(part.count)")
            }
            for text in ["00", "+0", "x", "0x0", "%30%00"] {
                let reply = try await alice.server.send(
                    .PUT, "/media/upload/\(id)/\(text)", bytes: bytes, token: alice.token)
                #expect(reply.outcome == "400 Invalid input", "\(text)")
            }
            for digest in [Self.digest([1, 2, 3]), "sha-256=abc", "sha-512=:abc:", "", "sha-256=::"] {
                let reply = try await Self.send(alice, id, 0, bytes[...], digest: digest)
                #expect(reply.outcome == "400 Invalid input", "\(digest)")
            }
            #expect(try await Self.send(bob, id, 0, bytes[...]).outcome == "404 Upload not found")
            #expect(try await bob.outcome(.POST, "/media/upload/complete/\(id)") == "404 Upload not found")
            #expect(try await bob.outcome(.DELETE, "/media/upload/\(id)") == "404 Upload not found")
            #expect(try await bob.outcome(.GET, "/media/upload/\(id)") == "404 Upload not found")
            #expect(try await bob.does(.GET, "/media/upload/sessions") == [])
            #expect(try await alice.outcome(.GET, "/media/upload/x") == "400 Invalid input")
            let large: JSON = [
                "filename": "a", "total_size": .integer(11 << 20), "channel_id": .string(scene.nest.general),
            ]
            #expect(try await alice.outcome(.POST, "/media/upload/session", large) == "400 File too large")
            #expect(try AttachmentTests.staged(scene.server) == [])
        }
    }

    @Test("two who complete at once make one attachment", arguments: DatabaseKind.allCases)
    func race(kind: DatabaseKind) async throws {
        try await EventTests.with(kind) { scene in
            let bytes = [UInt8].noise(200_000)
            let upload = try await Self.begin(scene.alice, scene.nest.general, bytes.count)
            let id = try upload.text("id")
            #expect(try await Self.send(scene.alice, id, 0, bytes[...]).status == 200)
            let replies = try await atOnce(5) { _ in
                try await scene.alice.send(.POST, "/media/upload/complete/\(id)")
            }
            #expect(replies.allSatisfy { $0.status == 201 })
            let made = replies.compactMap { $0.json["id"]?.string }
            #expect(Set(made).count == 1)
            let again = try await scene.alice.does(.POST, "/media/upload/complete/\(id)")
            #expect(again["id"]?.string == made.first)
        }
    }

    @Test("an upload that is given up or runs out leaves nothing", arguments: DatabaseKind.allCases)
    func end(kind: DatabaseKind) async throws {
        try await EventTests.with(kind) { scene in
            let (alice, server) = (scene.alice, scene.server)
            var ids: [String] = []
            for _ in 0..<2 {
                let upload = try await Self.begin(alice, scene.nest.general, 1000)
                ids.append(try upload.text("id"))
                #expect(try await Self.send(alice, ids.last ?? "", 0, [UInt8].noise(1000)[...]).status == 200)
            }
            #expect(AttachmentTests.objects(server).count == 2)
            try await alice.does(.DELETE, "/media/upload/\(ids[0])")
            #expect(try await alice.outcome(.GET, "/media/upload/\(ids[0])") == "404 Upload not found")
            try await server.keepsUp()
            #expect(AttachmentTests.objects(server).count == 1)
            server.clock.advance(by: .seconds(24 * 3600 + 1))
            #expect(try await alice.outcome(.POST, "/media/upload/complete/\(ids[1])") == "404 Upload not found")
            try await server.keepsUp()
            #expect(AttachmentTests.objects(server) == [])
        }
    }

    @Test("nobody has more than twenty open", arguments: DatabaseKind.allCases)
    func many(kind: DatabaseKind) async throws {
        try await EventTests.with(kind) { scene in
            for _ in 0..<20 { _ = try await Self.begin(scene.alice, scene.nest.general, 10) }
            let draft: JSON = ["filename": "a", "total_size": 10, "channel_id": .string(scene.nest.general)]
            #expect(try await scene.alice.outcome(.POST, "/media/upload/session", draft) == "400 Invalid input")
            #expect(try await scene.bob.outcome(.POST, "/media/upload/session", draft) == "201")
        }
    }

    @Test("who may not show files any more makes no attachment", arguments: DatabaseKind.allCases)
    func silenced(kind: DatabaseKind) async throws {
        try await EventTests.with(kind) { scene in
            let id = try await Self.begin(scene.bob, scene.nest.general, 10).text("id")
            #expect(try await Self.send(scene.bob, id, 0, [UInt8].noise(10)[...]).status == 200)
            let everyone = try await scene.alice.everyoneRole(of: scene.nest)
            let denied: JSON = ["type": "role", "deny": ["messages.attach_files"]]
            try await scene.alice.does(.PUT, "/channels/\(scene.nest.general)/overwrites/\(everyone)", denied)
            #expect(try await scene.bob.outcome(.POST, "/media/upload/complete/\(id)") == "403 Permission denied")
        }
    }

    @Test("what is no allowed file is found out when it is complete", arguments: DatabaseKind.allCases)
    func completion(kind: DatabaseKind) async throws {
        try await EventTests.with(kind) { scene in
            let bytes = [UInt8].windowsProgram
            let upload = try await Self.begin(scene.alice, scene.nest.general, bytes.count, "a.txt")
            let id = try upload.text("id")
            #expect(try await Self.send(scene.alice, id, 0, bytes[...]).status == 200)
            #expect(try await scene.alice.outcome(.POST, "/media/upload/complete/\(id)") == "400 Invalid file type")
        }
    }
}
