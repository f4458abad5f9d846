import ArgumentParser
import Client
import Crowds
import Foundation

/// Measures a server that it starts itself, on an empty database, and prints a table.
@main
struct LoadGenerator: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "aviary-bench", abstract: "Measure a release build of the server.")

    @Option(help: "The server's program.")
    var program = ".build/release/aviary"

    @Option(help: "The program that sends with bare C; see Benchmarks/Baseline.")
    var baseline = ".build/bench/send"

    @Option(help: "sqlite:PATH or postgres://…; empty: a new SQLite database.")
    var database = ""

    @Option(help: "The program that holds sessions open; see Benchmarks/Baseline.")
    var listener = ".build/bench/listen"

    @Option(help: "An older program, whose nodes are measured in turn with this one's.")
    var before = ""

    @Option(help: "How many sessions each of three nodes has when a cluster is checked.")
    var sessions = 15_000

    @Option(help: "How many messages a second are sent then.")
    var messages = 200.0

    @Option(
        help: """
            Which scenarios, separated by commas. By themselves, with the URL of a superuser of PostgreSQL on this machine: nodes \
            (all of node-sends,node-machines,node-plans,node-words,node-delivery) and cluster.
            """)
    var only = "sends,list,ready,watched,fanout,memory,start,limits,large,growth,history,sessions,media,mixed"

    @Option(
        help: "How many messages there are in the end where they become more and more, such as 10000000 (half an hour)."
    )
    var history = 1_000_000

    @Flag(help: "Shorter and fewer rounds.")
    var quick = false

    @Option(help: "Where the figures go as JSON.")
    var output = "Benchmarks/results/latest.json"

    @Option(help: "Where the figures go as a page; none when empty.")
    var markdown = ""

    @Option(help: "The folder in which it is drawn how things grow (growth-members.svg and the like); none when empty.")
    var plots = ""

    private var rounds: Int { quick ? 1 : 3 }
    private var seconds: Double { quick ? 2 : 5 }

    func validate() throws {
        let known = Set(parts.map(\.name) + Self.nodeParts + ["nodes", "cluster", "none"])
        let unknown = only.split(separator: ",").map(String.init).filter { !known.contains($0) }
        guard unknown.isEmpty else { throw ValidationError("there is no \(unknown.joined(separator: ", "))") }
    }

    func run() async throws {
        raiseDescriptorLimit()
        var report = Report(machine: Machine.describe(), database: database.isEmpty ? "SQLite" : "PostgreSQL")
        let wanted = Set(only.split(separator: ",").map(String.init))
        var failed: [String] = []
        for part in parts where wanted.contains(part.name) {
            // What others have measured is not lost by one that fails.
            do {
                for figure in try await part.measure() { report.add(figure) }
            } catch {
                failed.append("\(part.name): \(error)")
            }
        }
        try await measureNodes(wanted, seconds: seconds, rounds: rounds) { report.add($0) }
        print(report.table)
        try write(report)
        guard failed.isEmpty else { throw ValidationError("not measured: \(failed.joined(separator: "; "))") }
    }

    private func write(_ report: Report) throws {
        try report.json.write(toFile: output, atomically: true, encoding: .utf8)
        for plot in plots.isEmpty ? [] : report.plots {
            try plot.svg.write(toFile: "\(plots)/growth-\(plot.kind).svg", atomically: true, encoding: .utf8)
        }
        guard !markdown.isEmpty else { return }
        // What was written below by hand is of other runs, and stays.
        let old = (try? String(contentsOfFile: markdown, encoding: .utf8)) ?? ""
        let kept = old.range(of: "\n## ").map { String(old[$0.lowerBound...]) } ?? ""
        try (report.page + kept).write(toFile: markdown, atomically: true, encoding: .utf8)
    }

    private static let nodeParts = ["node-sends", "node-machines", "node-plans", "node-words", "node-delivery"]

    // MARK: One server

    /// In the order in which they are measured.
    private var parts: [(name: String, measure: () async throws -> [Figure])] {
        [
            ("sends", sends), ("list", lists), ("ready", ready), ("watched", watched), ("fanout", fanOut),
            ("memory", memory), ("start", start), ("limits", limits), ("large", large), ("growth", growth),
            ("history", histories),
            ("sessions", connected), ("media", media), ("mixed", mixes),
        ]
    }

    private func sends() async throws -> [Figure] {
        try await withServer { server in
            let scenario = try await RequestScenario.prepare(server)
            var figures: [Figure] = []
            for connections in [1, 16, 64] {
                figures.append(try await scenario.sends(connections, seconds: seconds, rounds: rounds))
            }
            return figures
        }
    }

    private func lists() async throws -> [Figure] {
        try await withServer { server in
            let scenario = try await RequestScenario.prepare(server)
            let lists = try await scenario.lists(connections: 16, seconds: seconds, rounds: rounds)
            return [lists] + (try await scenario.smallest(connections: 16, seconds: seconds, rounds: rounds))
        }
    }

    private func ready() async throws -> [Figure] {
        try await withServer { try await ReadyScenario.prepare($0).measure(rounds: rounds) }
    }

    private func watched() async throws -> [Figure] {
        try await withServer { server in
            [try await WatchedScenario.prepare(server).measure(seconds: seconds, rounds: quick ? 3 : 9)]
        }
    }

    private func fanOut() async throws -> [Figure] {
        var figures: [Figure] = []
        for sessions in quick ? [100, 1000] : [100, 1000, 5000] {
            figures += try await withServer { server in
                let scenario = try await FanOutScenario.prepare(server, sessions: sessions, baseline: baseline)
                defer { scenario.close() }
                return try await scenario.measure(rounds: quick ? 3 : 5)
            }
        }
        return figures
    }

    private func memory() async throws -> [Figure] {
        try await MemoryScenario(program: program, database: database).measure(sessions: quick ? 1000 : 5000)
    }

    private func start() async throws -> [Figure] {
        let scenario = StartScenario(program: program, database: database)
        return [try await scenario.measure(messages: quick ? 1000 : 10_000, starts: quick ? 3 : 7)]
    }

    private func limits() async throws -> [Figure] {
        try RateLimitScenario(requests: quick ? 200_000 : 1_000_000, rounds: rounds).measure()
    }

    private func large() async throws -> [Figure] {
        let scenario = LargeServerScenario(
            program: program, database: database, members: quick ? 1000 : 10_000, channels: quick ? 50 : 500)
        return try await scenario.measure(rounds: quick ? 3 : 11)
    }

    private func growth() async throws -> [Figure] {
        try await GrowthScenario(program: program, database: database)
            .measure(sizes: quick ? [1000, 10_000] : [1000, 10_000, 100_000], rounds: quick ? 3 : 11)
    }

    private func histories() async throws -> [Figure] {
        let sizes = quick ? [5000, 20_000] : [100_000, 1_000_000, 10_000_000].filter { $0 <= history }
        return try await HistoryScenario(program: program, database: database)
            .measure(sizes: sizes, queries: quick ? 100 : 1000)
    }

    private func connected() async throws -> [Figure] {
        let scenario = MemoryScenario(program: program, database: database)
        var figures: [Figure] = []
        for sessions in quick ? [500, 1000] : [1000, 5000, 14_000] {
            figures += try await scenario.measure(growingTo: sessions)
        }
        figures += try await SessionsWithoutNetwork().measure(sessions: quick ? 5000 : 100_000)
        return figures
    }

    private func media() async throws -> [Figure] {
        let scenario = MediaScenario()
        var figures = try await withServer { server in
            try await scenario.uploads(to: server, quick ? 20 : 100, size_bytes: 5 << 20)
        }
        figures.append(try await scenario.thumbnail(rounds: quick ? 3 : 11))
        figures += try await withServer { server in
            try await scenario.serving(by: server, seconds: quick ? 2 : 5, rounds: rounds)
        }
        return figures
    }

    private func mixes() async throws -> [Figure] {
        var figures: [Figure] = []
        for mix in [Mix.everyday, .mattermost] {
            figures.append(
                try await people(
                    quick ? [200] : [1000, 4000, 8000, 12_000, 14_500], mix, seconds: quick ? 5 : 20))
        }
        return figures
    }

    /// The largest of these crowds that is served well.
    private func people(_ sizes: [Int], _ mix: Mix, seconds: Double) async throws -> Figure {
        var best = 0
        var notes: [String] = []
        for size in sizes {
            let round = try await withServer { server in
                var crowd = Crowd(of: server, doing: mix)
                defer { crowd.disperse() }
                try await crowd.gather(size)
                return try await crowd.act(for: seconds)
            }
            notes.append(CapacityReport.line(of: round))
            guard round.isGood else { break }
            best = size
        }
        return Figure(
            "people with p99 below 200 ms, \(mix.name) mix", Double(best), "people", note: notes.joined(separator: "; ")
        )
    }

    /// What takes several nodes on one PostgreSQL.
    private func measureNodes(
        _ wanted: Set<String>, seconds: Double, rounds: Int, _ add: (Figure) -> Void
    ) async throws {
        let wanted = wanted.contains("nodes") ? wanted.union(Self.nodeParts) : wanted
        guard !wanted.isDisjoint(with: Self.nodeParts + ["cluster"]) else { return }
        guard database.hasPrefix("postgres") else {
            throw ValidationError("several nodes need --database postgres://…")
        }
        let machine = try PostgreSQLMachine(url: database)
        if wanted.contains("node-sends") {
            let scenario = NodeSendsScenario.nodes(program, before: before, on: machine)
            for figure in try await scenario.measure(seconds: seconds, rounds: rounds) { add(figure) }
        }
        if wanted.contains("node-machines") {
            let scenario = try NodeSendsScenario.machines(program, on: machine)
            for figure in try await scenario.measure(seconds: seconds, rounds: rounds) { add(figure) }
        }
        if wanted.contains("node-plans") {
            let folder = FileManager.default.temporaryDirectory.appending(path: "aviary-bench-\(UUID().uuidString)")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            defer { try? FileManager.default.removeItem(at: folder) }
            let scenario = try NodeSendsScenario.plans(program, in: folder, on: machine)
            for figure in try await scenario.measure(seconds: seconds, rounds: rounds) { add(figure) }
        }
        let scenario = NodesScenario(program: program, machine: machine)
        if wanted.contains("node-words") {
            for figure in try await scenario.words(seconds: seconds * 2, rounds: rounds) { add(figure) }
        }
        if wanted.contains("node-delivery") {
            for figure in try await scenario.deliveries(seconds: seconds * 2, rounds: rounds) { add(figure) }
        }
        if wanted.contains("cluster") { try await measureCluster(on: machine, add) }
    }

    private func measureCluster(on machine: PostgreSQLMachine, _ add: (Figure) -> Void) async throws {
        let scenario = ClusterScenario(
            program: program, listener: listener, machine: machine, seconds: quick ? 5 : 20,
            messagesPerSecond: 400)
        let measurement = try await scenario.measureCosts()
        for figure in ClusterScenario.figures(measurement) { add(figure) }
        print(ClusterScenario.sizes(measurement.costs))
        let point = ClusterScenario.Point(sessionsPerNode: quick ? 500 : sessions, messagesPerSecond: messages)
        for figure in try await scenario.check(point, against: measurement) { add(figure) }
    }

    private func withServer<Result>(_ body: (RunningServer) async throws -> Result) async throws -> Result {
        let server = try await RunningServer.start(program: program, database: database)
        do {
            let result = try await body(server)
            await server.stop()
            return result
        } catch {
            await server.stop()
            throw error
        }
    }

    /// Thousands of sockets on either side; the server inherits the limit.
    private func raiseDescriptorLimit() {
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        limit.rlim_cur = limit.rlim_max
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }
}
