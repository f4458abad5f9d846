import Client
import Foundation
import Glibc
import Kernel
import NIOHTTP1
import TestDatabase
import TestPrograms
import Testing

@Suite("A node that ends")
struct HandOverTests {
    /// Two nodes as programs of their own, on one database.
    static func withPrograms(
        _ own: [String: String] = [:], _ body: (ServerProgram, ServerProgram) async throws -> Void
    ) async throws {
        try await TestDatabase.withPlace(.postgresql) { place in
            let root = FileManager.default.temporaryDirectory.appending(path: "aviary-nodes-\(UUID().uuidString)")
            defer { try? FileManager.default.removeItem(at: root) }
            var programs: [ServerProgram] = []
            // One has a number of its own, the other one any.
            for (name, number) in [("one", "-1"), ("two", "5")] {
                let folder = root.appending(path: name)
                try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
                let settings = [
                    "database.url": place.address, "media.shared_folder": "true",
                    "gateway.identify_interval_seconds": "0", "ids.worker": number,
                ]
                programs.append(
                    try ServerProgram.start(settings.merging(own) { $1 }, folder: folder.path))
            }
            do {
                for program in programs { try await program.waitUntilHealthy() }
                try await body(programs[0], programs[1])
            } catch {
                for program in programs { await program.stop() }
                throw error
            }
            for program in programs { await program.stop() }
        }
    }

    private static func frame(
        of socket: GatewaySocket, where isWanted: (JSON) -> Bool
    ) async throws -> JSON {
        while true {
            let frame = try await socket.next()
            if isWanted(frame) { return frame }
        }
    }

    @Test("while others go on, its clients resume there with all that was said; the last one says that it ends")
    func handOver() async throws {
        try await Self.withPrograms { first, second in
            let alice = try await Visitor.register("alice", on: first.port)
            let bob = try await Visitor.register("bob", on: second.port)
            let channel = try await alice.foundServer()
            try await bob.send(.POST, "/channels/invites/\(try await alice.invite(to: channel))")

            let socket = try await GatewaySocket.open(port: first.port)
            try await socket.send(["op": 2, "d": ["token": .string(alice.token)]])
            let ready = try await Self.frame(of: socket) { $0["t"] == "READY" }
            // Once bob is seen to be there, the nodes have heard of each other.
            let other = try await GatewaySocket.open(port: second.port)
            try await other.send(["op": 2, "d": ["token": .string(bob.token)]])
            _ = try await Self.frame(of: other) { $0["t"] == "READY" }
            let seen = try await Self.frame(of: socket) { $0["t"] == "PRESENCE_UPDATE" }

            kill(try #require(first.server), SIGTERM)
            let farewell = try await Self.frame(of: socket) { $0["op"] == 7 || $0["op"] == 12 }
            #expect(farewell["op"] == 7)
            let said = try await bob.send(.POST, "/channels/\(channel)/messages", ["content": "meanwhile"])
            await socket.disconnect()

            let resumed = try await GatewaySocket.open(port: second.port)
            try await resumed.send([
                "op": 6,
                "d": [
                    "token": .string(alice.token), "session_id": ready["d"]?["session_id"] ?? .null,
                    "seq": seen["s"] ?? .null,
                ],
            ])
            let heard = try await Self.frame(of: resumed) { $0["t"] == "MESSAGE_CREATE" }
            #expect(heard["d"]?["id"] == said["id"])
            _ = try await Self.frame(of: resumed) { $0["t"] == "RESUMED" }
            try await eventually { !first.process.isRunning }

            kill(try #require(second.server), SIGTERM)
            let end = try await Self.frame(of: resumed) { $0["op"] == 7 || $0["op"] == 12 }
            #expect(end["op"] == 12)
            #expect(try await resumed.closed().code == 4017)
        }
    }

    @Test("where all are told to end at once, their clients hear that, and are sent to nobody who ends as well")
    func allAtOnce() async throws {
        try await Self.withPrograms { first, second in
            let alice = try await Visitor.register("alice", on: first.port)
            let bob = try await Visitor.register("bob", on: second.port)
            let channel = try await alice.foundServer()
            try await bob.send(.POST, "/channels/invites/\(try await alice.invite(to: channel))")
            var sockets: [GatewaySocket] = []
            for (visitor, program) in [(alice, first), (bob, second)] {
                let socket = try await GatewaySocket.open(port: program.port)
                try await socket.send(["op": 2, "d": ["token": .string(visitor.token)]])
                _ = try await Self.frame(of: socket) { $0["t"] == "READY" }
                sockets.append(socket)
            }
            // Once bob is seen to be there, the nodes have heard of each other.
            _ = try await Self.frame(of: sockets[0]) { $0["t"] == "PRESENCE_UPDATE" }
            for program in [first, second] { kill(try #require(program.server), SIGTERM) }
            for socket in sockets {
                let farewell = try await Self.frame(of: socket) { $0["op"] == 7 || $0["op"] == 12 }
                #expect(farewell["op"] == 12)
                #expect(try await socket.closed().code == 4017)
            }
        }
    }
}
