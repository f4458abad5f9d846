import Aviary
import Foundation
import Testing

@Suite("The reference pages")
struct GeneratedPagesTests {
    @Test("docs/ has what the code makes; `make docs` writes it anew")
    func upToDate() throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let folder = FileManager.default.temporaryDirectory.appending(path: "aviary-docs-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try GeneratedPages.write(to: folder.path)
        for name in try FileManager.default.contentsOfDirectory(atPath: folder.path) {
            let made = try String(contentsOf: folder.appending(path: name), encoding: .utf8)
            let kept = try? String(contentsOf: root.appending(path: "docs/\(name)"), encoding: .utf8)
            // The pages themselves would fill the screen.
            let isUpToDate = made == kept
            #expect(isUpToDate, "docs/\(name) is out of date")
        }
    }
}
