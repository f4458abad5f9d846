import Client
import Foundation
import Kernel
import NIOHTTP1
import Logging
import TestDatabase
import Testing

@testable import Aviary

@Suite("Rights of files")
struct FileAccessTests {
    private static func mode(_ path: String) -> Int {
        let attributes = try? FileManager.default.attributesOfItem(atPath: path)
        return (attributes?[.posixPermissions] as? NSNumber)?.intValue ?? 0
    }

    private static func make(_ path: String, _ mode: mode_t) {
        _ = FileManager.default.createFile(atPath: path, contents: Data("secret".utf8))
        chmod(path, mode)
    }

    private static func everything(in folder: String) -> [String] {
        (FileManager.default.enumerator(atPath: folder)?.allObjects as? [String] ?? []).map { folder + "/" + $0 }
    }

    @Test(
        "others can read nothing of what the server stores, also in a folder that was there",
        arguments: DatabaseKind.allCases)
    func closed(kind: DatabaseKind) async throws {
        // As a container's volume is: made by somebody else, open, with files of an older version.
        let shell = """
            umask 022; mkdir -p "$FOLDER/data/media/deep"; echo old >"$FOLDER/data/media/deep/file"; echo old >"$FOLDER/data/old"
            chmod 755 "$FOLDER/data/media/deep/file"; echo other >"$FOLDER/other"; ln -s ../other "$FOLDER/data/link"
            chmod 755 "$FOLDER" "$FOLDER/data"; exec "$@"
            """
        try await ServerProgram.with(kind, shell: shell) { program in
            let alice = try await Visitor.register("alice", on: program.port)
            _ = try await alice.foundServer()
            let data = program.folder + "/data"
            #expect(Self.mode(data) == 0o700)
            let paths = Self.everything(in: data)
            #expect(paths.count >= (kind == .sqlite ? 8 : 5), "\(paths)")
            if kind == .sqlite { #expect(paths.contains { $0.hasSuffix("aviary.db-wal") }) }
            for path in paths where !path.hasSuffix("/link") {
                #expect(Self.mode(path) & 0o077 == 0, "\(path) \(String(Self.mode(path), radix: 8))")
            }
            #expect(Self.mode(data + "/media/deep/file") == 0o700, "the owner's rights stay")
            #expect(
                Self.mode(program.folder + "/other") == 0o644, "what a link leads to is no business of the server's")
        }
    }

    @Test("a database elsewhere is closed, and what lies beside it is not touched")
    func elsewhere() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "aviary-modes-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        chmod(folder, 0o755)
        Self.make(folder + "/neighbour", 0o644)
        _ = FileManager.default.createFile(atPath: folder + "/chat.db", contents: nil)
        chmod(folder + "/chat.db", 0o644)
        try await ServerProgram.with(.sqlite, ["database.url": "sqlite:\(folder)/chat.db"]) { program in
            _ = try await Visitor.register("alice", on: program.port)
            for name in ["chat.db", "chat.db-wal", "chat.db-shm"] { #expect(Self.mode(folder + "/" + name) == 0o600) }
            #expect(Self.mode(folder + "/neighbour") == 0o644)
            #expect(Self.mode(folder) == 0o755)
        }
    }

    @Test("what lies in a closed folder is not walked through")
    func unwalked() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "aviary-modes-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try FileManager.default.createDirectory(atPath: folder + "/closed", withIntermediateDirectories: true)
        try FileManager.default.createDirectory(atPath: folder + "/open", withIntermediateDirectories: true)
        chmod(folder + "/closed", 0o700)
        chmod(folder + "/open", 0o755)
        for name in ["closed/file", "open/file", "file"] { Self.make(folder + "/" + name, 0o644) }
        FileAccess.closeToOthers(folder: folder, Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
        #expect(Self.mode(folder) == 0o700)
        #expect(Self.mode(folder + "/open") == 0o700)
        #expect(Self.mode(folder + "/open/file") == 0o600)
        #expect(Self.mode(folder + "/file") == 0o600)
        #expect(Self.mode(folder + "/closed/file") == 0o644)
    }
}
