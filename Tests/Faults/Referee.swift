import ArgumentParser
import Client
import Foundation
import Kernel
import NIOHTTP1

/// Kills the server under load, again and again, and owns the list of what was acknowledged: afterwards the history, the event
/// log and a client that resumes must agree with it, nothing missing, nothing twice, order kept.
@main
struct Referee: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "aviary-faults", abstract: "Kill the server under load and check that nothing is lost.")

    @Option(help: "The server's program.")
    var program = ".build/release/aviary"

    @Option(help: "postgres://…; empty: a new SQLite database.")
    var database = ""

    @Option(help: "How often the server is killed.")
    var kills = 25

    @Option(help: "People who send at the same time.")
    var writers = 8

    @Option(help: "Makes the moments of the kills; 0 takes any.")
    var seed: UInt64 = 0

    @Option(help: "Above 1: the cluster around (scripts/with-cluster) is broken instead, as docs/faults.md says.")
    var nodes = 1

    @Option(
        help:
            "What is done to the cluster, in turn, separated by commas: \(Fault.allValueStrings.joined(separator: ", "))."
    )
    var fault = "kill,stop,stop-db,cut-db,cut-bus,terminate,immediate,skew"

    @Option(help: "How many faults come, one after the other.")
    var rounds = 8

    @Option(
        help:
            "What is done behind the cluster's back, so that the run has to fail: see docs/faults.md."
    )
    var sabotage: String?

    @Option(name: .customLong("shortest"), help: "The shortest that a fault lasts, in seconds.")
    var shortest_s = 10

    @Option(name: .customLong("longest"), help: "The longest that a fault lasts, in seconds.")
    var longest_s = 30

    @Option(name: .customLong("pause"), help: "Milliseconds between two messages of a writer to a cluster.")
    var pause_ms = 20

    @Option(help: "From how many positions sessions resume at each node in the end, at most.")
    var replays = 100

    func run() async throws {
        let seed = seed == 0 ? UInt64.random(in: 1 ... .max) : seed
        if nodes > 1 { return try await breakCluster(seed: seed) }
        print("faults: seed \(seed), \(kills) kills, \(writers) writers, \(database.isEmpty ? "SQLite" : "PostgreSQL")")
        let folder = FileManager.default.temporaryDirectory.appending(path: "aviary-faults-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        var server = try await RunningServer.start(program: program, database: database, folder: folder)
        let scene = try await Scene.prepare(server, writers: writers)
        let listener = Witness(port: server.port, token: scene.owner.token)
        try await listener.begin()
        let start = await listener.position
        let listening = Task { try await listener.listen() }
        let writing = scene.people.map { person in Task { try await scene.write(as: person) } }

        let random = SeededRandomness(seed: seed)
        for _ in 0..<kills {
            try await Task.sleep(for: .milliseconds(Int(150 + random.next() % 900)))
            server.kill()
            server = try await RunningServer.start(
                program: program, database: database, folder: folder, port: server.port)
        }
        try await scene.goesOn()
        await scene.stop()
        for task in writing { try await task.value }

        let history = try await scene.history(on: server.port)
        try await listener.hears(history.last?.id ?? "")
        listening.cancel()
        let replayed = try await Witness(port: server.port, token: scene.owner.token)
            .replay(sessionID: await listener.sessionID, after: start, until: history.last?.id ?? "")
        let verdict = Verdict(
            acknowledged: await scene.acknowledged, history: history, heard: await listener.heard, replayed: replayed)
        await server.stop()
        print(verdict.summary)
        for fault in verdict.faults { print("fault: \(fault)") }
        print("\(verdict.checks - verdict.faults.count) passed, \(verdict.faults.count) failed")
        if !verdict.faults.isEmpty { throw ExitCode.failure }
    }
}

extension Referee {
    private func breakCluster(seed: UInt64) async throws {
        let faults = try fault.split(separator: ",").map { name in
            guard let fault = Fault(rawValue: String(name)) else { throw ValidationError("there is no fault \(name)") }
            return fault
        }
        guard !faults.isEmpty, rounds > 0, 0 < shortest_s, shortest_s <= longest_s else {
            throw ValidationError("a fault, a round and a time are needed")
        }
        print("faults: seed \(seed), \(nodes) nodes, \(rounds) rounds, \(writers) writers")
        try await ClusterReferee.run(
            .init(
                nodes: nodes, faults: faults, rounds: rounds, hold_s: shortest_s...longest_s, writers: writers,
                pause_ms: pause_ms, replays: replays, sabotage: sabotage, seed: seed))
    }
}

/// A message as one of the parties saw it.
struct Sighting: Sendable, Hashable {
    let id: String
    let nonce: String

    init(id: String, nonce: String) {
        self.id = id
        self.nonce = nonce
    }

    init?(_ message: JSON) {
        guard let id = message["id"]?.string, let nonce = message["nonce"]?.string else { return nil }
        self.id = id
        self.nonce = nonce
    }

    /// Who sent it.
    var writer: Substring { nonce.prefix { $0 != "-" } }

    /// Its number among the writer's messages.
    var number: Int { Int(nonce.drop { $0 != "-" }.dropFirst()) ?? -1 }
}
