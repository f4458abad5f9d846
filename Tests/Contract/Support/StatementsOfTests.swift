import Foundation

/// What tests ask of databases beside what the program asks: statements that stand in their sources, and not in the program's.
enum StatementsOfTests {
    private static let root = URL(fileURLWithPath: #filePath).appending(path: "../../../..").standardizedFileURL
    private static let tests = words(under: "Tests")
    private static let program = words(under: "Sources")

    /// All of the sources, with a single space between two words.
    private static func words(under folder: String) -> String {
        let files = FileManager.default.enumerator(at: root.appending(path: folder), includingPropertiesForKeys: nil)
        let texts = (files?.allObjects ?? []).compactMap { $0 as? URL }.filter { $0.pathExtension == "swift" }
            .compactMap { try? String(contentsOf: $0, encoding: .utf8) }
        return words(of: texts.joined(separator: "\n"))
    }

    static func words(of text: String) -> String {
        text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }

    /// - Parameter statement: its words, with a single space between two.
    static func contains(_ statement: String) -> Bool {
        // As the whole rest of a literal: what is longer is another statement.
        let ends = ["\(statement)\"", "\(statement) \"\"\""]
        return ends.contains(where: tests.contains) && !ends.contains(where: program.contains)
    }
}
