import Foundation
import NIOCore

@testable import Media

/// A folder for one test.
struct Scene: Sendable {
    let folder: String
    let staging: Staging

    static func with(_ body: (Scene) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "aviary-media-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try await body(Scene(folder: folder, staging: try Staging(folder: folder + "/staging")))
    }

    func file(_ bytes: [UInt8]) async throws -> ReceivedFile {
        let file = try await staging.file(limit_bytes: bytes.count)
        try await file.write(ByteBuffer(bytes: bytes))
        return try await file.finish()
    }

    /// What lies in the staging folder.
    var staged: [String] { (try? FileManager.default.contentsOfDirectory(atPath: staging.folder)) ?? [] }
}

extension AsyncSequence where Element == ByteBuffer {
    /// Everything, one after the other.
    func bytes() async throws -> [UInt8] {
        var bytes: [UInt8] = []
        for try await piece in self { bytes += piece.readableBytesView }
        return bytes
    }
}
