import Bus
import Chat
import Client
import Database
import Kernel
import Logging
import NIOHTTP1
import TestDatabase
import TestPrograms
import Testing

@testable import Aviary
@testable import Events

/// Several nodes that tell each other by NATS what PostgreSQL need not carry.
@Suite("Several nodes with NATS")
struct NATSNodesTests {
    private static func with(
        _ body: @escaping @Sendable (TestServer, TestServer, NATSServer) async throws -> Void
    ) async throws {
        try await NATSServer.with { nats in
            try await TwoNodes.with(["bus.url": nats.url, "media.shared_folder": "true"]) { first, second in
                for node in [first, second] { try await warns(node, of: nil) }
                try await body(first, second, nats)
            }
        }
    }

    /// Waits until a node is ready and says what is not as it should be.
    private static func warns(_ node: TestServer, of word: String?) async throws {
        try await eventually {
            let reply = try await node.send(.GET, "/ready")
            let warnings = reply.json["warnings"]?.array?.compactMap(\.string) ?? []
            return reply.status == 200
                && (word.map { word in warnings.contains { $0.contains(word) } } ?? warnings.isEmpty)
        }
    }

    /// Types until it is heard: the bus may lose it, as it does when a busy machine lets seconds pass between two beats of a node.
    /// Each time a message follows, which is never lost.
    private static func types(_ person: Person, in nest: Community, heardBy listener: Listener) async throws {
        while true {
            try await person.does(.POST, "/channels/\(nest.general)/typing")
            let said = try await person.says("typed", in: nest.general).text("id")
            while true {
                let event = try await listener.next(op: 0)
                if event["t"] == "TYPING_START" { return #expect(event["d"]?["user_id"]?.string == person.id) }
                if event["t"] == "MESSAGE_CREATE", event["d"]?["id"]?.string == said { break }
            }
        }
    }

    /// Somebody who hears what others do from the other node.
    private struct Scene {
        let alice: Person
        let bob: Person
        let nest: Community
        let listener: Listener

        init(_ first: TestServer, _ second: TestServer) async throws {
            (alice, bob) = (try await first.person("alice"), try await first.person("bob"))
            nest = try await alice.foundsServer()
            try await bob.joins(nest)
            listener = try await bob.on(second).listens()
            // Whoever is there on another node is known by what the nodes tell each other, so from then on they do.
            let (alice, bob, nest) = (alice, bob, nest)
            try await eventually {
                let members = try await alice.does(.GET, "/servers/\(nest.id)/members").array ?? []
                return members.first { $0["user_id"]?.string == bob.id }?["presence"] == "online"
            }
        }

        /// What she does on one node he hears on the other one.
        func isHeard(_ text: String) async throws {
            let said = try await alice.says(text, in: nest.general)
            #expect(try await listener.awaits("MESSAGE_CREATE")["d"]?["id"] == .string(said.text("id")))
            try await NATSNodesTests.types(alice, in: nest, heardBy: listener)
            let desk = try await alice.listens()
            try await SeveralNodesTests.hears(listener, of: alice, "online")
            await desk.socket.disconnect()
            try await SeveralNodesTests.hears(listener, of: alice, "offline")
        }
    }

    @Test("messages, typing and presence cross, also while NATS is dead, and when it is back")
    func dies() async throws {
        try await Self.with { first, second, nats in
            let scene = try await Scene(first, second)
            try await scene.isHeard("by NATS")
            await nats.end()
            for node in [first, second] { try await Self.warns(node, of: "NATS") }
            try await scene.isHeard("by PostgreSQL")
            try await nats.startAgain()
            for node in [first, second] { try await Self.warns(node, of: nil) }
            try await scene.isHeard("by NATS again")
        }
    }

    @Test("a NATS that does nothing is noticed, and messages cross meanwhile")
    func frozen() async throws {
        try await Self.with { first, second, nats in
            let scene = try await Scene(first, second)
            await nats.freeze()
            for number in 0..<5 {
                let said = try await scene.alice.says("\(number)", in: scene.nest.general)
                #expect(try await scene.listener.awaits("MESSAGE_CREATE")["d"]?["id"] == .string(said.text("id")))
            }
            for node in [first, second] { try await Self.warns(node, of: "NATS") }
            try await scene.isHeard("by PostgreSQL")
            await nats.thaw()
            for node in [first, second] { try await Self.warns(node, of: nil) }
            try await scene.isHeard("by NATS again")
        }
    }

    @Test("nodes start and serve where no NATS is, and where one of them alone has it not")
    func nowhere() async throws {
        try await NATSServer.with { nats in
            try await TestDatabase.withPlace(.postgresql) { place in
                let settings = ["media.shared_folder": "true"]
                let cut = settings.merging(["bus.url": "nats://127.0.0.1:1"]) { $1 }
                let whole = settings.merging(["bus.url": nats.url]) { $1 }
                for other in [cut, whole, settings] {
                    // Each server's clock is right when it starts: one that was set at the first start would be behind by now.
                    try await TestServer.with(databaseURL: place.address, cut) { first in
                        try await TestServer.with(databaseURL: place.address, other) { second in
                            try await Self.warns(first, of: "NATS")
                            // Each time new people, since the database stays.
                            let names = ["alice", "bob"].map { $0 + String(UInt32.random(in: 0 ... .max), radix: 36) }
                            let (alice, bob) = (try await first.person(names[0]), try await first.person(names[1]))
                            let nest = try await alice.foundsServer()
                            try await bob.joins(nest)
                            for (node, origin) in [(second, first), (first, second)] {
                                let listener = try await bob.on(node).listens()
                                let desk = try await alice.on(origin).listens()
                                try await SeveralNodesTests.hears(listener, of: alice, "online")
                                try await Self.types(alice.on(origin), in: nest, heardBy: listener)
                                await desk.socket.disconnect()
                                await listener.socket.disconnect()
                            }
                        }
                    }
                }
            }
        }
    }

    @Test("what is measured of the bus stands in the metrics")
    func metrics() async throws {
        try await NATSServer.with { nats in
            try await ServerProgram.with(.postgresql, ["bus.url": nats.url, "media.shared_folder": "true"]) { program in
                try await eventually { try await program.metric(#"aviary_bus_connected{way="nats"}"#) == 1 }
                try await eventually { try await program.metric(#"aviary_bus_connected{way="postgresql"}"#) == 1 }
                try await eventually {
                    let name = #"aviary_bus_messages_sent_total{way="nats",subject="presence"}"#
                    return try await program.metric(name) ?? 0 > 0
                }
                for figure in ["heard", "lost"] {
                    let name = #"aviary_bus_messages_\#(figure)_total{way="nats",subject="log"}"#
                    #expect(try await program.metric(name) == 0)
                }
                await nats.end()
                try await eventually { try await program.metric(#"aviary_bus_connected{way="nats"}"#) == 0 }
                try await eventually {
                    let name = #"aviary_bus_messages_sent_total{way="postgresql",subject="presence"}"#
                    return try await program.metric(name) ?? 0 > 0
                }
            }
        }
    }

    @Test("what one node writes is handed to the others, who need not read it")
    func handed() async throws {
        try await NATSServer.with { nats in
            try await HandOverTests.withPrograms(["bus.url": nats.url]) { first, second in
                for program in [first, second] {
                    try await eventually { try await program.metric(#"aviary_bus_connected{way="nats"}"#) == 1 }
                }
                let alice = try await Visitor.register("alice", on: first.port)
                let channel = try await alice.foundServer()
                for number in 1...30 {
                    try await alice.send(.POST, "/channels/\(channel)/messages", ["content": .string("\(number)")])
                }
                // A look at the log that comes in between may read some.
                for program in [first, second] {
                    try await eventually {
                        try await program.metric(#"aviary_log_events_total{way="handed"}"#) ?? 0 > 20
                    }
                }
            }
        }
    }

    @Test("who was handed what is in no log, as when a copy took its server's place too early, begins anew")
    func handedTooMuch() async throws {
        try await NATSServer.with { nats in
            try await TestDatabase.withPlace(.postgresql) { place in
                let settings = ["bus.url": nats.url, "media.shared_folder": "true"]
                try await TestServer.with(databaseURL: place.address, settings) { server in
                    try await Self.warns(server, of: nil)
                    let alice = try await server.person("alice")
                    let nest = try await alice.foundsServer()
                    let listener = try await alice.listens()
                    let (epoch, newest) = try await server.onDatabase { tx in
                        try tx.first("SELECT epoch, (SELECT MAX(position) FROM events) FROM event_log_state") {
                            (LogEpoch(rawValue: $0.integer(0)), $0.integer(1))
                        } ?? (.first, 0)
                    }
                    let event = Event(
                        position: newest + 1, at: server.clock.now(), name: .sight, intent: [], audiences: [],
                        payload: SightChange().payload)
                    let message = try #require(EventBatch(epoch: epoch, after: newest, [event]).messages.first)
                    try await Self.publish(message, at: nats, as: place)
                    #expect(try await listener.socket.closed().code == 4000)
                    let again = try await alice.listens()
                    let said = try await alice.says("after", in: nest.general)
                    #expect(try await again.awaits("MESSAGE_CREATE")["d"]?["id"] == .string(said.text("id")))
                }
            }
        }
    }

    /// Sends what only a node of the instance can.
    private static func publish(_ message: [UInt8], at nats: NATSServer, as place: DatabasePlace) async throws {
        let configuration = DatabaseConfiguration(migrations: Instance.migrations, logger: TestServer.silent)
        let database = try await PostgreSQLDatabase(url: place.address, configuration: configuration)
        let (instance, seal) = (
            try await InstanceSettings.busName(in: database), try await InstanceSettings.busSeal(in: database)
        )
        await database.close()
        let bus = NATSBus(try NATSPlace(nats.url), instance: instance, seal: seal, logger: TestServer.silent)
        bus.start()
        try await eventually { bus.broken.isEmpty }
        bus.publish(message, to: .events)
        await bus.close()
    }

    // MARK: Names

    private static func name(_ address: String) async throws -> String {
        let configuration = DatabaseConfiguration(migrations: Instance.migrations, logger: TestServer.silent)
        let database = try await PostgreSQLDatabase(url: address, configuration: configuration)
        do {
            let name = try await InstanceSettings.busName(in: database)
            await database.close()
            return name
        } catch {
            await database.close()
            throw error
        }
    }

    @Test("all nodes of an instance have one name for NATS, and a copy of the instance has another")
    func names() async throws {
        try await TestDatabase.withPlace(.postgresql) { place in
            let own = try await Self.name(place.address)
            #expect(try await Self.name(place.address) == own)
            #expect(own.count == 20 && own.allSatisfy { "0123456789abcdef".contains($0) })
            let copy = "\(place.name)_copy"
            try await place.administer("CREATE DATABASE \(copy) TEMPLATE \(place.name) STRATEGY file_copy")
            let other: String
            do {
                other = try await Self.name(place.address.replacing("/\(place.name)", with: "/\(copy)"))
            } catch {
                try await place.administer("DROP DATABASE \(copy) WITH (FORCE)")
                throw error
            }
            try await place.administer("DROP DATABASE \(copy) WITH (FORCE)")
            #expect(other != own)
        }
    }

    // MARK: Settings

    private static func refusal(_ settings: [String: String]) async throws -> String {
        let loaded = try await LoadedSettings.load(file: nil, environment: [:], flags: settings)
        do {
            _ = try BusChoice(loaded)
            return ""
        } catch {
            return "\(error)"
        }
    }

    @Test("with SQLite there is no bus, and a wrong address or file is named, without what is secret")
    func settings() async throws {
        #expect(try await Self.refusal([:]) == "")
        let database = ["database.url": "postgres://127.0.0.1/aviary"]
        for url in ["", "postgres", "nats://nest:secret@127.0.0.1:4222", "tls://a.example,tls://b.example"] {
            #expect(try await Self.refusal(database.merging(["bus.url": url]) { $1 }) == "")
        }
        for url in ["postgres", "nats://127.0.0.1:4222"] {
            let refusal = try await Self.refusal(["bus.url": url])
            #expect(refusal.hasPrefix("bus.url: a database of SQLite has one node alone"), "\(refusal)")
        }
        for wrong in [
            ["bus.url": "redis://nest:secret@127.0.0.1"], ["bus.url": "nats://nest:secret@127.0.0.1/path"],
            ["bus.ca": "/nowhere/ca.pem"], ["bus.url": "tls://127.0.0.1", "bus.ca": "/nowhere/ca.pem"],
            ["bus.url": "nats://127.0.0.1", "bus.credentials": "/nowhere/nest.creds"],
        ] {
            let refusal = try await Self.refusal(database.merging(wrong) { $1 })
            #expect(refusal.hasPrefix("bus.") && !refusal.contains("secret"), "\(refusal)")
        }
    }

    @Test("the address stands nowhere where it can be read")
    func hidden() async throws {
        let settings = try await LoadedSettings.load(
            file: nil, environment: [:], flags: ["bus.url": "nats://nest:hunter2@127.0.0.1:4222"])
        #expect(!settings.report.contains("hunter2") && settings.report.contains("bus.url"))
    }

    // MARK: The operator

    @Test("the operator can try whether nodes hear each other")
    func doctor() async throws {
        try await NATSServer.with("authorization { user: nest, password: secret }") { nats in
            try await TestDatabase.withPlace(.postgresql) { place in
                let address = "nats://nest:secret@\(nats.host):\(nats.port)"
                let settings = try await LoadedSettings.load(
                    file: nil, environment: [:], flags: ["database.url": place.address, "bus.url": address])
                let found = try await BusDoctor.examine(settings)
                #expect(found.map(\.way) == ["PostgreSQL", "NATS"] && found.allSatisfy(\.isReached))
                await nats.end()
                let later = try await BusDoctor.examine(settings)
                #expect(later.map(\.isReached) == [true, false])
                #expect("\(later[1])".hasPrefix("NATS: not reached: ") && later[1].reason?.isEmpty == false)
                #expect(!"\(later)".contains("secret"))
            }
        }
        let alone = try await LoadedSettings.load(file: nil, environment: [:], flags: [:])
        #expect(try await BusDoctor.examine(alone) == [])
    }
}
