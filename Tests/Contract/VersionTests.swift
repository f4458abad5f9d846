import Chat
import Database
import Foundation
import TestPrograms
import Testing

@Suite("The program's version")
struct VersionTests {
    @Test("it says its version, its commit, SQLite's version and the newest migration")
    func text() async throws {
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: ServerProgram.path)
        process.arguments = ["--version"]
        process.standardOutput = output
        try process.run()
        try await process.ended()
        let lines = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
            .split(separator: "\n")
        try #require(lines.count == 4, "\(lines)")
        #expect(lines[0].wholeMatch(of: /aviary [a-z]\.\d+\.\d+-\d+/) != nil, "\(lines[0])")
        #expect(lines[1].wholeMatch(of: /commit: ([0-9a-f]{40}|unknown)/) != nil, "\(lines[1])")
        #expect(lines[2].wholeMatch(of: /SQLite: 3\.\d+\.\d+/) != nil, "\(lines[2])")
        let newest = try #require(Instance.migrations.map(\.number).max())
        #expect(lines[3].hasPrefix("newest migration: \(newest) ("), "\(lines[3])")
    }
}
