import Client
import Foundation
import Kernel
import NIOHTTP1
import TestDatabase
import TestPrograms
import Testing

@testable import Aviary

@Suite("A server that dies")
struct SupervisionTests {
    private static func identified(_ visitor: Visitor, on port: Int) async throws -> (GatewaySocket, ready: JSON) {
        let socket = try await GatewaySocket.open(port: port)
        _ = try await socket.next()
        try await socket.send(["op": 2, "d": ["token": .string(visitor.token)]])
        return (socket, try await socket.next())
    }

    private static func revived(_ program: ServerProgram, after victim: pid_t) async throws -> pid_t {
        var next: pid_t?
        try await eventually {
            next = program.server
            return next != nil && next != victim
        }
        try await program.waitUntilHealthy()
        return try #require(next)
    }

    @Test("it is started again, and sessions resume", arguments: DatabaseKind.allCases)
    func restart(kind: DatabaseKind) async throws {
        try await ServerProgram.with(kind) { program in
            let alice = try await Visitor.register("alice", on: program.port)
            let channel = try await alice.foundServer()
            let (_, ready) = try await Self.identified(alice, on: program.port)
            let first = try #require(program.server)
            #expect(first != program.process.processIdentifier)
            #expect(try await program.metric("aviary_restarts_total") == 0)
            kill(first, SIGILL)
            let second = try await Self.revived(program, after: first)
            kill(second, SIGTRAP)
            _ = try await Self.revived(program, after: second)
            #expect(program.process.isRunning)
            #expect(try await program.metric("aviary_restarts_total") == 2)
            #expect(program.log.contains("the server died and is started again"))
            #expect(program.log.contains("Illegal instruction"))

            let again = Visitor(connection: try await HTTPConnection.connect(port: program.port), token: alice.token)
            try await again.send(.POST, "/channels/\(channel)/messages", ["content": "after the fall"])
            let socket = try await GatewaySocket.open(port: program.port)
            _ = try await socket.next()
            try await socket.send([
                "op": 6,
                "d": [
                    "token": .string(alice.token), "session_id": ready["d"]?["session_id"] ?? .null,
                    "seq": ready["s"] ?? .null,
                ],
            ])
            var heard: [JSON] = []
            while heard.last?["t"] != "RESUMED" { heard.append(try await socket.next()) }
            #expect(heard.contains { $0["d"]?["content"] == "after the fall" })
        }
    }

    @Test(
        "whatever it dies of by accident, it is back",
        arguments: [SIGKILL, SIGSEGV, SIGABRT, SIGBUS, SIGFPE, SIGSYS])
    func accidents(signal: CInt) async throws {
        try await ServerProgram.with(.sqlite) { program in
            // On a busy machine the file with its number may be read while it is being written.
            try await eventually { program.server != nil }
            let victim = try #require(program.server)
            kill(victim, signal)
            _ = try await Self.revived(program, after: victim)
        }
    }

    @Test("told to stop, it stops and stays away", arguments: [SIGTERM, SIGINT])
    func stop(signal: CInt) async throws {
        try await ServerProgram.with(.sqlite) { program in
            let server = try #require(program.server)
            kill(program.process.processIdentifier, signal)
            try await program.process.ended()
            #expect(program.process.terminationReason == .exit)
            #expect(program.process.terminationStatus == 0)
            #expect(!ServerProgram.isAlive(server))
            #expect(program.log.contains("stopping"), "in order")
        }
    }

    @Test("what ends it on purpose also ends who watches it", arguments: [SIGHUP, SIGUSR1, SIGUSR2])
    func ended(signal: CInt) async throws {
        try await ServerProgram.with(.sqlite) { program in
            let server = try #require(program.server)
            kill(program.process.processIdentifier, signal)
            try await program.process.ended()
            #expect(program.process.terminationReason == .uncaughtSignal)
            #expect(program.process.terminationStatus == signal)
            #expect(!ServerProgram.isAlive(server))
        }
    }

    @Test("a signal that was ignored at the start stays ignored")
    func nohup() async throws {
        try await ServerProgram.with(.sqlite, shell: #"trap "" HUP; exec "$@""#) { program in
            let server = try #require(program.server)
            kill(program.process.processIdentifier, SIGHUP)
            kill(server, SIGHUP)
            try await program.waitUntilHealthy()
            #expect(program.server == server)
        }
    }

