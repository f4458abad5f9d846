import Client
import Kernel
import NIOHTTP1
import TestDatabase
import Testing

@Suite("Pages of other origins")
struct CrossOriginTests {
    static let page = "https://chat.example.org"

    static let preflight: HTTPHeaders = [
        "origin": page, "access-control-request-method": "PATCH", "access-control-request-headers": "authorization",
    ]

    @Test("by default no other page may use the API", arguments: DatabaseKind.allCases)
    func off(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let reply = try await server.send(.GET, "/version", headers: ["origin": Self.page])
            #expect(reply.status == 200)
            #expect(!reply.headers.contains { $0.name.lowercased().hasPrefix("access-control") })
            let preflight = try await server.send(.OPTIONS, "/servers/1", headers: Self.preflight)
            #expect(preflight.outcome == "405 Method not allowed")
            #expect(!preflight.headers.contains { $0.name.lowercased().hasPrefix("access-control") })
        }
    }

    @Test("listed origins may, others may not", arguments: DatabaseKind.allCases)
    func listed(kind: DatabaseKind) async throws {
        try await TestServer.with(kind, ["http.cors_origins": "\(Self.page), https://other.example"]) { server in
            for origin in [Self.page, "https://other.example"] {
                let reply = try await server.send(.GET, "/version", headers: ["origin": origin])
                #expect(reply.headers["access-control-allow-origin"] == [origin])
                #expect(!reply.headers.contains(name: "access-control-allow-credentials"))
                #expect(reply.headers.first(name: "vary")?.contains("Origin") == true)
            }
            for origin in ["https://evil.example", "null", "\(Self.page).evil.example", "http://chat.example.org", ""] {
                let reply = try await server.send(.GET, "/version", headers: ["origin": origin])
                #expect(!reply.headers.contains(name: "access-control-allow-origin"), "\(origin)")
            }
        }
    }

    @Test("errors, too, can be read by the page", arguments: DatabaseKind.allCases)
    func errors(kind: DatabaseKind) async throws {
        try await TestServer.with(kind, ["http.cors_origins": Self.page]) { server in
            for path in ["/users/@me", "/nothing"] {
                let reply = try await server.send(.GET, path, headers: ["origin": Self.page])
                #expect(reply.headers["access-control-allow-origin"] == [Self.page])
                let exposed = reply.headers.first(name: "access-control-expose-headers") ?? ""
                for header in ["X-Request-Id", "Retry-After", "X-RateLimit-Remaining"] {
                    #expect(exposed.contains(header))
                }
            }
        }
    }

    @Test("a preflight tells what a page may send", arguments: DatabaseKind.allCases)
    func preflight(kind: DatabaseKind) async throws {
        try await TestServer.with(kind, ["http.cors_origins": Self.page]) { server in
            let reply = try await server.send(.OPTIONS, "/servers/1", headers: Self.preflight)
            #expect(reply.status == 204)
            #expect(reply.body.isEmpty)
            #expect(reply.headers["access-control-allow-origin"] == [Self.page])
            let methods = reply.headers.first(name: "access-control-allow-methods") ?? ""
            for method in ["GET", "PATCH", "DELETE"] { #expect(methods.contains(method)) }
            let headers = (reply.headers.first(name: "access-control-allow-headers") ?? "").lowercased()
            for header in ["authorization", "content-type", "x-client-version"] { #expect(headers.contains(header)) }
            var foreign = Self.preflight
            foreign.replaceOrAdd(name: "origin", value: "https://evil.example")
            let refused = try await server.send(.OPTIONS, "/servers/1", headers: foreign)
            #expect(!refused.headers.contains(name: "access-control-allow-origin"))
        }
    }

    @Test("with * every page may", arguments: DatabaseKind.allCases)
    func all(kind: DatabaseKind) async throws {
        try await TestServer.with(kind, ["http.cors_origins": "*"]) { server in
            let reply = try await server.send(.GET, "/version", headers: ["origin": "https://anyone.example"])
            #expect(reply.headers["access-control-allow-origin"] == ["*"])
            let preflight = try await server.send(.OPTIONS, "/servers/1", headers: Self.preflight)
            #expect(preflight.headers["access-control-allow-origin"] == ["*"])
        }
    }
}
