import Client
import Kernel
import NIOCore
import NIOHTTP1
import TestDatabase
import Testing

@Suite("Hostile connections")
struct HostileConnectionTests {
    /// The server answers in the envelope, hangs up, and goes on.
    static func expect(
        _ status: String, _ message: String, from connection: RawConnection, _ server: TestServer,
        _ comment: Comment = "", sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let answer = try await connection.untilClosed()
        #expect(answer.hasPrefix("HTTP/1.1 \(status) "), comment, sourceLocation: sourceLocation)
        #expect(answer.contains(#""message":"\#(message)""#), "\(answer)", sourceLocation: sourceLocation)
        let head = answer.lowercased()
        #expect(head.contains("\r\nx-request-id: "), sourceLocation: sourceLocation)
        #expect(head.contains("\r\nconnection: close\r\n"), sourceLocation: sourceLocation)
        let next = try await server.send(.GET, "//health")
        #expect(next.status == 200, sourceLocation: sourceLocation)
    }

    static let garbage: [String] = [
        "hello\r\n\r\n", "GET\r\n\r\n", "GET /\r\n\r\n", "\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}\u{0}\u{1}\u{FC}\r\n",
        "GET / HTTP/9.9\r\n\r\n",
        "GET / HTTP/1.1\r\nbroken header\r\n\r\n", "GET / HTTP/1.1\r\n: nothing\r\n\r\n",
        "GET / HTTP/1.1\r\nname : space\r\n\r\n", "POST / HTTP/1.1\r\ncontent-length: x\r\n\r\n",
        "POST / HTTP/1.1\r\ncontent-length: -1\r\n\r\n",
        "POST / HTTP/1.1\r\ncontent-length: 99999999999999999999999\r\n\r\n",
        "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\nhello",
        "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
        "POST /api/v1/auth/login HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\nxyz\r\n",
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "\r\n\r\n\r\nFOO\r\n\r\n",
    ]

