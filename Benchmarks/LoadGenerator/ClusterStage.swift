import Client
import Crowds
import Foundation
import Kernel
import NIOHTTP1
import TestPrograms

/// Nodes on one PostgreSQL with NATS between them, and what all of them spend.
final class ClusterStage {
    /// The others' limits come by the bus, so limits are on, and far away.
    private static let limits = [
        "USER", "ADDRESS", "REGISTER", "SERVER_CREATE", "SERVER_CHANGE", "MESSAGE_SEND", "PAGE",
    ]

    /// What everything had spent by a moment.
    private struct Reading {
        let at = ContinuousClock.now
        let nodes_s: [Double]
        let database_s: Double
        let bus_s: Double
        let log_bytes: Double
        let bus_bytes: Double
        let machine = ProcessorTime.machine()
    }

    /// What a stretch of time took.
    struct Spent {
        let seconds: Double
        /// CPU time of each node that was there throughout.
        let nodes_s: [Double]
        let database_s: Double
        let bus_s: Double
        let log_bytes: Double
        /// What NATS has given to all nodes.
        let bus_bytes: Double
        /// Of the whole machine, whoever kept it busy.
        let machineShare: Double

        var cores: Double { (nodes_s.reduce(0, +) + database_s + bus_s) / seconds }
    }

    private let program: String
    private let database: PostgreSQLMachine.Place
    private let nats: NATSServer
    private let natsProcess: Int32
    private let monitor: HTTPConnection
    private(set) var nodes: [RunningServer] = []

    var ports: [Int] { nodes.map(\.port) }

    private init(
        _ program: String, _ database: PostgreSQLMachine.Place, _ nats: NATSServer, _ process: Int32,
        _ monitor: HTTPConnection
    ) {
        self.program = program
        self.database = database
        self.nats = nats
        natsProcess = process
        self.monitor = monitor
    }

    static func with<Result: Sendable>(
        _ program: String, on machine: PostgreSQLMachine, isolation: isolated (any Actor)? = #isolation,
        _ body: (ClusterStage) async throws -> Result
    ) async throws -> Result {
        let port = RunningServer.freePort()
        return try await NATSServer.with("http: \"127.0.0.1:\(port)\"") { nats in
            let database = try machine.makeDatabase()
            let stage = ClusterStage(
                program, database, nats, await nats.processID, try await HTTPConnection.connect(port: port))
            defer {
                for node in stage.nodes { node.discard() }
                database.remove()
            }
            return try await body(stage)
        }
    }

    /// The first one leads.
    func addNode() async throws {
        var settings = [
            "AVIARY_BUS_URL": nats.url, "AVIARY_MEDIA_SHARED_FOLDER": "true", "AVIARY_RATE_LIMITING_ENABLED": "true",
            "AVIARY_LIMITS_SERVERS_PER_USER": "100000", "AVIARY_HTTP_IDLE_TIMEOUT_SECONDS": "3600",
        ]
        for name in Self.limits { settings["AVIARY_RATE_LIMITS_\(name)"] = "1000000/s" }
        nodes.append(
            try await RunningServer.start(program: program, database: database.url, environment: settings))
    }

    /// What is spent while `body` runs.
    func spent<Value>(_ body: () async throws -> Value) async throws -> (Spent, Value) {
        let before = try await reading()
        let value = try await body()
        let after = try await reading()
        let busy = after.machine.busy_ticks - before.machine.busy_ticks
        let spent = Spent(
            seconds: (after.at - before.at).inSeconds, nodes_s: zip(after.nodes_s, before.nodes_s).map { $0 - $1 },
            database_s: after.database_s - before.database_s, bus_s: after.bus_s - before.bus_s,
            log_bytes: after.log_bytes - before.log_bytes, bus_bytes: after.bus_bytes - before.bus_bytes,
            machineShare: busy / max(after.machine.all_ticks - before.machine.all_ticks, 1))
        return (spent, value)
    }

    private func reading() async throws -> Reading {
        let told = try await monitor.send(.GET, "/varz").json
        guard let bus_bytes = told["out_bytes"]?.integer else { throw Failure.natsTellsNothing }
        return Reading(
            nodes_s: try nodes.map { try ProcessorTime.seconds(of: $0.processID) },
            database_s: try database.machine.processorTime_s(), bus_s: try ProcessorTime.seconds(of: natsProcess),
            log_bytes: try database.machine.log_bytes(), bus_bytes: Double(bus_bytes))
    }

    enum Failure: Error {
        case natsTellsNothing
    }
}

extension RunningServer {
    /// At once, with all that it held.
    func discard() {
        kill()
        try? FileManager.default.removeItem(atPath: folder)
    }
}

/// Sessions that another process holds open at a node: one has no more than some twenty thousand descriptors.
final class Listeners {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    private let process = Process()
    private let input = Pipe()
    private let output = Pipe()

    /// - Parameter program: of `Benchmarks/Baseline/listen.c`.
    private init(_ program: String, _ count: Int, port: Int, tokens: [String]) throws {
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = [String(port), String(count)]
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        let lines = Data((tokens.joined(separator: "\n") + "\n\n").utf8)
        let writing = input.fileHandleForWriting
        // What a pipe holds is less than that, and the other side reads all of it before it does anything else.
        Thread.detachNewThread { try? writing.write(contentsOf: lines) }
    }

    /// Opens as many at each of some ports, and waits until all are open.
    static func open(_ program: String, _ count: Int, ports: [Int], tokens: [String]) async throws -> [Listeners] {
        let all = try ports.map { try Listeners(program, count, port: $0, tokens: tokens) }
        for listeners in all {
            guard await listeners.line() == "open" else {
                for listeners in all { listeners.process.terminate() }
                throw Failure(description: "sessions were refused; \(program) is made by scripts/bench")
            }
        }
        return all
    }

    var processID: Int32 { process.processIdentifier }

    /// - Returns: how many frames came since they were open.
    func close() async -> Int {
        try? input.fileHandleForWriting.close()
        let count = await line().flatMap { Int($0) } ?? 0
        process.waitUntilExit()
        return count
    }

    /// What it says next; nil at its end. Waiting blocks a thread, so it has one of its own.
    private func line() async -> String? {
        let reading = output.fileHandleForReading
        return await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                let text = String(decoding: reading.availableData, as: UTF8.self)
                continuation.resume(
                    returning: text.isEmpty ? nil : text.trimmingCharacters(in: .whitespacesAndNewlines))
            }
        }
    }
}
