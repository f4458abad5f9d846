import Aviary
import Client
import Database
import Foundation
import Kernel
import Media
import NIOCore
import NIOHTTP1
import NIOPosix
import TestDatabase
import TestPrograms
import Testing

@testable import Chat
@testable import Features
@testable import Files
@testable import People

@Suite("Stores of files")
struct MediaStoreTests {
    private static let service = Task { try await ScriptProgram.start("s3_server.py") }

    static func settings(folder: String) async throws -> [String: String] {
        [
            "media.store": "s3://nest/\(folder)",
            "media.s3_endpoint": "http://127.0.0.1:\(try await service.value.firstLine)",
            "media.s3_path_style": "true", "media.s3_access_key": "key", "media.s3_secret_key": "secret",
        ]
    }

    /// A folder in the bucket that no other test uses.
    static func folder() -> String { String(UInt64.random(in: .min ... .max), radix: 36) }

    @Test("files on S3 are uploaded, fetched and removed as those in a folder", arguments: DatabaseKind.allCases)
    func s3(kind: DatabaseKind) async throws {
        let folder = Self.folder()
        try await TestServer.with(kind, try await Self.settings(folder: folder)) { server in
            let alice = try await server.person("alice")
            let nest = try await alice.foundsServer()
            let photo = try await alice.uploads(sample: "photo.jpg", to: nest.general)
            let message = try await alice.shows([photo], in: nest.general)
            let reply = try await server.fetch(try photo.text("url"))
            #expect(reply.body.sha256 == photo["hash"]?.string)
            let part = try await server.fetch(try photo.text("url"), headers: ["range": "bytes=2-5"])
            #expect((part.status, part.body) == (206, Array(reply.body[2..<6])))
            #expect(
                try await server.fetch(try photo.text("url") + "&size=64").headers["content-type"] == ["image/webp"])
            _ = try await alice.sends(try await SampleFiles.bytes("drawing.png"), named: "a", to: "/avatars/users/@me")
            #expect(
                try await server.fetch("/api/v1/avatars/users/\(alice.id)").headers["content-type"] == ["image/webp"])

            let draft: JSON = ["filename": "a", "total_size": 4, "channel_id": .string(nest.general)]
            let upload = try await alice.does(.POST, "/media/upload/session", draft).text("id")
            _ = try await server.send(.PUT, "/media/upload/\(upload)/0", bytes: [1, 2, 3, 4], token: alice.token)
            let done = try await alice.does(.POST, "/media/upload/complete/\(upload)")
            #expect(try await server.fetch(try done.text("url")).body == [1, 2, 3, 4])