    @Test("what is not HTTP is told so and hung up on", arguments: DatabaseKind.allCases)
    func garbage(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            for garbage in Self.garbage {
                let connection = try await RawConnection.connect(port: server.port)
                try await connection.write(garbage)
                try await Self.expect(
                    "400", "Invalid input", from: connection, server, "\(garbage.debugDescription)")
            }
        }
    }

    @Test("random bytes never bring the server down", arguments: DatabaseKind.allCases)
    func noise(kind: DatabaseKind) async throws {
        let seed = UInt64.random(in: 0 ... .max)
        try await TestServer.with(kind) { server in
            let random = SeededRandomness(seed: seed)
            for _ in 0..<50 {
                let connection = try await RawConnection.connect(port: server.port)
                try? await connection.write(random.bytes(Int(random.next() % 2000)))
                try? await connection.write("\r\n\r\n")
                await connection.close()
            }
            #expect(try await server.send(.GET, "//health").status == 200, "seed \(seed)")
        }
    }

    @Test("headers have a limit", arguments: DatabaseKind.allCases)
    func largeHeaders(kind: DatabaseKind) async throws {
        let long = String(repeating: "x", count: 20_000)
        let heads = [
            "GET /health HTTP/1.1\r\nhost: a\r\nx-long: \(long)\r\n\r\n", "GET /\(long) HTTP/1.1\r\nhost: a\r\n\r\n",
            "GET /health HTTP/1.1\r\nhost: a\r\n\(long): x\r\n\r\n",
            "GET /health HTTP/1.1\r\nhost: a\r\n" + (0..<101).map { "x-\($0): x\r\n" }.joined() + "\r\n",
            "GET /health HTTP/1.1\r\nhost: a\r\n" + (0..<50).map { "x-\($0): \(long.prefix(1000))\r\n" }.joined()
                + "\r\n",
        ]
        try await TestServer.with(kind) { server in
            for head in heads {
                let connection = try await RawConnection.connect(port: server.port)
                try await connection.write(head)
                try await Self.expect(
                    "431", "Request headers too large", from: connection, server, "\(head.prefix(60))")
            }
        }
    }

    @Test("a head that does not end runs out of time", arguments: DatabaseKind.allCases)
    func endlessHead(kind: DatabaseKind) async throws {
        try await TestServer.with(kind, ["http.request_timeout_seconds": "1"]) { server in
            for beginning in ["G", "GET /health HTTP/1.1\r\nhost: a\r\n", "GET /health HTTP/1.1\r\nhost: a\r\n\r"] {
                let connection = try await RawConnection.connect(port: server.port)
                try await connection.write(beginning)
                try await Self.expect("408", "Request timeout", from: connection, server, "\(beginning)")
            }
        }
    }

    @Test("a client that trickles its head is not waited for", arguments: DatabaseKind.allCases)
    func trickledHead(kind: DatabaseKind) async throws {
        try await TestServer.with(kind, ["http.request_timeout_seconds": "1"]) { server in
            let connection = try await RawConnection.connect(port: server.port)
            connection.trickle(
                "GET /health HTTP/1.1\r\nx: \(String(repeating: "y", count: 200))", pausing: .milliseconds(100))
            try await Self.expect("408", "Request timeout", from: connection, server)
        }
    }

    @Test("a body that stalls runs out of time", arguments: DatabaseKind.allCases)
    func stalledBody(kind: DatabaseKind) async throws {
        let head = "POST /api/v1/auth/login HTTP/1.1\r\nhost: a\r\n"
        try await TestServer.with(kind, ["http.request_timeout_seconds": "1"]) { server in
            for request in ["\(head)content-length: 100\r\n\r\n{", "\(head)transfer-encoding: chunked\r\n\r\n5\r\n{"] {
                let connection = try await RawConnection.connect(port: server.port)
                try await connection.write(request)
                try await Self.expect("408", "Request timeout", from: connection, server, "\(request)")
            }
        }
    }

    @Test("a body that trickles below the least rate is not waited for", arguments: DatabaseKind.allCases)
    func trickledBody(kind: DatabaseKind) async throws {
        try await TestServer.with(kind, ["http.request_timeout_seconds": "1"]) { server in
            let connection = try await RawConnection.connect(port: server.port)
            try await connection.write(
                "POST /api/v1/auth/login HTTP/1.1\r\nhost: a\r\ncontent-length: 5000\r\n\r\n")
            connection.trickle(String(repeating: "a", count: 50), pausing: .milliseconds(100))
            try await Self.expect("408", "Request timeout", from: connection, server)
        }
    }

    @Test("a connection that never asks anything is closed without a word", arguments: DatabaseKind.allCases)
    func idle(kind: DatabaseKind) async throws {
        try await TestServer.with(kind, ["http.idle_timeout_seconds": "1"]) { server in
            let silent = try await RawConnection.connect(port: server.port)
            #expect(try await silent.untilClosed() == "")
            let used = try await RawConnection.connect(port: server.port)
            try await used.write("GET /health HTTP/1.1\r\nhost: a\r\n\r\n")
            let answer = try await used.untilClosed()
            #expect(answer.hasPrefix("HTTP/1.1 200"))
            #expect(answer.components(after: "HTTP/1.1 ").count == 1)
        }
    }

    @Test("a request before the garbage is still answered", arguments: DatabaseKind.allCases)
    func garbageAfterRequest(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let connection = try await RawConnection.connect(port: server.port)
            try await connection.write("GET /health HTTP/1.1\r\nhost: a\r\n\r\n")
            try await connection.waits(for: "healthy")
            try await connection.write("nonsense\r\n\r\n")
            let answers = try await connection.untilClosed()
            let statuses = answers.components(after: "HTTP/1.1 ").map { String($0.prefix(3)) }
            #expect(statuses == ["200", "400"])
        }
    }

    @Test("clients that vanish in the middle of a request leave nothing behind", arguments: DatabaseKind.allCases)
    func vanished(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            let body = #"{"name":"Nest"}"#
            let request =
                "POST /api/v1/servers HTTP/1.1\r\nhost: a\r\nauthorization: Bearer \(alice.token)\r\n"
                + "content-length: \(body.utf8.count)\r\n\r\n\(body)"
            for length in stride(from: 1, to: request.utf8.count - 1, by: 7) {
                let connection = try await RawConnection.connect(port: server.port)
                try await connection.write(Array(request.utf8.prefix(length)))
                await connection.close()
            }
            #expect(try await alice.does(.GET, "/servers") == [])
        }
    }

    @Test("a client that closes its half after asking still gets the answer", arguments: DatabaseKind.allCases)
    func halfClosed(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let connection = try await RawConnection.connect(port: server.port)
            try await connection.write("GET /health HTTP/1.1\r\nhost: a\r\n\r\n")
            try await connection.closeOutput()
            let answer = try await connection.untilClosed()
            #expect(answer.hasPrefix("HTTP/1.1 200"), "\(answer)")
        }
    }

    @Test("many connections that are left open stop nobody else", arguments: DatabaseKind.allCases)
    func manyOpen(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            var connections: [RawConnection] = []
            for index in 0..<300 {
                let connection = try await RawConnection.connect(port: server.port)
                if index % 3 == 1 { try await connection.write("GET /health HT") }
                if index % 3 == 2 {
                    try await connection.write(
                        "POST /api/v1/auth/login HTTP/1.1\r\nhost: a\r\ncontent-length: 9\r\n\r\n{")
                }
                connections.append(connection)
            }
            let alice = try await server.person("alice")
            let nest = try await alice.foundsServer()
            try await alice.says("still here", in: nest.general)
            for connection in connections { await connection.close() }
        }
    }
}
