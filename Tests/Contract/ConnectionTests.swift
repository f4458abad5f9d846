import Client
import Kernel
import NIOCore
import NIOHTTP1
import TestDatabase
import Testing

@Suite("Connections")
struct ConnectionTests {
    @Test("a connection is kept for many requests, also after errors", arguments: DatabaseKind.allCases)
    func keepAlive(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let connection = try await HTTPConnection.connect(port: server.port)
            let requests: [(HTTPMethod, String, String?, Int)] = [
                (.GET, "/health", nil, 200), (.GET, "/api/v1/nothing", nil, 404),
                (.POST, "/api/v1/auth/login", "{", 400), (.POST, "/api/v1/nothing", "unread", 404),
                (.GET, "/api/v1/users/@me", nil, 401), (.PUT, "/api/v1/auth/login", "unread", 405),
                (.GET, "/health", nil, 200),
            ]
            for (method, path, body, status) in requests {
                let reply = try await connection.send(method, path, body: body.map { Array($0.utf8) })
                #expect(reply.status == status, "\(method) \(path)")
            }
            await connection.close()
        }
    }

    /// A client's opening handshake (RFC 6455, section 4.1).
    static let handshake: HTTPHeaders = [
        "connection": "keep-alive, Upgrade", "upgrade": "websocket", "sec-websocket-version": "13",
        "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
    ]

    @Test("a request for an upgrade that is not to be had is answered, and the connection goes on")
    func refusedUpgrades() async throws {
        func handshake(_ changes: [String: String?]) -> HTTPHeaders {
            var headers = Self.handshake
            for (name, value) in changes {
                headers.remove(name: name)
                if let value { headers.add(name: name, value: value) }
            }
            return headers
        }
        let cases: [(HTTPMethod, String, HTTPHeaders, Int)] = [
            (.GET, "/gateway", handshake(["origin": "https://evil.example"]), 403),
            (.GET, "/gateway", handshake(["sec-websocket-key": nil]), 400),
            (.GET, "/gateway", handshake(["sec-websocket-version": "8"]), 400),
            (.GET, "/gateway", handshake(["upgrade": "h2c"]), 400),
            (.GET, "/gateway", handshake(["connection": "keep-alive"]), 400),
            (.POST, "/gateway", handshake([:]), 405),
            (.GET, "/health", handshake([:]), 200),
            // What curl --http2 sends.
            (
                .GET, "/health", ["connection": "Upgrade, HTTP2-Settings", "upgrade": "h2c", "http2-settings": "AAMA"],
                200
            ),
            (.GET, "/nothing", handshake(["upgrade": "websocket, h2c"]), 404),
        ]
        try await TestServer.with(.sqlite) { server in
            for (method, path, headers, status) in cases {
                let connection = try await HTTPConnection.connect(port: server.port)
                let reply = try await connection.send(method, path, headers: headers)
                #expect(reply.status == status, "\(method) \(path) \(headers)")
                #expect(reply.headers["connection"].isEmpty, "\(method) \(path) \(headers)")
                #expect(try await connection.send(.GET, "/health").status == 200, "\(method) \(path) \(headers)")
                await connection.close()
            }
        }
    }

    @Test("pipelined requests are answered in their order", arguments: DatabaseKind.allCases)
    func pipelining(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            let nest = try await alice.foundsServer()
            let connection = try await RawConnection.connect(port: server.port)
            // The first is the slowest: it waits for the disk.
            var requests = ""
            for index in 0..<20 {
                let body = #"{"content":"message \#(index)"}"#
                let head = "host: localhost\r\nauthorization: Bearer \(alice.token)\r\n"
                requests +=
                    index % 2 == 0
                    ? "POST /api/v1/channels/\(nest.general)/messages HTTP/1.1\r\n\(head)content-length: \(body.utf8.count)\r\n\r\n\(body)"
                    : "GET /api/v1/users/\(index) HTTP/1.1\r\n\(head)\r\n"
            }
            try await connection.write(
                requests + "GET /health HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")
            let answers = try await connection.untilClosed()
            let statuses = answers.components(after: "HTTP/1.1 ").map { String($0.prefix(3)) }
            #expect(statuses == (0..<20).map { $0 % 2 == 0 ? "201" : "404" } + ["200"])
            let sent = (0..<20).filter { $0 % 2 == 0 }.map { "message \($0)" }
            #expect(try await alice.reads(nest.general) == Array(sent.reversed()))
        }
    }

    @Test("a client that asks for it is hung up on after the answer", arguments: DatabaseKind.allCases)
    func close(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            for request in [
                "GET /health HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n", "GET /health HTTP/1.0\r\n\r\n",
                "GET /health HTTP/1.1\r\nhost: localhost\r\nConnection: Close\r\n\r\n",
                "GET /health HTTP/1.1\r\nhost: localhost\r\nconnection: te, close\r\n\r\n",
                "GET /nothing HTTP/1.1\r\nhost: localhost\r\n\r\nGET /health HTTP/1.0\r\n\r\n",
            ] {
                let connection = try await RawConnection.connect(port: server.port)
                try await connection.write(request)
                let answer = try await connection.untilClosed()
                #expect(answer.contains(" 200 "), "\(answer)")
                #expect(answer.contains("healthy"))
            }
        }
    }

    @Test("an old client that wants to go on may", arguments: DatabaseKind.allCases)
    func oldKeepAlive(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let connection = try await RawConnection.connect(port: server.port)
            let first = "GET /health HTTP/1.0\r\nconnection: keep-alive\r\n\r\n"
            try await connection.write(first + "GET /health HTTP/1.0\r\n\r\n")
            let answers = try await connection.untilClosed()
            #expect(answers.components(after: "healthy").count == 2, "\(answers)")
        }
    }

    @Test("a client that asks before it sends its body is told to go on", arguments: DatabaseKind.allCases)
    func expectContinue(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let connection = try await RawConnection.connect(port: server.port)
            let body = #"{"client_version":"a.1.0-1"}"#
            try await connection.write(
                "POST /api/v1/version/negotiate HTTP/1.1\r\nhost: localhost\r\nexpect: 100-continue\r\n"
                    + "connection: close\r\ncontent-length: \(body.utf8.count)\r\n\r\n")
            try await connection.waits(for: "\r\n\r\n")
            #expect(connection.text.hasPrefix("HTTP/1.1 100 "))
            try await connection.write(body)
            let answer = try await connection.untilClosed()
            #expect(answer.contains("\r\n\r\nHTTP/1.1 200 "), "\(answer)")
        }
    }

    @Test("HEAD is answered without a body, whatever the route", arguments: DatabaseKind.allCases)
    func head(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let connection = try await RawConnection.connect(port: server.port)
            for path in ["/health", "/api/v1/auth/login", "/nothing", "/api/v1/users/@me"] {
                try await connection.write("HEAD \(path) HTTP/1.1\r\nhost: localhost\r\n\r\n")
            }
            try await connection.write("GET /health HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")
            let answers = try await connection.untilClosed()
            let parts = answers.components(after: "HTTP/1.1 ")
            #expect(parts.map { String($0.prefix(3)) } == ["200", "405", "404", "401", "200"])
            for part in parts.dropLast() { #expect(part.hasSuffix("\r\n\r\n"), "\(part)") }
        }
    }

    @Test("HEAD tells of what GET sends, packed or not", arguments: DatabaseKind.allCases)
    func headOfPacked(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            for path in ["/docs", "/health", "/openapi.json"] {
                for accepted in ["identity", "gzip"] {
                    let whole = try await Self.headers(of: path, by: "GET", accepting: accepted, server)
                    let alone = try await Self.headers(of: path, by: "HEAD", accepting: accepted, server)
                    #expect(alone == whole, "\(path), \(accepted)")
                    #expect(
                        whole.contains { $0.hasPrefix("content-encoding") } == (accepted == "gzip" && path != "/health")
                    )
                }
            }
        }
    }

    /// The lines before the body that do not differ from one request to the next.
    private static func headers(
        of path: String, by method: String, accepting coding: String, _ server: TestServer
    ) async throws -> [String] {
        let connection = try await RawConnection.connect(port: server.port)
        try await connection.write(
            "\(method) \(path) HTTP/1.1\r\nhost: localhost\r\naccept-encoding: \(coding)\r\nconnection: close\r\n\r\n")
        let answer = try await connection.untilClosed()
        let lines = answer.split(separator: "\r\n", omittingEmptySubsequences: false).prefix { !$0.isEmpty }
        let changing = ["date:", "x-request-id:", "x-ratelimit-"]
        return lines.map { $0.lowercased() }.filter { line in !changing.contains { line.hasPrefix($0) } }
    }

    @Test("large answers are compressed for those who ask, small ones are not", arguments: DatabaseKind.allCases)
    func compression(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let plain = try await server.send(.GET, "//docs")
            #expect(!plain.headers.contains(name: "content-encoding"))
            for accepted in ["gzip", "deflate, gzip;q=0.5", "GZIP", "*"] {
                let reply = try await server.send(.GET, "//docs", headers: ["accept-encoding": accepted])
                #expect(reply.headers["content-encoding"] == ["gzip"], "\(accepted)")
                #expect(reply.headers.first(name: "vary")?.contains("Accept-Encoding") == true)
                #expect(Array(reply.body.prefix(2)) == [0x1F, 0x8B])
                #expect(reply.body.count < plain.body.count)
                #expect(reply.headers["content-length"] == ["\(reply.body.count)"])
            }
            for refused in ["", "identity", "br", "gzip;q=0", "*;q=0"] {
                let reply = try await server.send(.GET, "//docs", headers: ["accept-encoding": refused])
                #expect(reply.body == plain.body, "\(refused)")
            }
            let small = try await server.send(.GET, "//health", headers: ["accept-encoding": "gzip"])
            #expect(!small.headers.contains(name: "content-encoding"))
        }
    }

    @Test("caches are told of all that an answer depends on", arguments: DatabaseKind.allCases)
    func vary(kind: DatabaseKind) async throws {
        try await TestServer.with(kind, ["http.cors_origins": CrossOriginTests.page]) { server in
            let headers: HTTPHeaders = ["accept-encoding": "gzip", "origin": CrossOriginTests.page]
            let reply = try await server.send(.GET, "//docs", headers: headers)
            let vary = reply.headers["vary"].joined(separator: ", ")
            #expect(vary.contains("Origin") && vary.contains("Accept-Encoding"), "\(vary)")
        }
    }
}

extension String {
    /// What stands after each occurrence of a separator.
    func components(after separator: String) -> [String] {
        Array(split(separator: separator, omittingEmptySubsequences: false).dropFirst()).map(String.init)
    }
}
