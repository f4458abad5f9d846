import Client
import Foundation
import Kernel
import NIOCore
import TestDatabase
import TestPrograms
import Testing

@Suite("Limits of connections")
struct ConnectionLimitTests {
    private static func open(_ count: Int, on port: Int) async throws -> [RawConnection] {
        var connections: [RawConnection] = []
        for _ in 0..<count { connections.append(try await RawConnection.connect(port: port)) }
        return connections
    }

    private static func isServed(_ port: Int) async throws -> Bool {
        let connection = try await RawConnection.connect(port: port)
        try? await connection.write(ReusedConnectionTests.farewell)
        let answer = (try? await connection.untilClosed(timeout: .seconds(20))) ?? ""
        return answer.hasPrefix("HTTP/1.1 200")
    }

    /// Connections that were closed are counted for another moment.
    private static func becomesServed(_ port: Int) async throws { try await eventually { try await isServed(port) } }

    @Test(
        "an address that has too many connections gets no more until it closes some", arguments: DatabaseKind.allCases)
    func address(kind: DatabaseKind) async throws {
        try await TestServer.with(kind, ["http.connections_per_address": "8"]) { server in
            try await Self.becomesServed(server.port)
            var connections = try await Self.open(8, on: server.port)
            // One is a socket of the gateway, which counts like the others.
            try await connections[0].write(ReusedConnectionTests.upgrade)
            try await connections[0].waits(for: #""op":10"#)
            let extra = try await RawConnection.connect(port: server.port)
            #expect(try await extra.untilClosed(timeout: .seconds(20)) == "")
            #expect(try await Self.isServed(server.port) == false)
            // Those that are open go on.
            try await connections[1].write(ReusedConnectionTests.health)
            try await connections[1].waits(for: "healthy")
            await connections.removeFirst().close()
            try await Self.becomesServed(server.port)
            for connection in connections { await connection.close() }
        }
    }

    @Test("a trusted proxy may have as many as there are, and all together have a limit")
    func proxy() async throws {
        let settings = [
            "http.connections_per_address": "2", "http.connections": "12", "http.trusted_proxies": "127.0.0.1",
        ]
        try await TestServer.with(.sqlite, settings) { server in
            try await Self.becomesServed(server.port)
            let connections = try await Self.open(10, on: server.port)
            for connection in connections {
                try await connection.write(ReusedConnectionTests.health)
                try await connection.waits(for: "healthy")
            }
            let more = try await Self.open(10, on: server.port)
            #expect(try await Self.isServed(server.port) == false)
            for connection in connections + more { await connection.close() }
            try await Self.becomesServed(server.port)
        }
    }

    @Test("one address can't take the descriptors that others and the database need", arguments: DatabaseKind.allCases)
    func descriptors(kind: DatabaseKind) async throws {
        let shell = #"ulimit -n 256; exec "$@""#
        try await ServerProgram.with(kind, ["http.host": "0.0.0.0"], shell: shell) { program in
            let flood = try await Self.open(400, on: program.port)
            for connection in flood { try? await connection.write("G") }
            let other = try await RawConnection.connect(port: program.port, from: "127.0.0.2")
            try await other.write(ReusedConnectionTests.farewell)
            #expect(try await other.untilClosed(timeout: .seconds(20)).hasPrefix("HTTP/1.1 200"))
            #expect(program.log.contains("too many connections; new ones are closed address=127.0.0.1 limit=address"))
            #expect(program.log.components(after: "too many connections").count == 1, "told once")
            for connection in flood { await connection.close() }
        }
    }

    @Test("the server opens as many files as the system lets it")
    func softLimit() async throws {
        try await ServerProgram.with(.sqlite, shell: #"ulimit -Sn 300; ulimit -Hn 2000; exec "$@""#) { program in
            let server = try #require(program.server)
            let limits = try String(contentsOfFile: "/proc/\(server)/limits", encoding: .utf8)
            let line = try #require(limits.split(separator: "\n").first { $0.hasPrefix("Max open files") })
            #expect(line.split(whereSeparator: \.isWhitespace)[3...4] == ["2000", "2000"])
        }
    }
}
