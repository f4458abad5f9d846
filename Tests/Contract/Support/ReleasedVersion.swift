import Database
import Foundation
import Kernel
import TestDatabase
import Testing

/// What a version that was released left behind on each database, with what it answered (`Tests/Released`).
struct ReleasedVersion: Sendable, CustomTestStringConvertible {
    /// A question that somebody asked, and what came.
    struct Answer: Sendable {
        let caller: String
        let path: String
        let answer: JSON
    }

    /// What was said when the database was filled.
    struct Record: Sendable {
        let moment: Timestamp
        let password: String
        /// Each caller's Authorization.
        let tokens: [String: String]
        let answers: [Answer]

        init(_ json: JSON) throws {
            moment = Timestamp(seconds: try #require(json["moment"]?.integer))
            password = try json.text("password")
            tokens = try #require(json["tokens"]?.object).compactMapValues(\.string)
            answers = try #require(json["answers"]?.array).map { one in
                Answer(caller: try one.text("caller"), path: try one.text("path"), answer: try #require(one["answer"]))
            }
        }
    }

    private static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../Released")

    static let all: [ReleasedVersion] = {
        let names = try? FileManager.default.contentsOfDirectory(atPath: folder.path)
        return (names ?? []).filter { $0.contains(/^[a-z]\.\d/) }.sorted().map(ReleasedVersion.init)
    }()

    let name: String
    /// What each test gets a copy of.
    let pattern: DatabasePattern
    var testDescription: String { name }

    private init(name: String) {
        self.name = name
        let folder = Self.folder.appending(path: name)
        pattern = DatabasePattern(
            file: folder.appending(path: "sqlite/aviary.db"),
            statements: folder.appending(path: "postgresql/aviary.sql"))
    }

    func record(_ kind: DatabaseKind) throws -> Record {
        try Record(JSONParser.parse(Array(Data(contentsOf: file(kind, ".json")))))
    }

    /// Lends a copy of the data folder, which a server may write to.
    func withDataFolder(_ kind: DatabaseKind, _ body: (String) async throws -> Void) async throws {
        let copy = FileManager.default.temporaryDirectory.appending(path: "aviary-released-\(UUID().uuidString)")
        try FileManager.default.copyItem(at: file(kind), to: copy)
        defer { try? FileManager.default.removeItem(at: copy) }
        try await body(copy.path)
    }

    private func file(_ kind: DatabaseKind, _ ending: String = "") -> URL {
        Self.folder.appending(path: "\(name)/\(kind == .sqlite ? "sqlite" : "postgresql")\(ending)")
    }
}
