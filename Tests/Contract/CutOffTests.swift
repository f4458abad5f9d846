import Client
import Database
import Kernel
import NIOConcurrencyHelpers
import NIOHTTP1
import TestDatabase
import TestPrograms
import Testing

@testable import Aviary

@Suite("A node that is cut off from its database")
struct CutOffTests {
    /// Time that stands still until it is told to pass.
    private final class Uptime: Sendable {
        private let moment = NIOLockedValueBox(ContinuousClock.now)

        var now: ContinuousClock.Instant { moment.withLockedValue { $0 } }

        func advance(by duration: Duration) { moment.withLockedValue { $0 += duration } }
    }

    private struct Scene {
        let wire: FaultyWire
        let uptime: Uptime
        let alice: Person
        /// Of the node that can be cut off.
        let listener: Listener
        let ready: JSON
        let nest: Community
        let other: TestServer

        /// Nothing leads to the database, and nothing says so; what was on its way has arrived.
        func isCutOff() async throws {
            wire.mute()
            wire.cut()
            let outcome = try await alice.outcome(
                .POST, "/channels/\(nest.general)/messages", ["content": "into the void"])
            #expect(outcome == "503 Service unavailable")
        }
    }

    /// Somebody who is connected to a node that reaches the database by a wire, and another node that reaches it in any case.
    private static func with(_ body: @escaping @Sendable (Scene) async throws -> Void) async throws {
        try await TestDatabase.withPlace(.postgresql) { place in
            try await place.withWire { wire in
                let (uptime, settings) = (Uptime(), ["media.shared_folder": "true"])
                let url = place.url(port: wire.port)
                try await TestServer.with(databaseURL: url, uptime: { uptime.now }, settings) { first in
                    try await TestServer.with(databaseURL: place.address, settings) { second in
                        let alice = try await first.person("alice")
                        let nest = try await alice.foundsServer()
                        let listener = Listener(socket: try await GatewaySocket.open(port: first.port))
                        let ready = try await listener.identify(token: alice.token)
                        defer { wire.unmute() }
                        try await body(
                            Scene(
                                wire: wire, uptime: uptime, alice: alice, listener: listener, ready: ready, nest: nest,
                                other: second))
                    }
                }
            }
        }
    }

    @Test("its clients are told nothing, and sent away after a quarter of a minute; elsewhere they miss nothing")
    func sentAway() async throws {
        try await Self.with { scene in
            try await scene.isCutOff()
            scene.uptime.advance(by: .seconds(15))
            #expect(try await scene.listener.socket.closed().code == 4000)
            let there = scene.alice.on(scene.other)
            let said = try await there.says("meanwhile", in: scene.nest.general)
            let resumed = Listener(socket: try await GatewaySocket.open(port: scene.other.port))
            _ = try await resumed.next(op: 10)
            try await resumed.socket.send([
                "op": 6,
                "d": [
                    "token": .string(there.token), "session_id": scene.ready["d"]?["session_id"] ?? .null,
                    "seq": scene.ready["s"] ?? .null,
                ],
            ])
            #expect(try await resumed.awaits("MESSAGE_CREATE")["d"]?["id"] == said["id"])
            try await resumed.hears("RESUMED")
            await resumed.socket.disconnect()
        }
    }

    @Test("where the database is back before that, they stay, and hear what was said meanwhile")
    func backEarlier() async throws {
        try await Self.with { scene in
            try await scene.isCutOff()
            scene.uptime.advance(by: .seconds(13))
            let said = try await scene.alice.on(scene.other).says("meanwhile", in: scene.nest.general)
            scene.wire.unmute()
            #expect(try await scene.listener.awaits("MESSAGE_CREATE")["d"]?["id"] == said["id"])
            // What is written now is written by a node that has found back.
            try await eventually {
                try await scene.alice.outcome(.POST, "/channels/\(scene.nest.general)/messages", ["content": "back"])
                    == "201"
            }
            scene.uptime.advance(by: .seconds(13))
            let last = try await scene.alice.says("still here", in: scene.nest.general)
            while try await scene.listener.awaits("MESSAGE_CREATE")["d"]?["id"] != last["id"] {}
            await scene.listener.socket.disconnect()
        }
    }

    @Test("whether it is ready is answered while others still wait for a database that says nothing")
    func silentDatabase() async throws {
        try await Self.with { scene in
            scene.wire.mute()
            let isAnswered = NIOLockedValueBox(false)
            async let outcome = {
                defer { isAnswered.withLockedValue { $0 = true } }
                return try await scene.alice.outcome(
                    .POST, "/channels/\(scene.nest.general)/messages", ["content": "patience"])
            }()
            #expect(try await scene.alice.outcome(.GET, "/ready") == "503 Service unavailable")
            #expect(!isAnswered.withLockedValue { $0 })
            scene.uptime.advance(by: .seconds(6))
            #expect(try await scene.alice.outcome(.GET, "/ready") == "503 Service unavailable")
            scene.wire.unmute()
            scene.wire.cut()
            _ = try await outcome
            try await eventually { try await scene.alice.outcome(.GET, "/ready") == "200" }
            await scene.listener.socket.disconnect()
        }
    }

    @Test("contact is lost after fifteen seconds without an answer, and there again with one")
    func contact() {
        let uptime = Uptime()
        let contact = DatabaseContact(now: { uptime.now })
        uptime.advance(by: .milliseconds(14_999))
        #expect(!contact.isLost)
        uptime.advance(by: .milliseconds(1))
        #expect(contact.isLost)
        contact.note()
        #expect(!contact.isLost && contact.silence == .zero)
    }
}
