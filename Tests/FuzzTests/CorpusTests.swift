import Foundation
import Testing

@Suite("What the fuzzer found")
struct CorpusTests {
    private static func files(of parser: FuzzedParser) throws -> [URL] {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Corpus/\(parser.rawValue)")
        return try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
    }

    /// A trap ends the tests, and the file is the last one that is named.
    @Test("is read, and breaks no rule", arguments: FuzzedParser.allCases)
    func corpus(parser: FuzzedParser) throws {
        let files = try Self.files(of: parser)
        #expect(files.count > 5)
        for file in files {
            let bytes = Array(try Data(contentsOf: file))
            do throws(FuzzedParser.BrokenRule) {
                try parser.read(bytes)
            } catch {
                Issue.record("\(parser)/\(file.lastPathComponent): \(error)")
            }
        }
    }
}
