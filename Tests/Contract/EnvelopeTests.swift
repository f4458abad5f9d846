import Client
import Kernel
import NIOHTTP1
import TestDatabase
import Testing

@Suite("The envelope")
struct EnvelopeTests {
    @Test("an unknown route is not found", arguments: DatabaseKind.allCases)
    func unknownRoute(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            for path in [
                "/nothing", "//client", "//api/v1", "//nothing", "/servers/1/nothing", "//api/v2/version",
                "/users/@me/x/y",
            ] {
                for method in [HTTPMethod.GET, .POST, .DELETE] {
                    let reply = try await server.send(method, path)
                    #expect(reply.outcome == "404 Resource not found", "\(method) \(path)")
                    #expect(reply.headers["content-type"].first?.hasPrefix("application/json") == true)
                }
            }
        }
    }

    @Test("a wrong method is answered with those that there are", arguments: DatabaseKind.allCases)
    func wrongMethod(kind: DatabaseKind) async throws {
        let cases: [(HTTPMethod, String, Set<String>)] = [
            (.GET, "/auth/login", ["POST"]), (.POST, "/users/1", ["GET"]), (.PUT, "/servers", ["GET", "POST"]),
            (.DELETE, "//health", ["GET"]), (.OPTIONS, "/auth/login", ["POST"]),
            (.PUT, "/channels/1/messages/1", ["GET", "PATCH", "DELETE"]),
        ]
        try await TestServer.with(kind) { server in
            for (method, path, allowed) in cases {
                let reply = try await server.send(method, path)
                #expect(reply.outcome == "405 Method not allowed", "\(method) \(path)")
                let allow = reply.headers.first(name: "allow") ?? ""
                let methods = Set(allow.split(separator: ",").map { $0.filter { $0 != " " } })
                #expect(methods.isSuperset(of: allowed), "\(method) \(path): \(allow)")
                #expect(!methods.contains(method.rawValue))
            }
        }
    }

    @Test("every answer has a request id of its own", arguments: DatabaseKind.allCases)
    func requestIDs(kind: DatabaseKind) async throws {
        try await TestServer.with(kind, ["http.cors_origins": "https://chat.example.org"]) { server in
            let alice = try await server.person("alice")
            let preflight: HTTPHeaders = [
                "origin": "https://chat.example.org", "access-control-request-method": "POST",
            ]
            let replies = [
                try await server.send(.GET, "//health"), try await server.send(.GET, "//docs"),
                try await server.send(.GET, "/nothing"), try await server.send(.PUT, "/auth/login"),
                try await server.send(.GET, "/users/@me"), try await alice.send(.GET, "/users/@me"),
                try await alice.send(.GET, "/servers/x"), try await server.send(.POST, "/media/upload/session"),
                try await server.send(.POST, "/auth/login", bytes: Array("{".utf8)),
                try await server.send(.OPTIONS, "/auth/login", headers: preflight),
                try await server.send(.GET, "//health", headers: ["x-client-version": "x"]),
                try await server.send(.GET, "//gateway"),
            ]
            let ids = replies.map { $0.headers["x-request-id"] }
            #expect(ids.allSatisfy { $0.count == 1 && $0[0].count == 16 }, "\(ids)")
            #expect(Set(ids.flatMap { $0 }).count == replies.count)
            #expect(replies.allSatisfy { $0.headers["x-content-type-options"] == ["nosniff"] || $0.status == 204 })
        }
    }

    static let malformedIDs = [
        "0", "-1", "+1", "abc", "1.0", "1e3", "%20", "1%20", "0x1", "9223372036854775808", "18446744073709551616",
        "99999999999999999999999999", "%D9%A1", "%00", "1%00", "@me",
    ]

    @Test("an id that is none is named by its kind", arguments: DatabaseKind.allCases)
    func malformedIDs(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            let nest = try await alice.foundsServer()
            for id in Self.malformedIDs {
                let routes: [(HTTPMethod, String, String)] = [
                    (.GET, "/servers/\(id)", "Invalid server ID"), (.DELETE, "/servers/\(id)", "Invalid server ID"),
                    (.GET, "/servers/\(id)/channels", "Invalid server ID"),
                    (.GET, "/channels/\(id)", "Invalid channel ID"),
                    (.GET, "/channels/\(id)/messages", "Invalid channel ID"),
                    (.POST, "/channels/\(id)/typing", "Invalid channel ID"),
                    (.GET, "/channels/\(nest.general)/messages/\(id)", "Invalid message ID"),
                    (.DELETE, "/channels/\(nest.general)/messages/\(id)", "Invalid message ID"),
                    (.DELETE, "/auth/sessions/\(id)", "Invalid session ID"),
                ]
                for (method, path, message) in routes {
                    #expect(try await alice.outcome(method, path) == "400 \(message)", "\(method) \(path)")
                }
                if id != "@me" {
                    #expect(try await alice.outcome(.GET, "/users/\(id)") == "400 Invalid user ID", "\(id)")
                }
            }
        }
    }

    @Test("an id may have zeros before it no more than it may be another number", arguments: DatabaseKind.allCases)
    func paddedIDs(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            let padded = try await alice.send(.GET, "/users/0\(alice.id)")
            #expect(padded.outcome == "200" || padded.outcome == "400 Invalid user ID")
            #expect(try await alice.outcome(.GET, "/users/000000000000000000000\(alice.id)") == "400 Invalid user ID")
        }
    }

    // MARK: Tokens

    @Test("without a valid token one is asked for it", arguments: DatabaseKind.allCases)
    func tokens(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            let cases: [(String?, String)] = [
                (nil, "401 Authentication required"), ("", "401 Invalid token"), ("Bearer", "401 Invalid token"),
                ("Bearer ", "401 Invalid token"), ("Bearer x", "401 Invalid token"), (alice.token, "401 Invalid token"),
                ("Basic \(alice.token)", "401 Invalid token"), ("Bot \(alice.token)", "401 Invalid token"),
                ("Bearer \(alice.token)x", "401 Invalid token"), ("Bearer \(alice.token) x", "401 Invalid token"),
                ("Bearer \(alice.token.dropLast())", "401 Invalid token"),
                ("Bearer \(alice.token.uppercased())", "401 Invalid token"),
                ("Bearer \(String(repeating: "x", count: 8000))", "401 Invalid token"),
            ]
            for (header, outcome) in cases {
                let headers: HTTPHeaders = header.map { ["authorization": $0] } ?? [:]
                for path in ["/users/@me", "/servers/1", "/auth/sessions"] {
                    let reply = try await server.send(.GET, path, headers: headers)
                    #expect(reply.outcome == outcome, "\(header ?? "none")")
                    #expect(reply.headers["www-authenticate"] == ["Bearer"])
                }
            }
        }
    }

    @Test("the scheme's name may be written in any case", arguments: DatabaseKind.allCases)
    func scheme(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            for scheme in ["Bearer", "bearer", "BEARER", "bEaReR", "Bearer  "] {
                let headers: HTTPHeaders = ["authorization": "\(scheme) \(alice.token)"]
                #expect(try await server.send(.GET, "/users/@me", headers: headers).status == 200, "\(scheme)")
            }
        }
    }

    @Test("who one is comes before what one asks", arguments: DatabaseKind.allCases)
    func authenticationFirst(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let reply = try await server.send(.POST, "/servers", bytes: Array("{broken".utf8))
            #expect(reply.outcome == "401 Authentication required")
            #expect(try await server.outcome(.GET, "/servers/x") == "401 Authentication required")
            #expect(try await server.outcome(.GET, "/channels/1/messages?limit=x") == "401 Authentication required")
        }
    }

    // MARK: Versions

    @Test(
        "an outdated or malformed client version is answered with all that a client needs",
        arguments: DatabaseKind.allCases)
    func versions(kind: DatabaseKind) async throws {
        try await TestServer.with(kind, ["versions.update_url": "https://example.org/get"]) { server in
            let send = { (version: String) in
                try await server.send(.GET, "/version", headers: ["x-client-version": version])
            }
            let outdated = try await send("a.0.9-1")
            #expect(outdated.status == 426)
            #expect(
                outdated.json == [
                    "error": [
                        "code": "VERSION_OUTDATED", "message": "Client version a.0.9-1 is no longer supported",
                        "client_version": "a.0.9-1", "min_version": "a.1.0-1", "server_version": "a.1.0-1",
                        "update_url": "https://example.org/get",
                    ]
                ])
            for malformed in [
                "1.0", "a.1.0", "a.1.0-0", "z.1.0-1", "a.1.0-1-1", "", String(repeating: "a", count: 500),
            ] {
                let reply = try await send(malformed)
                #expect(reply.outcome == "400 Invalid version format", "\(malformed)")
                #expect(reply.json["error"]?["code"] == "INVALID_VERSION_FORMAT")
                #expect(reply.json["error"]?["min_version"] == "a.1.0-1")
                #expect(reply.json["error"]?["server_version"] == "a.1.0-1")
            }
            for supported in ["a.1.0-1", "a.1.0-99", "b.0.0-1", "r.12.3-4"] {
                #expect(try await send(supported).status == 200, "\(supported)")
            }
        }
    }

    @Test("the version counts on every route, before anything is done", arguments: DatabaseKind.allCases)
    func versionFirst(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let headers: HTTPHeaders = ["x-client-version": "a.0.9-1"]
            let registration = AccountTests.registration("alice")
            let refused = try await server.send(.POST, "/auth/register", registration, headers: headers)
            #expect(refused.status == 426)
            #expect(try await server.send(.GET, "/users/@me", headers: headers).status == 426)
            #expect(try await server.outcome(.POST, "/auth/register", registration) == "201")
        }
    }
}
