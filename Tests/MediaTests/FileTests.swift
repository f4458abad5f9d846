import Foundation
import NIOCore
import TestPrograms
import Testing

@testable import Media

@Suite("Files on their way")
struct FileTests {
    @Test("a file is written and hashed as it comes, and gone when nobody needs it")
    func staging() async throws {
        try await Scene.with { scene in
            let bytes = (0..<400_000).map { UInt8(truncatingIfNeeded: $0 / 7) }
            var file: ReceivedFile?
            let staged = try await scene.staging.file(limit_bytes: bytes.count)
            for start in stride(from: 0, to: bytes.count, by: 999) {
                try await staged.write(ByteBuffer(bytes: bytes[start..<min(start + 999, bytes.count)]))
            }
            file = try await staged.finish()
            #expect(file?.size_bytes == bytes.count)
            #expect(try await file?.pieces.bytes() == bytes)
            #expect(try await file?.pieces(300_000..<300_010).bytes() == Array(bytes[300_000..<300_010]))
            let hash = file?.sha256
            #expect(try await scene.staging.adopt(file?.path ?? "").sha256 == hash)
            file = nil
            #expect(scene.staged == [])
        }
    }

    @Test("SHA-256 of `abc` is the one of FIPS 180-2")
    func hash() async throws {
        try await Scene.with { scene in
            let hash = try await scene.file(Array("abc".utf8)).sha256
            #expect(
                hash
                    == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        }
    }

    @Test("one byte too many is refused, and nothing stays")
    func limit() async throws {
        try await Scene.with { scene in
            var staged: StagedFile? = try await scene.staging.file(limit_bytes: 10)
            try await staged?.write(ByteBuffer(repeating: 1, count: 10))
            await #expect(throws: FileLimitExceeded.self) {
                try await staged?.write(ByteBuffer(repeating: 1, count: 1))
            }
            staged = nil
            #expect(scene.staged == [])
        }
    }

    @Test("tools are given whole paths, however the folder was named")
    func relativeFolder() async throws {
        try await Scene.with { scene in
            let levels = FileManager.default.currentDirectoryPath.split(separator: "/").map { _ in ".." }
            let staging = try Staging(folder: "./" + levels.joined(separator: "/") + scene.folder + "/relative")
            #expect(staging.folder == scene.folder + "/relative")
            let tools = try #require(PictureTools(staging: staging, turnstile: Turnstile(places: 1, longestLine: 1)))
            let drawing = try await SampleFiles.bytes("drawing.png")
            let staged = try await staging.file(limit_bytes: drawing.count)
            try await staged.write(ByteBuffer(bytes: drawing))
            let scaled = try await tools.scaled(try await staged.finish(), .png, edge: 64)
            #expect(scaled.size_bytes > 0)
        }
    }

    @Test("what a crash has left is gone after the start")
    func leftovers() async throws {
        try await Scene.with { scene in
            try Data([1]).write(to: URL(fileURLWithPath: scene.staging.folder + "/old"))
            _ = try Staging(folder: scene.staging.folder)
            #expect(scene.staged == [])
        }
    }

    @Test("what a process has left that did not come back for a day is removed, and nothing of those that are there")
    func abandoned() async throws {
        try await Scene.with { scene in
            let folder = scene.folder + "/stagings"
            for (name, age_s) in [("gone", 90_000.0), ("there", 80_000)] {
                try Data([1]).write(to: URL(fileURLWithPath: try Staging(folder: "\(folder)/\(name)").folder + "/file"))
                try FileManager.default.setAttributes(
                    [.modificationDate: Date(timeIntervalSinceNow: -age_s)], ofItemAtPath: "\(folder)/\(name)")
            }
            try Staging.removeAbandoned(in: folder)
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["there"])
        }
    }

    @Test("the folder stores, finds, lists and deletes objects")
    func folderStore() async throws {
        try await Scene.with { scene in
            try await StoreTests.exercise(try FolderStore(folder: scene.folder + "/objects"), scene)
        }
    }
}

/// What every store has to do.
enum StoreTests {
    static func exercise(_ store: any ObjectStore, _ scene: Scene) async throws {
        let bytes = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        let key = ObjectKey.blob(sha256: String(repeating: "0f", count: 32), number: 5)
        #expect(try await store.size_bytes(of: key) == nil)
        try await store.delete(key)
        let file = try await scene.file(bytes)
        try await store.put(file, at: key, contentType: "image/png")
        // It may be needed once more.
        let again = ObjectKey.blob(sha256: String(repeating: "0f", count: 32), number: 6)
        try await store.put(file, at: again, contentType: "image/png")
        #expect(try await store.read(again, 0..<bytes.count).bytes() == bytes)
        try await store.delete(again)
        try await store.put(
            try await scene.file([1, 2, 3]), at: .chunk(0, of: 9), contentType: "application/octet-stream")
        #expect(try await store.size_bytes(of: key) == bytes.count)
        #expect(try await store.read(key, 0..<bytes.count).bytes() == bytes)
        #expect(try await store.read(key, 299_990..<bytes.count).bytes() == Array(bytes[299_990...]))
        #expect(try await store.read(key, 7..<8).bytes() == [bytes[7]])
        // Another chunk in place of one.
        try await store.put(
            try await scene.file([4, 5, 6, 7]), at: .chunk(0, of: 9), contentType: "application/octet-stream")
        #expect(try await store.read(.chunk(0, of: 9), 0..<4).bytes() == [4, 5, 6, 7])
        try await store.put(
            try await scene.file([1, 2, 3]), at: .chunk(0, of: 9), contentType: "application/octet-stream")
        // The same content once more, as when two upload it at once.
        try await store.put(try await scene.file(bytes), at: key, contentType: "image/png")
        #expect(try await store.read(key, 0..<bytes.count).bytes() == bytes)
        var all: [String: Int] = [:]
        try await store.list("") { all[$0.key.description] = $0.size_bytes }
        #expect(all == [key.description: bytes.count, "uploads/9/0": 3])
        var chunks: [Int64] = []
        try await store.list("uploads/") { chunks.append($0.modifiedAt) }
        #expect(chunks.count == 1)
        #expect(chunks.allSatisfy { abs($0 - Int64(Date().timeIntervalSince1970)) < 120 })
        try await store.delete(key)
        #expect(try await store.size_bytes(of: key) == nil)
    }
}