    @Test("it dies with who watches it, and can be started again at once")
    func parent() async throws {
        try await ServerProgram.with(.sqlite) { program in
            let server = try #require(program.server)
            kill(program.process.processIdentifier, SIGKILL)
            try await program.process.ended()
            let next = try ServerProgram.start([:], folder: program.folder, port: program.port)
            try await ServerProgram.waitUntilGone(server)
            try await next.waitUntilHealthy()
            await next.stop()
        }
    }

    @Test("an error at the start is told once, with its exit code")
    func failure() async throws {
        try await ServerProgram.with(.sqlite) { program in
            let settings = ["data": program.folder + "/data"]
            var codes: [Int32] = []
            for restarts in ["true", "false"] {
                let other = try ServerProgram.start(
                    settings.merging(["process.restart": restarts]) { $1 }, folder: program.folder)
                try await other.process.ended()
                #expect(other.process.terminationReason == .exit)
                codes.append(other.process.terminationStatus)
            }
            #expect(codes[0] != 0)
            #expect(codes[0] == codes[1])
            #expect(program.log.components(after: "another server is running").count == 2)
        }
    }

    @Test("a port that is taken is named")
    func taken() async throws {
        try await ServerProgram.with(.sqlite) { program in
            let other = try ServerProgram.start(
                ["data": program.folder + "/other", "http.port": String(program.port), "process.restart": "false"],
                folder: program.folder)
            try await other.process.ended()
            #expect(program.log.contains("something else listens on 127.0.0.1:\(program.port) already"))
        }
    }

    @Test("a port of the metrics that is taken is named, and people can talk all the same")
    func metricsTaken() async throws {
        try await ServerProgram.with(.sqlite) { program in
            let taken = String(program.metricsPort)
            let other = try ServerProgram.start(
                ["data": program.folder + "/other", "metrics.port": taken], folder: program.folder)
            try await eventually {
                program.log.contains("metrics.port: something else listens on 127.0.0.1:\(taken) already")
            }
            try await other.waitUntilHealthy()
            other.process.terminate()
            try await other.process.ended()
        }
    }

    @Test("where somebody else restarts it, it runs in its own process")
    func supervisedElsewhere() async throws {
        try await ServerProgram.with(.sqlite, environment: ["INVOCATION_ID": "6a0f"]) { program in
            #expect(program.server == program.process.processIdentifier)
        }
        try await ServerProgram.with(.sqlite, ["process.restart": "false"]) { program in
            #expect(program.server == program.process.processIdentifier)
        }
    }

    @Test("as the first process of a container it runs in its own process")
    func container() async throws {
        let own = geteuid() == 0 ? "" : "--map-root-user "
        let shell = #"exec unshare \#(own)--pid --fork --kill-child "$@""#
        try await ServerProgram.with(.sqlite, shell: shell) { program in
            #expect(program.server == 1, "as it sees itself")
            kill(program.process.processIdentifier, SIGKILL)
            try? FileManager.default.removeItem(atPath: program.folder + "/data/aviary.lock")
        }
    }

    @Test("it can be told to stop while it waits to be started again")
    func stopInPause() async throws {
        try await ServerProgram.with(.sqlite) { program in
            var server = try #require(program.server)
            for _ in 0..<3 {
                kill(server, SIGKILL)
                server = try await Self.revived(program, after: server)
            }
            kill(server, SIGKILL)
            try await eventually { program.log.contains("pause_seconds=1") }
            kill(program.process.processIdentifier, SIGTERM)
            try await program.process.ended()
            #expect(program.process.terminationReason == .uncaughtSignal)
            #expect(program.process.terminationStatus == SIGTERM)
        }
    }

    @Test("the pause grows with the fourth death in a row, up to a minute, and is forgotten after a steady life")
    func pause() {
        var pause = RestartPause()
        let quick = (0..<12).map { _ in pause.afterDeath(life: .seconds(5)) }
        #expect(quick == [0, 0, 0, 1, 2, 4, 8, 16, 32, 60, 60, 60].map { .seconds($0) })
        for _ in 0..<100 { #expect(pause.afterDeath(life: .zero) == .seconds(60)) }
        #expect(pause.afterDeath(life: .seconds(60)) == .zero)
        #expect(pause.afterDeath(life: .seconds(1)) == .zero)
    }
}
