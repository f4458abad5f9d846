import Client
import Database
import Kernel
import NIOHTTP1
import TestDatabase
import Testing

@testable import Chat

/// What exports and transcripts may take on the disk.
@Suite("Results that are kept")
struct KeptResultTests {
    @Test("of data exports the newest two are kept", arguments: DatabaseKind.allCases)
    func exports(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            let path = "/users/@me/data-export"
            var ids: [String] = []
            for _ in 0..<3 {
                let job = try await alice.does(.POST, path)
                _ = try await BackgroundTests.result(of: job, path, for: alice)
                ids.append(try job.text("id"))
            }
            #expect(try await alice.does(.GET, path).column("id") == [ids[2], ids[1]])
            #expect(try await alice.outcome(.GET, "\(path)/\(ids[0])/download") == "404 Job not found")
            let bob = try await server.person("bob")
            #expect(try await bob.outcome(.DELETE, "\(path)/\(ids[1])") == "404 Job not found")
            try await alice.does(.DELETE, "\(path)/\(ids[1])")
            #expect(try await alice.does(.GET, path).column("id") == [ids[2]])
            try await server.keepsUp()
            let files = try await server.onDatabase { tx in
                try tx.first("SELECT COUNT(*) FROM blobs") { $0.int(0) }
            }
            #expect(files == 1, "the files are gone with them")
        }
    }

    @Test("a person's transcripts have bounds, and a channel has a pause", arguments: DatabaseKind.allCases)
    func transcripts(kind: DatabaseKind) async throws {
        try await EventTests.with(kind) { scene in
            let (server, alice, nest) = (scene.server, scene.alice, scene.nest)
            func path(_ channel: String) -> String { "/channels/\(channel)/messages/export" }
            let other = try await alice.opensChannel("other", in: nest)
            let third = try await alice.opensChannel("third", in: nest)
            for channel in [nest.general, other, third] {
                for _ in 0..<5 {
                    let job = try await alice.does(.POST, path(channel), ["format": "txt"])
                    _ = try await BackgroundTests.result(of: job, path(channel), for: alice)
                    server.clock.advance(by: .seconds(1))
                }
            }
            let refused = try await alice.send(.POST, path(third), ["format": "txt"])
            #expect(refused.outcome == "429 Rate limited")
            #expect(refused.headers["retry-after"] == ["595"])
            let kept = try await server.onDatabase { tx in
                try tx.first("SELECT COUNT(*) FROM jobs WHERE kind = 'transcript'") { $0.int(0) }
            }
            #expect(kept == 10)
            server.clock.advance(by: .seconds(600))
            #expect(try await alice.outcome(.POST, path(third), ["format": "txt"]) == "200")
        }
    }

    @Test("large results give way, but for the newest", arguments: DatabaseKind.allCases)
    func bytes(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let owner = UserID(rawValue: 5)
            let left = try await server.onDatabase { tx in
                for number in 1...4 {
                    try JobStore.insert(
                        Job(
                            id: JobID(rawValue: Int64(number)), kind: .transcript, owner: owner, channel: nil,
                            input: [:],
                            state: .done, progress: 0, error: nil, result: nil, size_bytes: 100, createdAt: tx.now,
                            finishedAt: tx.now, expiresAt: tx.now), tx)
                }
                try JobStore.trim(.transcript, of: owner, to: 10, 250, tx)
                let some = try JobStore.jobs(of: owner, .transcript, tx).map(\.id.rawValue)
                try JobStore.trim(.transcript, of: owner, to: 10, 50, tx)
                return [some, try JobStore.jobs(of: owner, .transcript, tx).map(\.id.rawValue)]
            }
            #expect(left == [[4, 3], [4]])
        }
    }
}
