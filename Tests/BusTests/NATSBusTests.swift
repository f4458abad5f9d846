import Foundation
import Kernel
import Logging
import NIOConcurrencyHelpers
import TestPrograms
import Testing

@testable import Bus

@Suite("The bus by way of NATS")
struct NATSBusTests {
    typealias Node = BusListener<NATSBus>

    private static func node(
        _ server: NATSServer, _ instance: String = "nest", logger: Logger = .silent
    ) throws -> Node {
        Node(NATSBus(try NATSPlace(server.url), instance: instance, seal: .test, logger: logger))
    }

    private static func withNodes(
        _ count: Int, _ options: String = "", _ body: ([Node], NATSServer) async throws -> Void
    ) async throws {
        try await NATSServer.with(options) { server in
            let nodes = try (0..<count).map { _ in try node(server) }
            do {
                for node in nodes { try await node.connects() }
                try await body(nodes, server)
            } catch {
                for node in nodes { await node.bus.close() }
                throw error
            }
            for node in nodes { await node.bus.close() }
        }
    }

    // MARK: Messages

    @Test("each node hears what the others send, by its subject, in order and as it was, and not itself")
    func exchange() async throws {
        try await Self.withNodes(3) { nodes, _ in
            let sent = [1, 30_000, 7, MessageSize.maximum_bytes, 0, 6000].map(sample)
            let signs = nodes.map { $0.signs.withLockedValue { $0 } }
            for message in sent { nodes[0].bus.publish(message, to: .transient) }
            nodes[0].bus.publish([], to: .log)
            for (node, before) in zip(nodes, signs).dropFirst() {
                try await eventually {
                    node.messages.count == sent.count && node.signs.withLockedValue { $0 } > before
                }
                #expect(node.messages == sent)
            }
            #expect(nodes[0].messages == [] && nodes[0].bus.lost == [:] && nodes[0].bus.broken == [])
        }
    }

    @Test("what is too long is lost, and counted")
    func tooLong() async throws {
        try await Self.withNodes(2) { nodes, _ in
            nodes[0].bus.publish(sample(MessageSize.maximum_bytes + 1), to: .transient)
            nodes[0].bus.publish([1], to: .transient)
            try await eventually { nodes[1].messages == [[1]] }
            #expect(nodes[0].bus.lost == [.transient: 1])
        }
    }

    @Test("instances on one NATS do not hear each other")
    func instances() async throws {
        try await NATSServer.with { server in
            let names = ["nest", "nest2", "nes", "other"]
            let nodes = try names.map { try Self.node(server, $0) }
            let others = try names.map { try Self.node(server, $0) }
            for node in nodes + others { try await node.connects() }
            for (name, node) in zip(names, nodes) { node.bus.publish(Array(name.utf8), to: .transient) }
            for (name, other) in zip(names, others) {
                try await eventually { other.messages == [Array(name.utf8)] }
            }
            for (name, node) in zip(names, nodes) { node.bus.publish(Array(name.utf8) + [0], to: .transient) }
            for (name, other) in zip(names, others) {
                try await eventually { other.messages == [Array(name.utf8), Array(name.utf8) + [0]] }
            }
            for node in nodes + others { await node.bus.close() }
        }
    }

    @Test("what a stranger on the same NATS sends does no harm")
    func stranger() async throws {
        try await Self.withNodes(1) { nodes, server in
            let stranger = try NATSConnection.open(
                try NATSPlace(server.url), subjects: "stranger.*", probe: "stranger.log")
            var random = HostileText(seed: 1)
            let subjects = [
                "aviary.nest.nonsense", "aviary.nest.transient.more", "aviary.nest.*", "aviary.nest.presence*",
                "aviary.nest.🦜", "aviary.nest.TRANSIENT", "aviary.nest", "aviary.other.transient", "aviary.nest.log",
                "aviary.nest.\u{301}transient",
            ]
            for subject in subjects {
                for count in [0, 1, 100, MessageSize.maximum_bytes + 1, 1_000_000] {
                    let bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
                    try? stranger.send(bytes, to: subject)
                }
            }
            try stranger.send(sample(MessageSize.maximum_bytes + 1), to: "aviary.nest.transient")
            try stranger.send([6], to: "aviary.nest.transient")
            try stranger.send(BusSeal.test.sealed([7], .presence), to: "aviary.nest.transient")
            // Who knows the secret is no stranger.
            try stranger.send(BusSeal.test.sealed([7], .transient), to: "aviary.nest.transient")
            try await eventually { nodes[0].messages == [[7]] }
            stranger.close()
        }
    }

    // MARK: Faults

