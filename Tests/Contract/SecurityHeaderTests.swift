import Client
import Crypto
import Foundation
import Kernel
import NIOHTTP1
import TestDatabase
import Testing

@Suite("Security headers")
struct SecurityHeaderTests {
    @Test("no answer is cached, guessed at, framed or referred to", arguments: DatabaseKind.allCases)
    func everywhere(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            let replies = [
                try await server.send(.GET, "//health"), try await server.send(.GET, "/nowhere"),
                try await server.send(.GET, "/users/@me"), try await alice.send(.GET, "/users/@me"),
                try await server.send(.POST, "/auth/login", AccountTests.login("alice")),
                try await server.send(.GET, "//openapi.json"),
            ]
            for reply in replies {
                #expect(reply.headers["x-content-type-options"] == ["nosniff"])
                #expect(reply.headers["cache-control"] == ["no-store"])
                #expect(reply.headers["referrer-policy"] == ["no-referrer"])
                #expect(
                    reply.headers["content-security-policy"] == ["default-src 'none'; frame-ancestors 'none'"])
                #expect(reply.headers["strict-transport-security"].isEmpty, "there is no TLS to go on with")
                #expect(reply.headers["server"].isEmpty, "the version of a library is nobody's business")
            }
        }
    }

    @Test("the documentation's page runs its own script and no other", arguments: DatabaseKind.allCases)
    func documentation(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let page = try await server.send(.GET, "//docs")
            let policy = try #require(
                try await server.send(.GET, "//docs").headers.first(name: "content-security-policy"))
            #expect(policy.contains("default-src 'none'"))
            #expect(policy.contains("script-src 'sha256-"))
            #expect(policy.contains("frame-ancestors 'none'"))
            #expect(!policy.contains("unsafe"))
            for tag in ["script", "style"] {
                let inner = try #require(page.text.components(separatedBy: "<\(tag)>").last)
                let source = try #require(inner.components(separatedBy: "</\(tag)>").first)
                let hash = Data(SHA256.hash(data: Data(source.utf8))).base64EncodedString()
                #expect(policy.contains("\(tag)-src 'sha256-\(hash)'"))
            }
        }
    }

    @Test("behind a trusted proxy that ends TLS, browsers are told to stay with it", arguments: DatabaseKind.allCases)
    func strictTransport(kind: DatabaseKind) async throws {
        let settings = ["http.trusted_proxies": "127.0.0.1", "http.cors_origins": "https://app.example.org"]
        try await TestServer.with(kind, settings) { server in
            let policy = { (headers: HTTPHeaders) async throws -> [String] in
                try await server.send(.GET, "/nowhere", headers: headers).headers["strict-transport-security"]
            }
            #expect(try await policy(["x-forwarded-proto": "https"]) == ["max-age=31536000"])
            #expect(try await policy(["x-forwarded-proto": "http"]).isEmpty)
            #expect(try await policy([:]).isEmpty)
            let preflight = try await server.send(
                .OPTIONS, "/version",
                headers: [
                    "x-forwarded-proto": "https", "origin": "https://app.example.org",
                    "access-control-request-method": "GET",
                ])
            #expect(preflight.headers["strict-transport-security"] == ["max-age=31536000"])
            #expect(preflight.headers["x-ratelimit-bucket"] == ["address"])
        }
    }
}
