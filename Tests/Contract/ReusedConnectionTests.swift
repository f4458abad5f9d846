import Client
import Kernel
import NIOCore
import NIOHTTP1
import TestDatabase
import TestPrograms
import Testing

@Suite("Connections that are used for more than one thing")
struct ReusedConnectionTests {
    static let upgrade =
        "GET /gateway HTTP/1.1\r\nhost: localhost\r\nconnection: Upgrade\r\nupgrade: websocket\r\n"
        + "sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    static let health = "GET /health HTTP/1.1\r\nhost: localhost\r\n\r\n"
    static let farewell = "GET /health HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n"

    static func identify(_ person: Person) -> String {
        String(decoding: (["op": 2, "d": ["token": .string(person.token)]] as JSON).jsonBytes, as: UTF8.self)
    }

    static func statuses(_ answers: String) -> [String] {
        answers.components(after: "HTTP/1.1 ").map { String($0.prefix(3)) }
    }

    @Test(
        "a connection that has served requests becomes a socket", arguments: DatabaseKind.allCases, [0, 1, 3])
    func afterRequests(kind: DatabaseKind, before: Int) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            let nest = try await alice.foundsServer()
            let connection = try await RawConnection.connect(port: server.port)
            for index in 0..<before {
                try await connection.write(Self.health)
                try await connection.waits(for: "healthy", times: index + 1)
            }
            try await connection.write(Self.upgrade)
            try await connection.waits(for: #""op":10"#)
            // RFC 6455, section 1.3: the answer to its example of a key.
            #expect(connection.text.lowercased().contains("sec-websocket-accept: s3pplmbitxaq9kygzzhzrbk+xoo=\r\n"))
            try await connection.sendsFrame(Self.identify(alice))
            try await connection.waits(for: #""t":"READY""#)
            try await alice.says("to the socket", in: nest.general)
            try await connection.waits(for: "to the socket")
            #expect(Self.statuses(connection.text) == Array(repeating: "200", count: before) + ["101"])
            await connection.close()
        }
    }

    @Test(
        "an upgrade in one packet with slow requests before it and messages after it waits its turn",
        arguments: DatabaseKind.allCases)
    func pipelined(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            let nest = try await alice.foundsServer()
            let body = #"{"content":"before the socket"}"#
            let post =
                "POST /api/v1/channels/\(nest.general)/messages HTTP/1.1\r\nhost: localhost\r\n"
                + "authorization: Bearer \(alice.token)\r\ncontent-length: \(body.utf8.count)\r\n\r\n\(body)"
            let connection = try await RawConnection.connect(port: server.port)
            try await connection.write(
                Array((post + post + post + Self.upgrade).utf8) + RawConnection.frame(Self.identify(alice)))
            try await connection.waits(for: #""t":"READY""#)
            #expect(Self.statuses(connection.text) == ["201", "201", "201", "101"])
            #expect(try await alice.reads(nest.general).count == 3)
            await connection.close()
        }
    }

    static let refusals: [(request: String, status: String)] = [
        (upgrade.replacing("localhost\r\n", with: "localhost\r\norigin: https://evil.example\r\n"), "403"),
        (upgrade.replacing("version: 13", with: "version: 8"), "400"),
        (upgrade.replacing("sec-websocket-key", with: "x-key"), "400"),
        (upgrade.replacing("upgrade: websocket", with: "upgrade: h2c"), "400"),
        (upgrade.replacing("connection: Upgrade", with: "connection: keep-alive"), "400"),
        (upgrade.replacing("/gateway", with: "/nothing"), "404"),
        (upgrade.replacing("/gateway", with: "/health"), "200"),
        (upgrade.replacing("GET", with: "PUT"), "405"),
        // What curl --http2 sends.
        (
            "GET /health HTTP/1.1\r\nhost: localhost\r\nconnection: Upgrade, HTTP2-Settings\r\nupgrade: h2c\r\nhttp2-settings: AAMA\r\n\r\n",
            "200"
        ),
        // A body and a wish at once, with its length and in pieces.
        (
            "POST /api/v1/version/negotiate HTTP/1.1\r\nhost: localhost\r\nconnection: upgrade\r\nupgrade: h2c\r\ncontent-length: 28\r\n\r\n"
                + #"{"client_version":"a.1.0-1"}"#, "200"
        ),
        (
            "POST /api/v1/version/negotiate HTTP/1.1\r\nhost: localhost\r\nconnection: upgrade\r\nupgrade: h2c\r\ntransfer-encoding: chunked\r\n\r\n"
                + "1c\r\n" + #"{"client_version":"a.1.0-1"}"# + "\r\n0\r\n\r\n", "200"
        ),
        (upgrade.replacing("\r\n\r\n", with: "\r\ncontent-length: 5\r\n\r\nhello"), "400"),
    ]