            try await alice.does(.DELETE, "/channels/\(nest.general)/messages/\(try message.text("id"))")
            try await alice.does(.DELETE, "/avatars/users/@me")
            let store = try await Self.store(folder)
            try await server.keepsUp(store: store)
            let left = try await Self.keys(store)
            #expect(left.count == 1, "only the second upload: \(left)")
            await store.shutDown()
        }
    }

    private static func store(_ folder: String) async throws -> S3Store {
        let configuration = try #require(
            S3Configuration(
                location: "s3://nest/\(folder)", endpoint: "http://127.0.0.1:\(try await service.value.firstLine)",
                usesPathStyle: true,
                credentials: S3Credentials(accessKey: "key", secretKey: "secret", region: "us-east-1"),
                sendsClientsThere: false))
        return S3Store(configuration, clock: SystemClock(), on: MultiThreadedEventLoopGroup.singleton)
    }

    private static func keys(_ store: any ObjectStore) async throws -> [String] {
        var keys: [String] = []
        try await store.list("") { keys.append($0.key.description) }
        return keys
    }

    @Test("clients are sent to S3 where that is wanted", arguments: DatabaseKind.allCases)
    func direct(kind: DatabaseKind) async throws {
        var settings = try await Self.settings(folder: Self.folder())
        settings["media.s3_direct_downloads"] = "true"
        try await TestServer.with(kind, settings) { server in
            let alice = try await server.person("alice")
            let nest = try await alice.foundsServer()
            let file = try await alice.uploads([1, 2, 3], named: "a.bin", to: nest.general)
            let reply = try await server.fetch(try file.text("url"))
            #expect(reply.status == 302)
            let port = try await Self.service.value.firstLine
            let location = try #require(reply.headers.first(name: "location"))
            #expect(location.hasPrefix("http://127.0.0.1:\(port)/nest/"))
            let connection = try await HTTPConnection.connect(port: try #require(Int(port)))
            let direct = try await connection.send(.GET, String(location.dropFirst("http://127.0.0.1:\(port)".count)))
            await connection.close()
            #expect(direct.body == [1, 2, 3])
        }
    }

    @Test("a store that can't be reached is a 503, and nothing is promised", arguments: DatabaseKind.allCases)
    func unreachable(kind: DatabaseKind) async throws {
        var settings = try await Self.settings(folder: Self.folder())
        settings["media.s3_endpoint"] = "http://127.0.0.1:9"
        try await TestServer.with(kind, settings) { server in
            let alice = try await server.person("alice")
            let nest = try await alice.foundsServer()
            let reply = try await alice.sends([1], named: "a", to: "/channels/\(nest.general)/attachments")
            #expect(reply.outcome == "503 Service unavailable")
            #expect(try await alice.says("still here", in: nest.general)["content"] == "still here")
        }
    }

    @Test(
        "a wrong setting is said in words",
        arguments: [
            (["media.store": "nest"], "media.store"), (["media.store": "s3://nest"], "media.s3_access_key"),
            (["media.clamd": "nowhere"], "media.clamd"),
        ])
    func settings(given: [String: String], named: String) async throws {
        await #expect {
            try await TestServer.with(.sqlite, given) { _ in }
        } throws: { "\($0)".contains(named) }
    }

    // MARK: Crashes

    /// What a crash leaves on either side, and the file that is as it should be.
    @Test("what a crash has left between store and database is put right", arguments: DatabaseKind.allCases)
    func crashes(kind: DatabaseKind) async throws {
        try await EventTests.with(kind) { scene in
            let (alice, server, general) = (scene.alice, scene.server, scene.nest.general)
            let good = try await alice.uploads([1, 2, 3], named: "good.bin", to: general)
            try await alice.shows([good], in: general)
            let objects = server.folder + "/media/objects/"
            // Before the file was stored, and after: in both the database knows it as pending, and nobody uses it.
            let early = BlobID(rawValue: 1001)
            let late = BlobID(rawValue: 1002)
            let content = ["aa", "bb"].map { String(repeating: $0, count: 32) }
            try await server.onDatabase { tx in
                for (id, sha256) in [(early, content[0]), (late, content[1])] {
                    try BlobStore.insert(
                        Blob(id: id, sha256: sha256, size_bytes: 3, type: .unknown, state: .pending), tx)
                    try BlobStore.check(id, at: tx.now + .seconds(3600), tx)
                }
            }
            let key = ObjectKey.blob(sha256: content[1], number: late.rawValue)
            try FileManager.default.createDirectory(
                atPath: objects + "blobs/bb", withIntermediateDirectories: true)
            try Data([7, 8, 9]).write(to: URL(fileURLWithPath: objects + key.description))
            // While a removal was under way: the file is gone and the row is not.
            let going = BlobID(rawValue: 1003)
            try await server.onDatabase { tx in
                try BlobStore.insert(
                    Blob(
                        id: going, sha256: String(repeating: "cc", count: 32), size_bytes: 3, type: .unknown,
                        state: .deleting), tx)
                try BlobStore.check(going, at: tx.now, tx)
            }
            try await server.keepsUp()
            #expect(FileManager.default.fileExists(atPath: objects + key.description), "it may still be on its way")
            server.clock.advance(by: .seconds(3700))
            try await server.keepsUp()
            #expect(!FileManager.default.fileExists(atPath: objects + key.description))
            let left = try await server.onDatabase { tx in
                try BlobStore.blobs(after: BlobID(rawValue: 0), limit: 10, tx).map(\.sha256)
            }
            #expect(left == [try good.text("hash")])
            #expect(try await server.fetch(try good.text("url")).body == [1, 2, 3])
        }
    }

    @Test("an upload that meets a removal of the same content brings it again", arguments: DatabaseKind.allCases)
    func crossing(kind: DatabaseKind) async throws {
        try await EventTests.with(kind) { scene in
            let (alice, server, general) = (scene.alice, scene.server, scene.nest.general)
            let bytes = [UInt8].noise(2000)
            let first = try await alice.uploads(bytes, named: "a.bin", to: general)
            let message = try await alice.shows([first], in: general)
            try await alice.does(.DELETE, "/channels/\(general)/messages/\(try message.text("id"))")
            // Between the mark and the removal of the file.
            try await server.onDatabase { tx in
                let blob = try #require(try BlobStore.blob(withContent: bytes.sha256, tx))
                try BlobStore.setState(.deleting, of: blob.id, tx)
            }
            let second = try await alice.uploads(bytes, named: "b.bin", to: general)
            try await alice.shows([second], in: general)
            try await server.keepsUp()
            #expect(try await server.fetch(try second.text("url")).body == bytes)
            #expect(AttachmentTests.objects(server).count == 1)
        }
    }

    /// A store in which each file is condemned the moment it is there, as often as told.
    private final class MeddlingStore: ObjectStore {
        let real: FolderStore
        let database: any SQLDatabase
        let meddles = Shared(0)

        init(_ real: FolderStore, _ database: any SQLDatabase) {
            self.real = real
            self.database = database
        }

        func put(_ file: ReceivedFile, at key: ObjectKey, contentType: String) async throws {
            try await real.put(file, at: key, contentType: contentType)
            guard meddles.value < 3, let number = key.blobNumber else { return }
            meddles.set(meddles.value + 1)
            try await database.write { tx in try BlobStore.setState(.deleting, of: BlobID(rawValue: number), tx) }
        }

        func read(_ key: ObjectKey, _ range: Range<Int>) async throws -> ObjectBytes { try await real.read(key, range) }
        func size_bytes(of key: ObjectKey) async throws -> Int? { try await real.size_bytes(of: key) }
        func delete(_ key: ObjectKey) async throws { try await real.delete(key) }
        func list(_ prefix: String, _ body: (ListedObject) async throws -> Void) async throws {
            try await real.list(prefix, body)
        }
        func address(of key: ObjectKey, _ download: DirectDownload) -> String? { nil }
        func shutDown() {}
    }

    @Test("a removal between storing a file and using it makes it come again", arguments: DatabaseKind.allCases)
    func meddling(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try UserID(parsing: try await server.person("alice").id)
            try await server.operate { administration in
                let folder = server.folder + "/meddled"
                let staging = try Staging(folder: folder + "/staging")
                let store = MeddlingStore(
                    try FolderStore(folder: folder + "/objects"), administration.parts.database)
                let media = MediaParts(
                    store: store, staging: staging, pictures: nil, films: nil, scanner: nil,
                    links: LinkFetcher(.standard, staging: staging, on: MultiThreadedEventLoopGroup.singleton),
                    refusedTypes: [])
                let blobs = Blobs(parts: administration.parts, media: media)
                let staged = try await staging.file(limit_bytes: 10)
                try await staged.write(ByteBuffer(bytes: [1, 2, 3]))
                let file = try await staged.finish()
                let kept = try await blobs.keep(file, .unknown) { blob, tx in
                    try UserStore.setAvatar(blob.id, of: alice, tx)
                    return blob
                }
                #expect(store.meddles.value == 3)
                var content: [UInt8] = []
                for try await piece in try await blobs.read(kept, 0..<3) { content += piece.readableBytesView }
                #expect(content == [1, 2, 3])
                let state = try await administration.parts.database.read { tx in try BlobStore.blob(kept.id, tx)?.state
                }
                #expect(state == .stored)
            }
        }
    }

    @Test("uploads and removals of the same file at once never lose it", arguments: DatabaseKind.allCases)
    func churn(kind: DatabaseKind) async throws {
        try await EventTests.with(kind) { scene in
            let (alice, server, general) = (scene.alice, scene.server, scene.nest.general)
            let bytes = [UInt8].noise(500)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for index in 0..<4 {
                    group.addTask {
                        for round in 0..<6 {
                            let file = try await alice.uploads(bytes, named: "\(index)-\(round)", to: general)
                            let message = try await alice.shows([file], in: general)
                            let reply = try await server.fetch(try file.text("url"))
                            #expect(reply.body == bytes)
                            try await alice.does(.DELETE, "/channels/\(general)/messages/\(try message.text("id"))")
                        }
                    }
                }
                group.addTask { for _ in 0..<12 { try await server.keepsUp() } }
                try await group.waitForAll()
            }
            try await server.keepsUp()
            #expect(AttachmentTests.objects(server) == [])
        }
    }

    @Test("the doctor finds what does not agree, and mends it", arguments: DatabaseKind.allCases)
    func doctor(kind: DatabaseKind) async throws {
        try await EventTests.with(kind) { scene in
            let (alice, server, general) = (scene.alice, scene.server, scene.nest.general)
            let good = try await alice.uploads([1, 2, 3], named: "good.bin", to: general)
            let lost = try await alice.uploads([4, 5, 6], named: "lost.bin", to: general)
            let cut = try await alice.uploads([7, 8, 9], named: "cut.bin", to: general)
            try await alice.shows([good, lost, cut], in: general)
            let objects = server.folder + "/media/objects/"
            func place(_ file: JSON) throws -> String {
                let hash = try file.text("hash")
                let name = try #require(AttachmentTests.objects(server).first { $0.contains(hash) })
                return objects + name
            }
            let places = (lost: try place(lost), cut: try place(cut))
            try FileManager.default.removeItem(atPath: places.lost)
            try Data([7]).write(to: URL(fileURLWithPath: places.cut))
            for file in [lost, cut] {
                let reply = try await server.fetch(try file.text("url"))
                #expect(reply.outcome == "503 Service unavailable", "nothing is begun that can't be finished")
            }
            for (name, age) in [("blobs/dd/stray-5", 7200.0), ("uploads/77/0", 7200), ("blobs/dd/young-6", 0)] {
                let path = objects + name
                try FileManager.default.createDirectory(
                    atPath: URL(fileURLWithPath: path).deletingLastPathComponent().path,
                    withIntermediateDirectories: true)
                try Data([1]).write(to: URL(fileURLWithPath: path))
                try FileManager.default.setAttributes(
                    [.modificationDate: Date(timeIntervalSinceNow: -age)], ofItemAtPath: path)
            }
            @Sendable func findings(
                of look: (MediaDoctor, (MediaDoctor.Finding) -> Void) async throws -> Void
            ) async throws -> Set<String> {
                var kinds: Set<String> = []
                try await AdministrationSession.withMediaDoctor(server.settings) { doctor in
                    try await look(doctor) { finding in
                        kinds.insert(
                            finding.description.prefix { $0 != "(" }.split(separator: "-").first.map(String.init) ?? "")
                    }
                }
                return kinds
            }
            let (missing, wrong) = (
                "missing: blobs/\(try lost.text("hash").prefix(2))/\(try lost.text("hash"))",
                "wrong size: blobs/\(try cut.text("hash").prefix(2))/\(try cut.text("hash"))"
            )
            let expected: Set = [missing, wrong, "stray: blobs/dd/stray", "stray: uploads/77/0 "]
            #expect(try await findings(of: { try await $0.examine($1) }) == expected)
            #expect(try await findings(of: { try await $0.mend($1) }) == expected)
            #expect(try await findings(of: { try await $0.examine($1) }).isEmpty)
            try await server.keepsUp()
            let message = try await alice.does(.GET, "/channels/\(general)/messages")
            #expect(message[0]?["attachments"]?.column("filename") ?? [] == ["good.bin"])
            #expect(try await server.fetch(try good.text("url")).body == [1, 2, 3])
            #expect(FileManager.default.fileExists(atPath: objects + "blobs/dd/young-6"))
        }
    }

    @Test("the doctor takes nothing away where the store has nothing", arguments: DatabaseKind.allCases)
    func wrongStore(kind: DatabaseKind) async throws {
        try await EventTests.with(kind) { scene in
            let (alice, server, general) = (scene.alice, scene.server, scene.nest.general)
            try await alice.shows([try await alice.uploads([1, 2, 3], named: "a.bin", to: general)], in: general)
            let objects = server.folder + "/media/objects"
            try FileManager.default.moveItem(atPath: objects, toPath: objects + ".away")
            try await AdministrationSession.withMediaDoctor(server.settings) { doctor in
                await #expect(throws: MediaDoctor.NothingThere.self) { try await doctor.mend { _ in } }
                var missing = 0
                try await doctor.examine { _ in missing += 1 }
                #expect(missing == 1)
                try await doctor.mend(allowing: .all) { _ in missing += 1 }
                #expect(missing == 2)
                try await doctor.mend { _ in missing += 1 }
                #expect(missing == 2)
            }
        }
    }

    @Test(
        "without the tools the server runs, and of pictures, films and sounds only what is said in Ogg is taken",
        arguments: DatabaseKind.allCases)
    func noTools(kind: DatabaseKind) async throws {
        try await TestServer.with(kind, ["media.tools_path": "/nowhere"]) { server in
            let alice = try await server.person("alice")
            let nest = try await alice.foundsServer()
            let path = "/channels/\(nest.general)/attachments"
            let drawing = try await SampleFiles.bytes("drawing.png")
            #expect(try await alice.sends(drawing, named: "a", to: path).outcome == "503 Module not available")
            let film = try await SampleFiles.bytes("film.mp4")
            #expect(try await alice.sends(film, named: "a", to: path).outcome == "503 Module not available")
            #expect(try await alice.sends([1, 2, 3], named: "a", to: path).status == 201)
            for (path, field) in [("/avatars/users/@me", "image"), ("/servers/\(nest.id)/emojis", "image")] {
                let reply = try await alice.sends(drawing, named: "a", to: path, field: field, ["name": "party"])
                #expect(reply.outcome == "503 Module not available", "\(path)")
            }
            let standIn = try await server.fetch("/api/v1/avatars/users/\(alice.id)")
            #expect(standIn.headers["content-type"] == ["image/svg+xml"])
            let capabilities = try await alice.does(.GET, "/capabilities")
            #expect(capabilities["avatars"] == false)
            #expect(capabilities["voice_messages"] == true && capabilities["voice_message_types"] == ["audio/ogg"])
            let voice = "/channels/\(nest.general)/voice-messages"
            let said = try await alice.sends(
                try await SampleFiles.bytes("voice.ogg"), named: "v.ogg", to: voice, field: "audio")
            #expect(said.status == 201)
            #expect((1900...2150).contains(said.json["voice"]?["duration_ms"]?.integer ?? 0))
            let kept = try await server.fetch(try said.json["attachments"]?[0]?.text("url") ?? "").body
            #expect(kept.starts(with: Array("OggS".utf8)))
            for sample in ["voice.webm", "photo.jpg"] {
                let refused = try await alice.sends(
                    try await SampleFiles.bytes(sample), named: sample, to: voice, field: "audio")
                #expect(refused.outcome == "400 Invalid file type", "\(sample)")
            }
        }
    }

    // MARK: Scanning

    private static let scanner = Task { try await ScriptProgram.start("clamd_server.py") }
    private static let eicar = Array(#"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"#.utf8)

    @Test("malware is refused, everything else is taken", arguments: DatabaseKind.allCases)
    func scanning(kind: DatabaseKind) async throws {
        let settings = ["media.clamd": "127.0.0.1:\(try await Self.scanner.value.firstLine)"]
        try await TestServer.with(kind, settings) { server in
            let alice = try await server.person("alice")
            let nest = try await alice.foundsServer()
            let path = "/channels/\(nest.general)/attachments"
            let infected = try await alice.sends(Self.eicar, named: "a.txt", to: path)
            #expect(infected.outcome == "400 Invalid file type")
            #expect(infected.json["error"]?["details"]?[0]?["message"]?.string?.contains("Eicar-Test") == true)
            #expect(try await alice.sends(.noise(3 << 20), named: "a.bin", to: path).status == 201)
            #expect(
                try await alice.sends(Self.eicar, named: "a.png", to: "/avatars/users/@me").outcome
                    == "400 Invalid file type")
            #expect(AttachmentTests.objects(server).count == 1)
        }
    }

    @Test("without a verdict nothing is taken", arguments: DatabaseKind.allCases)
    func noScanner(kind: DatabaseKind) async throws {
        try await TestServer.with(kind, ["media.clamd": "127.0.0.1:9"]) { server in
            let alice = try await server.person("alice")
            let nest = try await alice.foundsServer()
            let reply = try await alice.sends([1], named: "a", to: "/channels/\(nest.general)/attachments")
            #expect(reply.outcome == "503 Service unavailable")
        }
    }

    @Test("modules that are switched off answer 503", arguments: DatabaseKind.allCases)
    func switchedOff(kind: DatabaseKind) async throws {
        try await TestServer.with(kind, ["modules.uploads": "false", "modules.avatars": "false"]) { server in
            let alice = try await server.person("alice")
            for (method, path) in [
                (HTTPMethod.POST, "/media/upload/session"), (.POST, "/channels/1/attachments"),
                (.GET, "/avatars/users/1"),
                (.POST, "/avatars/users/@me"),
            ] {
                #expect(try await alice.outcome(method, path) == "503 Module not available", "\(method) \(path)")
            }
            let capabilities = try await alice.does(.GET, "/capabilities")
            #expect((capabilities["uploads"], capabilities["avatars"]) == (false, false))
        }
    }
}
