import Foundation
import TestPrograms
import Testing

/// `aviary bench`, as a person starts it.
@Suite struct BenchCommandTests {
    private static func withFolder(_ body: (URL) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "aviary-crowd-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try await body(folder)
    }

    @Test func `People are served, a sentence and a page tell of it, and nothing is left or touched`() async throws {
        try await Self.withFolder { folder in
            let page = folder.appending(path: "page.md")
            let other = folder.appending(path: "other.db")
            let (status, text) = try await AviaryProgram.run(
                [
                    "bench", "--people", "100", "--seconds", "1", "--rounds", "2", "--folder", folder.path, "--output",
                    page.path,
                ], environment: ["AVIARY_DATABASE_URL": "sqlite:\(other.path)", "AVIARY_DATA": other.path])
            #expect(status == 0, "\(text)")
            #expect(text.components(separatedBy: "100 people, ").count == 3, "\(text)")
            #expect(
                text.contains("100 people were online") && text.contains(" 0 failed, 0 people were lost"), "\(text)")
            #expect(try String(contentsOf: page, encoding: .utf8).contains("| 100 | "))
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["page.md"])
        }
    }

    /// The server closes whoever does not beat for 67 seconds.
    @Test(.timeLimit(.minutes(3))) func `Who is online stays so`() async throws {
        try await Self.withFolder { folder in
            let (status, text) = try await AviaryProgram.run(
                ["bench", "--people", "100", "--seconds", "75", "--folder", folder.path])
            #expect(status == 0 && text.contains(" 0 failed, 0 people were lost"), "\(text)")
        }
    }

    @Test(arguments: [
        ["--seconds", "0"], ["--seconds", "nan"], ["--seconds", "1e9"], ["--rounds", "0"], ["--people", "99"],
        ["--people", "-5"], ["--people", "99999999"], ["--folder", "/proc/nowhere"],
    ])
    func `What can't be is refused, and nothing is begun`(_ options: [String]) async throws {
        let (status, text) = try await AviaryProgram.run(["bench"] + options)
        #expect(status != 0 && text.contains("Error"), "\(text)")
    }
}