    @Test("a slash behind the address makes no difference")
    func slash() async throws {
        try await TestServer.with(.sqlite) { server in
            let socket = try await GatewaySocket.open(port: server.port, path: "/gateway/?v=1")
            #expect(try await socket.next()["op"] == 10)
        }
    }

    @Test("after an upgrade that is not to be had the connection goes on")
    func refused() async throws {
        try await TestServer.with(.sqlite) { server in
            for (request, status) in Self.refusals {
                try await Self.expect(status, afterRefusing: request, on: server.port)
            }
        }
    }

    /// The next request comes later, at once, or in the same packet.
    private static func expect(_ status: String, afterRefusing request: String, on port: Int) async throws {
        let patient = try await RawConnection.connect(port: port)
        try await patient.write(request)
        try await patient.waits(for: "HTTP/1.1 \(status)")
        try await patient.write(farewell)
        let later = try await patient.untilClosed(timeout: .seconds(20))
        #expect(statuses(later) == [status, "200"], "\(request)")
        let hasty = try await RawConnection.connect(port: port)
        try await hasty.write(request)
        try await hasty.write(health + farewell)
        let soon = try await hasty.untilClosed(timeout: .seconds(20))
        #expect(statuses(soon) == [status, "200", "200"], "\(request)")
        let greedy = try await RawConnection.connect(port: port)
        try await greedy.write(request + request + health + upgrade)
        try? await greedy.waits(for: #""op":10"#)
        #expect(statuses(greedy.text) == [status, status, "200", "101"], "\(request)")
        await greedy.close()
    }

    @Test("a client that goes while its upgrade waits leaves nothing behind", arguments: DatabaseKind.allCases)
    func vanished(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            let nest = try await alice.foundsServer()
            let body = #"{"content":"and gone"}"#
            let post =
                "POST /api/v1/channels/\(nest.general)/messages HTTP/1.1\r\nhost: localhost\r\n"
                + "authorization: Bearer \(alice.token)\r\ncontent-length: \(body.utf8.count)\r\n\r\n\(body)"
            for length in stride(from: 0, through: Self.upgrade.utf8.count, by: 20) {
                let connection = try await RawConnection.connect(port: server.port)
                try await connection.write(post + String(Self.upgrade.prefix(length)))
                await connection.close()
            }
            try await alice.says("still here", in: nest.general)
        }
    }

    @Test("one pool of connections serves aiohttp for requests and for the gateway")
    func aiohttp() async throws {
        try await TestServer.with(.sqlite) { server in
            let output = try await ScriptProgram.run("reused_connection.py", [String(server.port)])
            #expect(output.status == 0, "\(output.errors)")
            #expect(output.text.contains("hello 20\n"), "\(output.text)")
        }
    }

    @Test("behind nginx that keeps its connections to the server, everybody gets a socket")
    func nginx() async throws {
        try await TestServer.with(.sqlite, ["http.trusted_proxies": "127.0.0.1"]) { server in
            let proxy = try await TestProxy.start(before: server.port)
            defer { proxy.stop() }
            for _ in 0..<10 {
                let client = try await HTTPConnection.connect(port: proxy.port)
                #expect(try await client.send(.GET, "/health", timeout: .seconds(20)).status == 200)
                await client.close()
                let socket = try await GatewaySocket.open(port: proxy.port)
                #expect(try await socket.next(timeout: .seconds(20))["op"] == 10)
                await socket.disconnect()
            }
        }
    }
}
