import Client
import Kernel
import NIOHTTP1
import TestDatabase
import Testing

@Suite("Request bodies")
struct RequestBodyTests {
    static func nested(_ depth: Int) -> String {
        String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
    }

    /// Bodies that are not what a route can read, with the field that the details name.
    static let broken: [(String, [UInt8])] = [
        ("no JSON", Array("hello".utf8)), ("half", Array(#"{"name":"#.utf8)), ("two values", Array("{}{}".utf8)),
        ("trailing comma", Array(#"{"name":"ab",}"#.utf8)), ("single quotes", Array("{'name':'ab'}".utf8)),
        ("form", Array("name=ab".utf8)), ("duplicate keys", Array(#"{"name":"ab","name":"cd"}"#.utf8)),
        ("duplicate escaped keys", Array(#"{"name":"ab","n\u0061me":"cd"}"#.utf8)),
        ("duplicate keys deep inside", Array(#"{"name":"ab","x":[{"y":1,"y":2}]}"#.utf8)),
        ("deep nesting", Array(#"{"name":"ab","x":\#(nested(10_000))}"#.utf8)),
        ("nesting alone", Array(nested(10_000).utf8)),
        ("open nesting", Array(String(repeating: #"{"a":"#, count: 10_000).utf8)),
        ("integer beyond 64 bits", Array(#"{"name":"ab","x":9223372036854775808}"#.utf8)),
        ("integer far beyond", Array(#"{"name":"ab","x":\#(String(repeating: "9", count: 5000))}"#.utf8)),
        ("number beyond double", Array(#"{"name":"ab","x":1e400}"#.utf8)),
        ("not a number", Array(#"{"name":"ab","x":NaN}"#.utf8)),
        ("broken UTF-8", Array(#"{"name":"ab"#.utf8) + [0xC3, 0x28] + Array(#""}"#.utf8)),
        ("overlong UTF-8", Array(#"{"name":"ab"#.utf8) + [0xC0, 0x80] + Array(#""}"#.utf8)),
        ("surrogate in UTF-8", Array(#"{"name":"ab"#.utf8) + [0xED, 0xA0, 0x80] + Array(#""}"#.utf8)),
        ("lone surrogate", Array(#"{"name":"ab\ud800"}"#.utf8)),
        ("byte order mark", [0xEF, 0xBB, 0xBF] + Array("{}".utf8)),
        ("raw control character", Array("{\"name\":\"a\u{1}b\"}".utf8)),
        ("null bytes", Array(repeating: 0, count: 100)),
        ("comment", Array(#"{"name":"ab"} // hi"#.utf8)), ("UTF-16", [0xFF, 0xFE, 0x7B, 0x00, 0x7D, 0x00]),
        ("an array", Array("[]".utf8)), ("a string", Array(#""name""#.utf8)), ("null", Array("null".utf8)),
        ("white space", Array(" ".utf8)),
    ]

    @Test("what is no JSON object is refused with the reason", arguments: DatabaseKind.allCases)
    func broken(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            for (name, bytes) in Self.broken {
                let reply = try await server.send(.POST, "/servers", bytes: bytes, token: alice.token)
                #expect(reply.outcome == "400 Invalid input", "\(name)")
                #expect(reply.issues == ["body"], "\(name)")
            }
            #expect(try await alice.does(.GET, "/servers") == [])
        }
    }

    @Test("an absent body is an empty object", arguments: DatabaseKind.allCases)
    func absent(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            let reply = try await alice.send(.POST, "/servers")
            #expect(reply.outcome == "400 Invalid input")
            #expect(reply.issues == ["name"])
        }
    }

    @Test("unknown fields are passed over", arguments: DatabaseKind.allCases)
    func unknownFields(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            let body: JSON = ["name": "Nest", "colour": "blue", "id": "1", "owner_id": "1", "deep": [[["a": 1]]]]
            let made = try await alice.does(.POST, "/servers", body)
            #expect(made["owner_id"]?.string == alice.id)
            #expect(made["id"] != "1")
        }
    }

    @Test("null for a field that has a default means the default", arguments: DatabaseKind.allCases)
    func defaults(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            let nest = try await alice.foundsServer()
            let wish: JSON = ["max_age": .null, "max_uses": .null, "temporary": .null]
            let invite = try await alice.does(.POST, "/channels/\(nest.general)/invites", wish)
            #expect(invite["max_age"] == 86_400)
            #expect(invite["max_uses"] == 0)
            #expect(invite["temporary"] == false)
        }
    }

    @Test("a body that is too large is refused by its length", arguments: DatabaseKind.allCases)
    func tooLarge(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            let huge = Array(#"{"name":""#.utf8) + [UInt8](repeating: 0x61, count: 300_000) + Array(#""}"#.utf8)
            #expect(
                try await server.send(.POST, "/servers", bytes: huge, token: alice.token).outcome
                    == "413 Request too large")
            let large =
                Array(#"{"name":"Nest","x":""#.utf8) + [UInt8](repeating: 0x61, count: 250_000) + Array(#""}"#.utf8)
            #expect(try await server.send(.POST, "/servers", bytes: large, token: alice.token).outcome == "201")
        }
    }

    @Test("a length that is only claimed is refused before the body comes", arguments: DatabaseKind.allCases)
    func claimed(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            for length in ["300000", "10000000000", "9223372036854775807"] {
                let connection = try await RawConnection.connect(port: server.port)
                try await connection.write(
                    "POST /api/v1/auth/login HTTP/1.1\r\nhost: localhost\r\ncontent-length: \(length)\r\n\r\n{")
                let answer = try await connection.untilClosed()
                #expect(answer.hasPrefix("HTTP/1.1 413"), "\(length): \(answer)")
                #expect(answer.contains(#""message":"Request too large""#))
            }
        }
    }

    @Test("a body that is too large is refused also when it comes in chunks", arguments: DatabaseKind.allCases)
    func tooLargeChunked(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let connection = try await RawConnection.connect(port: server.port)
            try await connection.write(
                "POST /api/v1/auth/login HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n\r\n")
            let chunk = "10000\r\n" + String(repeating: "a", count: 0x10000) + "\r\n"
            for _ in 0..<6 { try? await connection.write(chunk) }
            let answer = try await connection.untilClosed()
            #expect(answer.hasPrefix("HTTP/1.1 413"), "\(answer)")
            #expect(answer.contains(#""message":"Request too large""#))
        }
    }

    @Test("a body in chunks is read like any other", arguments: DatabaseKind.allCases)
    func chunked(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let connection = try await RawConnection.connect(port: server.port)
            try await connection.write(
                """
                POST /api/v1/version/negotiate HTTP/1.1\r\nhost: localhost\r\nconnection: close\r
                transfer-encoding: chunked\r\n\r\n12\r\n{"client_version":\r\nB\r\n "a.1.0-1"}\r\n0\r\n\r\n
                """)
            let answer = try await connection.untilClosed()
            #expect(answer.hasPrefix("HTTP/1.1 200"), "\(answer)")
        }
    }
}
