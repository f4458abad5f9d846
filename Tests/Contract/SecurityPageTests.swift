import Foundation
import Testing

@Suite("The security self-check")
struct SecurityPageTests {
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    @Test("each requirement that is said to be met names where, and what it names is there")
    func places() throws {
        let page = try String(contentsOf: Self.root.appending(path: "docs/security.md"), encoding: .utf8)
        let files = try Self.files()
        let met = page.split(separator: "\n").map { $0.split(separator: "|", omittingEmptySubsequences: false) }
            .filter { $0.count > 4 && $0[2].contains("✓") }
        #expect(met.count > 90)
        for row in met {
            let number = row[1].trimmingCharacters(in: .whitespaces)
            let places = row[4].split(separator: "`").filter { $0.contains(where: \.isLetter) }
            #expect(!places.isEmpty, "\(number) says not where")
            for place in places {
                let found = files.filter { $0 == place || $0.hasSuffix("/\(place)") }
                #expect(found.count == 1, "\(number) names \(place), of which there are \(found.count)")
            }
        }
    }

    /// The paths of the project's own files, relative to its root.
    private static func files() throws -> [String] {
        let folders = ["Sources", "Tests", "Web", "docs"]
        let inside = folders.flatMap { folder -> [String] in
            let below = FileManager.default.enumerator(atPath: root.appending(path: folder).path)
            return (below?.compactMap { $0 as? String } ?? []).map { "\(folder)/\($0)" }
        }
        return inside + (try FileManager.default.contentsOfDirectory(atPath: root.path))
    }
}
