import Client
import Kernel
import NIOCore
import NIOHTTP1
import TestDatabase
import Testing

@Suite("Strict HTTP")
struct StrictHTTPTests {
    static let next = "GET /api/v1/version HTTP/1.1\r\nhost: a\r\n\r\n"
    static let post = "POST /api/v1/version/negotiate HTTP/1.1\r\nhost: a\r\n"
    static let body = #"{"client_version":"a.1.0-1"}"#

    /// Requests of which somebody else could think that they end elsewhere, or go elsewhere.
    static let ambiguous: [String] = [
        // Two lengths.
        "\(post)content-length: 4\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
        "\(post)transfer-encoding: chunked\r\ncontent-length: 4\r\n\r\n0\r\n\r\n",
        "\(post)content-length: 0\r\ncontent-length: 40\r\n\r\n",
        "\(post)content-length: 28\r\ncontent-length: 28\r\n\r\n\(body)",
        "\(post)content-length: 28, 28\r\n\r\n\(body)", "\(post)content-length: +28\r\n\r\n\(body)",
        "\(post)content-length: 0x1c\r\n\r\n\(body)", "\(post)content-length: 2 8\r\n\r\n\(body)",
        "\(post)content-length:\r\n\r\n",
        // Codings that somebody may not understand.
        "\(post)transfer-encoding: xchunked\r\n\r\n0\r\n\r\n", "\(post)transfer-encoding: identity\r\n\r\n",
        "\(post)transfer-encoding: chunked, identity\r\n\r\n0\r\n\r\n",
        "\(post)transfer-encoding: identity, chunked\r\n\r\n0\r\n\r\n",
        "\(post)transfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        "\(post)transfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
        "\(post)transfer-encoding : chunked\r\n\r\n0\r\n\r\n",
        "\(post)transfer-encoding: \u{0B}chunked\r\n\r\n0\r\n\r\n",
        "\(post)transfer-encoding: \"chunked\"\r\n\r\n0\r\n\r\n",
        "POST /api/v1/version/negotiate HTTP/1.0\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
        // Pieces that are none.
        "\(post)transfer-encoding: chunked\r\n\r\n-1\r\n{}\r\n0\r\n\r\n",
        "\(post)transfer-encoding: chunked\r\n\r\nfffffffffffffffff\r\n{}\r\n0\r\n\r\n",
        "\(post)transfer-encoding: chunked\r\n\r\n0x2\r\n{}\r\n0\r\n\r\n",
        "\(post)transfer-encoding: chunked\r\n\r\n2\r\n{}XX\r\n0\r\n\r\n",
        "\(post)transfer-encoding: chunked\r\n\r\n\r\n0\r\n\r\n",
        // Whose server?
        "GET /health HTTP/1.1\r\n\r\n", "GET /health HTTP/1.1\r\nhost: a\r\nhost: b\r\n\r\n",
        "GET /health HTTP/1.1\r\nhost: a\r\nHost: a\r\n\r\n", "GET /health HTTP/1.0\r\nhost: a\r\nhost: b\r\n\r\n",
        "GET http://evil.example/health HTTP/1.1\r\n\r\n", "GET /health HTTP/1.1\r\nhost: a, b\r\n\r\n",
        "GET /health HTTP/1.1\r\nhost: a b\r\n\r\n", "GET /health HTTP/1.1\r\nhost: a/b\r\n\r\n",
        "GET /health HTTP/1.1\r\nhost: user@a\r\n\r\n", "GET /health HTTP/1.1\r\n host: a\r\n\r\n",
        // Lines that end otherwise.
        "GET /health HTTP/1.1\r\nhost: a\r\nx: b\rc: d\r\n\r\n",
        "GET /health HTTP/1.1\r\nhost: a\r\nx: b\u{0}c\r\n\r\n",
        "GET /health HTTP/1.1\r\nhost: a\r\nx y: b\r\n\r\n", "GET /health\u{0}x HTTP/1.1\r\nhost: a\r\n\r\n",
        // Tunnels and other protocols.
        "CONNECT evil.example:80 HTTP/1.1\r\nhost: evil.example:80\r\n\r\n",
        "GET /gateway HTTP/1.1\r\nhost: a\r\nconnection: \tupgrade\u{0B}\r\nupgrade: websocket\r\n\r\n",
    ]