    @Test("a server that dies is waited for; what is sent meanwhile is lost and counted, and whoever listens is told")
    func killed() async throws {
        try await Self.withNodes(2) { nodes, server in
            for round in 1...3 {
                await server.end()
                for node in nodes { try await node.breaks(.nats) }
                let lost = nodes[0].bus.lost[.transient] ?? 0
                for _ in 0..<10 { nodes[0].bus.publish([1], to: .transient) }
                #expect(nodes[0].bus.lost[.transient] == lost + 10)
                #expect(nodes[0].bus.waiting_bytes == 0)
                try await server.startAgain()
                for node in nodes { try await node.connects(times: round + 1) }
                let said = sample(round + 10)
                nodes[0].bus.publish(said, to: .transient)
                try await eventually { nodes[1].messages.last == said }
            }
        }
    }

    @Test("a server that does nothing is noticed; what waits for it has a bound, and whoever sends does not wait")
    func frozen() async throws {
        try await Self.withNodes(2) { nodes, server in
            await server.freeze()
            let message = sample(100_000)
            // More than the system takes for it.
            for _ in 0..<500 {
                nodes[0].bus.publish(message, to: .transient)
                nodes[0].bus.publish([], to: .log)
                #expect(nodes[0].bus.waiting_bytes <= 2 * NATSBus.maximumWaiting_bytes)
            }
            for node in nodes { try await node.breaks(.nats) }
            #expect(nodes[0].bus.lost[.transient, default: 0] > 0)
            #expect(nodes[0].bus.waiting_bytes == 0)
            await server.thaw()
            for node in nodes { try await node.connects(times: 2) }
            // What it had taken may still come.
            nodes[0].bus.publish([1], to: .transient)
            try await eventually { nodes[1].messages.last == [1] }
        }
    }

    @Test("what waits is sent before closing")
    func closing() async throws {
        try await Self.withNodes(1) { nodes, server in
            let other = try Self.node(server)
            try await other.connects()
            for number in 0..<200 as Range<UInt8> { other.bus.publish([number], to: .transient) }
            await other.bus.close()
            #expect(other.bus.lost == [:])
            try await eventually { nodes[0].messages.count == 200 }
            // Nobody takes these any more.
            other.bus.publish([1], to: .transient)
            #expect(other.bus.lost == [.transient: 1])
        }
    }

    @Test("closing waits for no server that is away or does nothing")
    func closingAlone() async throws {
        try await NATSServer.with { server in
            let (node, late) = (try Self.node(server), try Self.node(server))
            try await node.connects()
            await server.freeze()
            node.bus.publish([1], to: .transient)
            await node.bus.close()
            await server.end()
            try await late.breaks(.nats)
            await late.bus.close()
            let nowhere = Node(
                NATSBus(try NATSPlace("nats://127.0.0.1:1"), instance: "nest", seal: .test, logger: .silent))
            await nowhere.bus.close()
            let never = NATSBus(try NATSPlace("nats://127.0.0.1:1"), instance: "nest", seal: .test, logger: .silent)
            await never.close()
        }
    }

    @Test("of several servers the one that is there is taken")
    func several() async throws {
        try await NATSServer.with { server in
            let place = try NATSPlace("nats://127.0.0.1:1, \(server.url),nats://127.0.0.1:2")
            let node = Node(NATSBus(place, instance: "nest", seal: .test, logger: .silent))
            try await node.connects()
            await node.bus.close()
        }
    }

    @Test("the pauses between attempts grow, and have a bound")
    func pauses() {
        let now = ContinuousClock.now
        var outage = NATSOutage()
        #expect(outage.ended(at: now) == nil)
        #expect(outage.failed(at: now) && !outage.failed(at: now + .seconds(1)))
        let pauses = (0..<8).map { _ in outage.pause(jitter: 1) }
        #expect(pauses == [100, 200, 400, 800, 1600, 3200, 5000, 5000].map { .milliseconds($0) })
        #expect(outage.pause(jitter: 0) == .milliseconds(2500))
        #expect(outage.ended(at: now + .seconds(20)) == .seconds(20))
        #expect(outage.pause(jitter: 1) == .milliseconds(100) && outage.failed(at: now))
    }

    @Test("whether a way carries something can be tried")
    func carries() async throws {
        try await NATSServer.with { server in
            let place = try NATSPlace(server.url)
            let make = { NATSBus(place, instance: "nest", seal: .test, logger: .silent) }
            #expect(await BusCheck.carries { make() })
            await server.end()
            #expect(await !BusCheck.carries(within: .milliseconds(300)) { make() })
        }
    }
}
