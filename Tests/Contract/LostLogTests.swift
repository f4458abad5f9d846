import Client
import Foundation
import Kernel
import NIOHTTP1
import TestDatabase
import TestPrograms
import Testing

@testable import Aviary

@Suite("A log that can't be written")
struct LostLogTests {
    /// Where the log goes, and nothing is left of it.
    static let nowhere: [String] = [
        #"exec "$@" 2>/dev/full"#,
        // A reader that has gone.
        #""$@" 2>&1 | head -n 1 >/dev/null"#,
        // A terminal that has gone, under nohup.
        #"command="$*" && exec script --quiet --return --command "trap '' HUP; exec $command" /dev/null"#,
        // Nothing at all: the number of the log is free for the next file.
        #"exec "$@" 0<&- 1>&- 2>&-"#,
    ]

    @Test("the server goes on", arguments: nowhere, DatabaseKind.allCases)
    func goesOn(shell: String, kind: DatabaseKind) async throws {
        try await ServerProgram.with(kind, ["log.level": "debug"], shell: shell) { program in
            let server = try #require(program.server)
            if shell.contains("script") { kill(program.process.processIdentifier, SIGKILL) }
            let alice = try await Visitor.register("alice", on: program.port)
            let channel = try await alice.foundServer()
            for number in 0..<20 {
                try await alice.send(.POST, "/channels/\(channel)/messages", ["content": .string("message \(number)")])
            }
            #expect(program.server == server)
            #expect(ServerProgram.isAlive(server))
            let health = try #require(try await program.health())
            #expect(health.status == 200)
            guard !shell.contains("2>&-") else { return }
            #expect(try #require(health.json["log_lines_lost"]?.integer) > 20)
            #expect(try #require(try await program.metric("aviary_log_lines_lost_total")) > 20)
        }
    }

    @Test("a reader that stands still does not make the server stand still", arguments: DatabaseKind.allCases)
    func slowReader(kind: DatabaseKind) async throws {
        try await ServerProgram.with(kind, ["log.level": "trace"], shell: #""$@" 2>&1 | sleep 30"#) { program in
            let alice = try await Visitor.register("alice", on: program.port)
            for _ in 0..<1000 { try await alice.send(.GET, "/users/@me") }
            let health = try #require(try await program.health())
            #expect(try #require(health.json["log_lines_lost"]?.integer) > 0)
        }
    }

    @Test("a disk that is full stops writing, and nothing else", arguments: DatabaseKind.allCases)
    func fullDisk(kind: DatabaseKind) async throws {
        let shell = #"mount -t tmpfs -o size=24m tmpfs "$FOLDER" && exec "$@" 2>"$FOLDER/log""#
        try await ServerProgram.with(kind, ["log.level": "debug"], shell: shell, isolated: true) { program in
            let server = try #require(program.server)
            // What the program sees there is not what we see.
            let folder = "/proc/\(server)/root\(program.folder)"
            #expect(FileManager.default.fileExists(atPath: folder + "/data/aviary.lock"))
            let alice = try await Visitor.register("alice", on: program.port)
            let channel = try await alice.foundServer()
            let message: JSON = ["content": .string(String(repeating: "x", count: 4000))]

            try Self.fill(folder + "/filling")
            var statuses: Set<Int> = []
            for _ in 0..<200 {
                let reply = try await alice.connection.send(
                    .POST, "/api/v1/channels/\(channel)/messages",
                    headers: ["authorization": "Bearer \(alice.token)"], body: message.jsonBytes)
                statuses.insert(reply.status)
            }
            if kind == .sqlite { #expect(statuses.contains { $0 >= 500 }, "\(statuses)") }
            if kind == .postgresql { #expect(statuses == [201]) }
            #expect(try await program.health() != nil)
            #expect(program.server == server, "it is the same process")

            try FileManager.default.removeItem(atPath: folder + "/filling")
            // A store that was full is asked again after a second.
            try await eventually { try await program.health()?.status == 200 }
            try await alice.send(.POST, "/channels/\(channel)/messages", message)
            let health = try #require(try await program.health())
            #expect(health.status == 200)
            #expect(try #require(health.json["log_lines_lost"]?.integer) > 0)
            let log = try String(contentsOfFile: folder + "/log", encoding: .utf8)
            #expect(log.contains("log lines could not be written count="))
            #expect(ServerProgram.isAlive(server))
        }
    }

    private static func fill(_ path: String) throws {
        let descriptor = open(path, O_WRONLY | O_CREAT, 0o600)
        guard descriptor >= 0 else { throw ServerProgram.Failure(description: "\(path) can't be made") }
        defer { close(descriptor) }
        for size in [65_536, 4096, 512, 1] {
            let zeros = [UInt8](repeating: 0, count: size)
            while write(descriptor, zeros, size) > 0 {}
        }
        guard errno == ENOSPC else { throw ServerProgram.Failure(description: "\(path): not full but \(errno)") }
    }

    @Test("lines are whole again after a loss, and say how many are missing")
    func notice() throws {
        var ends: [CInt] = [-1, -1]
        #expect(pipe(&ends) == 0)
        #expect(fcntl(ends[1], F_SETFL, O_NONBLOCK) == 0)
        let output = LogOutput(ends[1])
        let long = String(repeating: "x", count: 100_000)
        output.write(long) { "\($0) lost" }
        output.write("also lost") { "\($0) lost" }
        #expect(output.lost == 2)
        var buffer = [UInt8](repeating: 0, count: 200_000)
        _ = read(ends[0], &buffer, buffer.count)
        output.write("found") { "\($0) lost" }
        output.write("found again") { "\($0) lost" }
        let count = read(ends[0], &buffer, buffer.count)
        #expect(String(decoding: buffer[..<max(0, count)], as: UTF8.self) == "\n2 lost\nfound\nfound again\n")
        close(ends[0])
        close(ends[1])
    }
}
