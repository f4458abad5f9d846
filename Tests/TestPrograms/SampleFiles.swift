import Foundation

/// Files to upload, made once for all tests by `make_samples.py`.
public struct SampleFiles: Sendable {
    public struct Failure: Error, CustomStringConvertible {
        public let description: String
    }

    private static let folder = Task {
        let folder = FileManager.default.temporaryDirectory.appending(path: "aviary-samples-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let output = try await ScriptProgram.run("make_samples.py", [folder.path])
        guard output.status == 0 else { throw Failure(description: output.errors) }
        return folder
    }

    /// - Parameter name: such as `photo.jpg`.
    public static func path(_ name: String) async throws -> String { try await folder.value.appending(path: name).path }

    public static func bytes(_ name: String) async throws -> [UInt8] {
        Array(try Data(contentsOf: URL(fileURLWithPath: try await path(name))))
    }
}
