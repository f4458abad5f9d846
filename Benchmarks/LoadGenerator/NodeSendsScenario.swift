import Client
import Crowds
import Foundation
import Kernel

/// Sends over 64 connections on several arrangements in turn, so that the machine's moods fall on all of them alike.
struct NodeSendsScenario: Sendable {
    /// A program, and on what it runs.
    struct Arrangement: Sendable {
        let name: String
        let program: String
        /// None is SQLite.
        let nodes: Int
        /// What each of them may take of the processors, as one on a machine of its own; nil for all of them.
        var cores: Double?
        /// The one that it is held against, and what it should reach of that one's rate.
        var comparison: (index: Int, target: Figure.Target?)?
    }

    static let connections = 64

    let machine: PostgreSQLMachine
    let arrangements: [Arrangement]

    private static let smallMachine_cores = 0.4

    /// SQLite, one node, two nodes; and those of an older program beside them.
    static func nodes(_ program: String, before: String, on machine: PostgreSQLMachine) -> NodeSendsScenario {
        var arrangements = [
            Arrangement(name: "SQLite", program: program, nodes: 0),
            Arrangement(name: "one node", program: program, nodes: 1, comparison: (0, .atLeast(60))),
            Arrangement(name: "two nodes", program: program, nodes: 2, comparison: (1, .atLeast(95))),
        ]
        if !before.isEmpty {
            arrangements += [
                Arrangement(name: "one node, before", program: before, nodes: 1, comparison: (1, nil)),
                Arrangement(name: "two nodes, before", program: before, nodes: 2, comparison: (2, nil)),
            ]
        }
        return NodeSendsScenario(machine: machine, arrangements: arrangements)
    }

    /// One node and two, each as if it had a small machine of its own, where this one lets us have that.
    static func machines(_ program: String, on machine: PostgreSQLMachine) throws -> NodeSendsScenario {
        guard ProcessorShare.isPossible else { throw Failure.sharesNothing }
        let cores = smallMachine_cores
        return NodeSendsScenario(
            machine: machine,
            arrangements: [
                Arrangement(name: "one node with \(cores) of a core", program: program, nodes: 1, cores: cores),
                Arrangement(
                    name: "two nodes with \(cores) of a core each", program: program, nodes: 2, cores: cores,
                    comparison: (0, .atLeast(95))),
            ])
    }

    /// The program as it is, and a copy of it that lets PostgreSQL read small tables as a whole.
    static func plans(_ program: String, in folder: URL, on machine: PostgreSQLMachine) throws -> NodeSendsScenario {
        // The program sets it for each session, after whatever the URL says: what is left is the word in the program.
        var bytes = try Data(contentsOf: URL(fileURLWithPath: program))
        guard let place = bytes.range(of: Data("'enable_seqscan', 'off'".utf8)) else { throw Failure.otherProgram }
        bytes.replaceSubrange(place, with: Data("'enable_seqscan', 'yes'".utf8))
        let copy = folder.appending(path: "aviary-with-scans")
        try bytes.write(to: copy)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: copy.path)
        return NodeSendsScenario(
            machine: machine,
            arrangements: [
                Arrangement(name: "one node", program: program, nodes: 1),
                Arrangement(
                    name: "one node, enable_seqscan on", program: copy.path, nodes: 1, comparison: (0, nil)),
            ])
    }

    enum Failure: Error {
        /// It does not hold the setting that is to be changed.
        case otherProgram
        /// Control groups can't be made: there are none, or not by this user.
        case sharesNothing
    }

    func measure(seconds: Double, rounds: Int) async throws -> [Figure] {
        var stages: [Stage] = []
        defer { for stage in stages { stage.end() } }
        for arrangement in arrangements { stages.append(try await Stage.start(arrangement, on: machine)) }
        var figures: [Figure] = []
        for (place, name) in [
            (Senders.Place.channelForAll, "one channel"), (Senders.Place.serverForEach, "a server each"),
        ] {
            for index in stages.indices { try await stages[index].gather(Self.connections, place) }
            var results = [[Spent]](repeating: [], count: stages.count)
            for round in 0..<rounds {
                // Whoever is first is not always the same.
                for step in stages.indices {
                    let index = (step + round) % stages.count
                    results[index].append(try await stages[index].flood(seconds: seconds))
                }
            }
            figures += self.figures(name, results)
            for index in stages.indices { await stages[index].dismiss() }
        }
        return figures
    }

    private func figures(_ place: String, _ results: [[Spent]]) -> [Figure] {
        var figures: [Figure] = []
        for (index, arrangement) in arrangements.enumerated() {
            let rounds = results[index]
            let median = { (value: (Spent) -> Double) in rounds.map(value).median }
            var further: [(name: String, value: Double, unit: String, target: Figure.Target?)] = [
                ("CPU of the nodes a send", median(\.nodes_us), "µs", nil)
            ]
            if arrangement.nodes > 0 {
                further += [
                    ("CPU of PostgreSQL a send", median(\.database_us), "µs", .atMost(250)),
                    ("rollbacks", median(\.rollbackShare) * 100, "% of transactions", .below(2)),
                    ("503", Double(rounds.reduce(0) { $0 + $1.unavailable }), "answers in all rounds", .atMost(0)),
                ]
            }
            if let (other, target) = arrangement.comparison {
                let ratios = zip(rounds, results[other]).map { $0.rate / $1.rate * 100 }
                further.append(("of \(arrangements[other].name)", ratios.median, "%", target))
            }
            figures.append(
                Figure(
                    "sends, 64 connections, \(place), \(arrangement.name)", median(\.rate), "requests/s",
                    note: "p50 \(median(\.p50_ms).short) ms, p99 \(median(\.p99_ms).short) ms", further: further))
        }
        return figures
    }

    /// What a round did, and what each send took.
    struct Spent {
        let rate: Double
        let p50_ms: Double
        let p99_ms: Double
        let unavailable: Int
        let nodes_us: Double
        let database_us: Double
        let rollbackShare: Double
    }
}