    @Test("what could be understood in two ways is refused, and nothing after it is read")
    func refused() async throws {
        try await TestServer.with(.sqlite) { server in
            for request in Self.ambiguous {
                let connection = try await RawConnection.connect(port: server.port)
                try await connection.write(request + Self.next)
                let answer = try await connection.untilClosed(timeout: .seconds(20))
                #expect(ReusedConnectionTests.statuses(answer) == ["400"], "\(request.debugDescription) \(answer)")
                #expect(answer.contains(#""message":"Invalid input""#), "\(request.debugDescription)")
            }
            #expect(try await server.send(.GET, "//health").status == 200)
        }
    }

    /// Unusual, and clear.
    static let clear: [String] = [
        "\(post)content-length: 28\r\n\r\n\(body)",
        "\(post)content-length: 028\r\n\r\n\(body)",
        "\(post)transfer-encoding: chunked\r\n\r\n1c;a=b\r\n\(body)\r\n0\r\n\r\n",
        "\(post)Transfer-Encoding: Chunked\r\n\r\n1C\r\n\(body)\r\n0\r\nx-trailer: 1\r\n\r\n",
        "GET /health HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\n\r\nAAAAA",
        "GET http://a/health HTTP/1.1\r\nhost: a\r\n\r\n",
        "GET /health HTTP/1.1\r\nhost:\r\n\r\n",
        "GET /health HTTP/1.1\r\nhost: [2001:db8::1]:8080\r\n\r\n",
        "GET /health HTTP/1.1\r\nhost: chat.example.org:443\r\n\r\n",
        "GET /health HTTP/1.0\r\nconnection: keep-alive\r\n\r\n",
    ]

    @Test("what is only unusual is answered, and so is what comes after it")
    func answered() async throws {
        try await TestServer.with(.sqlite) { server in
            for request in Self.clear {
                let connection = try await RawConnection.connect(port: server.port)
                try await connection.write(request + Self.next)
                try? await connection.waits(for: "min_supported_version", times: request.contains("POST") ? 2 : 1)
                #expect(
                    ReusedConnectionTests.statuses(connection.text) == ["200", "200"],
                    "\(request.debugDescription) \(connection.text)")
                await connection.close()
            }
        }
    }

    @Test("answers to what is no request have the same headers as others", arguments: DatabaseKind.allCases)
    func headers(kind: DatabaseKind) async throws {
        let broken: [(request: String, status: String)] = [
            ("nonsense\r\n\r\n", "400"), ("GET /health HTTP/1.1\r\n\r\n", "400"),
            ("GET /\(String(repeating: "x", count: 20_000)) HTTP/1.1\r\nhost: a\r\n\r\n", "431"),
            ("GET /health HTTP/1.1\r\nhost: a\r\n", "408"),
        ]
        try await TestServer.with(kind, ["http.request_timeout_seconds": "1"]) { server in
            for (request, status) in broken {
                let connection = try await RawConnection.connect(port: server.port)
                try await connection.write(request)
                let answer = try await connection.untilClosed(timeout: .seconds(20)).lowercased()
                #expect(answer.hasPrefix("http/1.1 \(status) "))
                for line in [
                    "cache-control: no-store", "referrer-policy: no-referrer", "x-content-type-options: nosniff",
                    "content-security-policy: default-src 'none'; frame-ancestors 'none'",
                ] {
                    #expect(answer.contains("\r\n\(line)\r\n"), "\(request.prefix(40)): \(line)")
                }
            }
        }
    }

    @Test("a preflight has them, too")
    func preflight() async throws {
        try await TestServer.with(.sqlite, ["http.cors_origins": CrossOriginTests.page]) { server in
            let reply = try await server.send(
                .OPTIONS, "/version",
                headers: ["origin": CrossOriginTests.page, "access-control-request-method": "GET"])
            #expect(reply.status == 204)
            #expect(reply.headers["x-content-type-options"] == ["nosniff"])
            #expect(reply.headers["referrer-policy"] == ["no-referrer"])
            #expect(reply.headers["cache-control"] == ["no-store"])
        }
    }
}
