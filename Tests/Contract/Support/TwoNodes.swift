import Foundation
import Kernel
import TestDatabase

/// Two servers on one PostgreSQL, behind whatever leads people to them.
enum TwoNodes {
    /// Two nodes, each with a clock of its own.
    static func with(
        _ settings: [String: String] = [:], skew: Duration = .zero,
        _ body: @escaping @Sendable (TestServer, TestServer) async throws -> Void
    ) async throws {
        try await TestDatabase.withPlace(.postgresql) { place in
            try await with(databaseURL: place.address, settings, skew: skew, body)
        }
    }

    static func with(
        databaseURL: String, _ settings: [String: String], skew: Duration = .zero,
        _ body: @escaping @Sendable (TestServer, TestServer) async throws -> Void
    ) async throws {
        let now = SystemClock().now()
        let (clock, other) = (ManualClock(now), ManualClock(now + skew))
        try await TestServer.with(databaseURL: databaseURL, clock: clock, settings) { first in
            let folder = try folder(beside: first, settings)
            defer { try? FileManager.default.removeItem(atPath: folder) }
            let own = settings.merging(["data": folder]) { _, new in new }
            try await TestServer.with(databaseURL: databaseURL, clock: other, own) { second in
                try await body(first, second)
            }
        }
    }

    /// A data folder that has the files in common with another node's where that is said.
    private static func folder(beside first: TestServer, _ settings: [String: String]) throws -> String {
        let files = FileManager.default
        let folder = files.temporaryDirectory.appending(path: "aviary-test-\(UUID().uuidString)").path
        try files.createDirectory(atPath: folder, withIntermediateDirectories: true)
        if settings["media.shared_folder"] == "true" {
            try files.createSymbolicLink(atPath: folder + "/media", withDestinationPath: first.folder + "/media")
        }
        return folder
    }
}

extension Person {
    /// The same login, on another node.
    func on(_ server: TestServer) -> Person { Person(server: server, name: name, id: id, token: token) }
}
