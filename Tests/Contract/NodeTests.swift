import Client
import Database
import Kernel
import NIOHTTP1
import TestDatabase
import TestPrograms
import Testing

@testable import Aviary
@testable import Chat
@testable import Features

/// What administrators see of the nodes of an instance, and the numbers that nodes have.
@Suite("The nodes of an instance")
struct NodeTests {
    private static let path = "/admin/nodes"

    private static func nodes(of answer: JSON) -> [JSON] { answer["nodes"]?.array ?? [] }

    private static func numbers(of answer: JSON) -> [Int64] { nodes(of: answer).compactMap { $0["number"]?.integer } }

    // MARK: The list

    @Test("one node alone is listed, and leads", arguments: DatabaseKind.allCases)
    func alone(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let root = try await server.administrator()
            let listener = try await root.listens()
            try await eventually {
                let answer = try await root.does(.GET, Self.path)
                guard Self.nodes(of: answer).count == 1, let node = Self.nodes(of: answer).first else { return false }
                return node["leads"] == true && node["sessions"] == 1 && answer["problems"] == []
            }
            let answer = try await root.does(.GET, Self.path)
            let node = try #require(Self.nodes(of: answer).first)
            #expect(node["number"] == 0)
            #expect(node["version"]?.string == "\(LoadedSettings.programVersion)")
            #expect(node["machine"]?.string == MachineName.own)
            #expect(try #require(node["silent_seconds"]?.integer) < 15)
            #expect(try #require(node["position"]?.integer) <= (answer["position"]?.integer ?? 0))
            #expect(try #require(node["lag"]?.integer) >= 0)
            #expect(node["problems"]?.array?.compactMap(\.string).allSatisfy { $0.hasPrefix("clock") } == true)
            await listener.socket.disconnect()
        }
    }

    @Test("nothing in it says where things are, or how one gets in", arguments: DatabaseKind.allCases)
    func nothingSecret(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let root = try await server.administrator()
            let answer = try await root.does(.GET, Self.path)
            #expect(Set(answer.object?.keys.map { $0 } ?? []) == ["position", "waiting", "problems", "nodes"])
            let known: Set<String> = [
                "number", "machine", "silent_seconds", "version", "started_at", "clock_ahead_ms", "position", "lag",
                "sessions",
                "leads", "problems",
            ]
            for node in Self.nodes(of: answer) { #expect(Set(node.object?.keys.map { $0 } ?? []) == known) }
            let holders = try await server.onDatabase { tx in try tx.all("SELECT holder FROM workers") { $0.text(0) } }
            #expect(!holders.isEmpty)
            let address = server.settings.all.first { $0.setting.key == "database.url" }?.value ?? server.folder
            for secret in holders + [server.folder, address] { #expect(!answer.text.contains(secret)) }
        }
    }

    @Test("administrators alone see it", arguments: DatabaseKind.allCases)
    func access(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            #expect(try await alice.outcome(.GET, Self.path) == "403 Admin access required")
            #expect(try await server.outcome(.GET, Self.path) == "401 Authentication required")
        }
    }

    @Test("of two nodes one leads, each tells of both, and what is wrong with one is said")
    func two() async throws {
        try await TwoNodes.with(["media.shared_folder": "true"], skew: .seconds(-3600)) { first, second in
            let root = try await first.administrator()
            for node in [first, second] {
                try await eventually {
                    let nodes = Self.nodes(of: try await root.on(node).does(.GET, Self.path))
                    let problems = nodes.compactMap { $0["problems"]?.array?.compactMap(\.string) }
                    return nodes.count == 2 && nodes.count { $0["leads"] == true } == 1
                        && problems.last?.contains("clock_refused") == true
                }
            }
        }
    }

    private static func report(
        _ version: String = "a.1.0-1", lag: Int64? = 0, skew: Duration = .zero, leads: Bool,
        difficulties: Set<NodeReport.Difficulty> = []
    ) -> NodeReport {
        NodeReport(
            version: version, startedAt: Timestamp(seconds: 9), position: 7, lag: lag, sessions: 3, skew: skew,
            leads: leads, difficulties: difficulties)
    }

    private static func cluster(
        _ reports: NodeReport?..., silence: Duration = .zero, isLed: Bool = true
    ) -> Cluster {
        Cluster(
            nodes: reports.enumerated().map { Cluster.Node(number: $0, silence: silence, report: $1) },
            position: 5000, waiting: 0, isLed: isLed)
    }

    @Test("what is wrong with a node, and with all together, is told from what they say")
    func problems() {
        func problems(_ report: NodeReport?, silence: Duration = .zero) -> [Cluster.NodeProblem] {
            let cluster = Self.cluster(report, silence: silence)
            return cluster.nodes.flatMap(cluster.problems)
        }
        #expect(problems(Self.report(lag: 1000, skew: .seconds(1), leads: true)) == [])
        #expect(problems(Self.report(lag: 1001, skew: .milliseconds(-1001), leads: true)) == [.clock, .behind])
        #expect(problems(Self.report(skew: .milliseconds(10_001), leads: true)) == [.clockRefused])
        #expect(problems(Self.report(leads: true), silence: .seconds(15)) == [.silent])
        #expect(problems(nil) == [.unknown])
        #expect(problems(Self.report(leads: true, difficulties: [.bus, .files])) == [.files, .bus])
        // An older version does not say how far behind it is.
        #expect(problems(Self.report(lag: nil, leads: true)) == [.behind])
        // Numbers that no node says.
        #expect(problems(NodeReport(Self.odd)) == [.clockRefused])

        #expect(Self.cluster(Self.report(leads: true), Self.report(leads: false)).problems == [])
        // Who has just begun to lead says so within five seconds; who has ended is still in the list of others.
        #expect(Self.cluster(Self.report(leads: false), nil).problems == [])
        #expect(Self.cluster(Self.report(leads: true), isLed: false).problems == [.noLeader])
        #expect(Self.cluster(isLed: false).problems == [], "there is nobody")
        #expect(Self.cluster(Self.report(leads: true), Self.report("a.2", leads: false)).problems == [.versions])
    }

    private static let odd = """
        {"version": "", "started_at": 0, "position": -9223372036854775808, "lag": -9223372036854775808,
        "sessions": -1, "skew_ms": -9223372036854775808, "leads": false}
        """

    // MARK: Numbers that the operator has given

    @Test("a node whose number is given is listed, and nobody else has that number", arguments: DatabaseKind.allCases)
    func given(kind: DatabaseKind) async throws {
        try await TestServer.with(kind, ["ids.worker": "7"]) { server in
            let root = try await server.administrator()
            #expect(Self.numbers(of: try await root.does(.GET, Self.path)) == [7])
            let id = try #require(Int64(try await root.foundsServer().id))
            #expect(id >> 12 & 0x3FF == 7)
            guard kind == .postgresql, let url = server.settings.all.first(where: { $0.setting.key == "database.url" })
            else { return }
            let own = ["media.shared_folder": "true", "ids.worker": "0"]
            try await TestServer.with(databaseURL: url.value, own) { _ in
                // The number 0 is taken, and so is 7.
                try await TestServer.with(databaseURL: url.value, ["media.shared_folder": "true"]) { third in
                    try await eventually {
                        Self.numbers(of: try await root.on(third).does(.GET, Self.path)) == [0, 1, 7]
                    }
                }
            }
        }
    }

    @Test("a second node with the same number does not start while the first one is there")
    func twice() async throws {
        try await TestDatabase.withPlace(.postgresql) { place in
            let settings = ["media.shared_folder": "true", "ids.worker": "7"]
            try await TestServer.with(databaseURL: place.address, settings) { first in
                await #expect(throws: SettingsError.self) {
                    try await TestServer.with(databaseURL: place.address, settings) { _ in }
                }
                let alice = try await first.person("alice")
                try await alice.says("hello", in: alice.foundsServer().general)
            }
            // It has given the number back.
            try await TestServer.with(databaseURL: place.address, settings) { _ in }
        }
    }

    @Test("who finds the given number with another one says so, writes nothing, and goes on when it is free")
    func lost() async throws {
        try await TestDatabase.withPlace(.postgresql) { place in
            try await TestServer.with(databaseURL: place.address, ["ids.worker": "7"]) { server in
                let alice = try await server.person("alice")
                try await server.onDatabase { tx in try tx.execute("UPDATE workers SET holder = 'other.1'") }
                try await eventually {
                    let reply = try await server.send(.GET, "/ready")
                    return reply.status == 503 && reply.issues.contains("number")
                }
                #expect(
                    try await alice.outcome(.POST, "/servers", ["name": "Nest"]) == "503 Service unavailable")
                try await server.onDatabase { tx in try tx.execute("DELETE FROM workers") }
                try await eventually { try await alice.outcome(.POST, "/servers", ["name": "Nest"]) == "201" }
            }
        }
    }

    @Test(
        "a given number is there at once for who is started again in its folder, and after its time for others",
        arguments: DatabaseKind.allCases)
    func startedAgain(kind: DatabaseKind) async throws {
        try await TestDatabase.with(kind, migrations: Instance.migrations) { database in
            let killed = try await WorkerLease.take(7, from: database, holder: "a.1")
            let lease = try await WorkerLease.take(7, from: database, holder: "a.2")
            #expect(lease.number == 7)
            await #expect(throws: WorkerLease.Taken.self) { try await killed.renew(in: database, clock: SystemClock()) }
            #expect(killed.claim(at: .now) == nil && lease.claim(at: .now) != nil)

            let waits = AsyncStream.makeStream(of: Void.self)
            async let other = WorkerLease.take(7, from: database, holder: "b.1") { waits.continuation.yield() }
            for await _ in waits.stream {
                try await database.write { tx in try tx.execute("UPDATE workers SET expires_at = 0") }
                break
            }
            #expect(try await other.number == 7)
            await #expect(throws: WorkerLease.Taken.self) { try await lease.renew(in: database, clock: SystemClock()) }
            // Nobody takes the number by chance.
            #expect(try await WorkerLease.take(from: database, holder: "c.1").number == 0)
            try await other.giveBack(to: database)
            #expect(try await lease.renew(in: database, clock: SystemClock()).number == 7)
            #expect(lease.claim(at: .now) != nil)
        }
    }
}