/// An arrangement's servers, which run for as long as it is measured.
private struct Stage {
    let servers: [RunningServer]
    let shares: [ProcessorShare]
    let database: PostgreSQLMachine.Place?
    var senders = Senders(members: [])

    static func start(
        _ arrangement: NodeSendsScenario.Arrangement, on machine: PostgreSQLMachine
    ) async throws -> Stage {
        let database = arrangement.nodes == 0 ? nil : try machine.makeDatabase()
        var servers: [RunningServer] = []
        for _ in 0..<max(arrangement.nodes, 1) {
            servers.append(
                try await RunningServer.start(
                    program: arrangement.program, database: database?.url ?? "",
                    environment: ["AVIARY_MEDIA_SHARED_FOLDER": "true"]))
        }
        let shares = try arrangement.cores.map { cores in
            try servers.map { try ProcessorShare(cores, of: $0.processID) }
        }
        return Stage(servers: servers, shares: shares ?? [], database: database)
    }

    /// At once: what they hold is thrown away.
    func end() {
        for server in servers { server.discard() }
        for share in shares { share.end() }
        database?.remove()
    }

    mutating func gather(_ count: Int, _ place: Senders.Place) async throws {
        let gathered = try await Senders.make(count, place, on: servers[0].port)
        senders = try await gathered.moved(to: servers.map(\.port))
        await gathered.close()
    }

    mutating func dismiss() async {
        await senders.close()
        senders = Senders(members: [])
    }

    /// A second to warm up, then what is counted.
    func flood(seconds: Double) async throws -> NodeSendsScenario.Spent {
        _ = try await senders.flood(seconds: 1)
        let before = try database?.transactions() ?? (committed: 0, rolledBack: 0)
        let nodes = try nodes_s()
        let server = try database?.machine.processorTime_s() ?? 0
        let result = try await senders.flood(seconds: seconds)
        let spentByNodes = try nodes_s() - nodes
        let spentByServer = (try database?.machine.processorTime_s() ?? 0) - server
        // Connections tell after a second of quiet what they did.
        try await Task.sleep(for: .milliseconds(1200))
        let after = try database?.transactions() ?? (committed: 0, rolledBack: 0)
        let undone = after.rolledBack - before.rolledBack
        let count = max(Double(result.sent), 1)
        return NodeSendsScenario.Spent(
            rate: Double(result.sent) / seconds, p50_ms: result.answers.percentile_ms(0.5),
            p99_ms: result.answers.percentile_ms(0.99), unavailable: result.unavailable,
            nodes_us: spentByNodes / count * 1e6, database_us: spentByServer / count * 1e6,
            rollbackShare: undone / max(after.committed - before.committed + undone, 1))
    }

    private func nodes_s() throws -> Double {
        try servers.reduce(0) { try $0 + ProcessorTime.seconds(of: $1.processID) }
    }
}
