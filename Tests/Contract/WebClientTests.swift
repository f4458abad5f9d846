import Client
import Foundation
import Kernel
import NIOHTTP1
import TestDatabase
import Testing

@Suite("The web client")
struct WebClientTests {
    private static let pages = [
        "/", "/login", "/register", "/reset-password", "/verify-email", "/oauth/callback", "/welcome", "/invite/abc",
        "/channels/@me", "/channels/@me/1", "/channels/1/2/3", "/admin", "/admin/users",
    ]

    @Test("every address of the client leads to its page", arguments: DatabaseKind.allCases)
    func pages(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let first = try await server.send(.GET, "//")
            for path in Self.pages {
                let page = try await server.send(.GET, "/" + path)
                #expect(page.status == 200, "\(path)")
                #expect(page.text == first.text, "\(path)")
                #expect(page.headers["content-type"] == ["text/html; charset=utf-8"])
                #expect(page.headers["cache-control"] == ["no-cache"])
            }
        }
    }

    @Test("the page runs only the server's own files, and nobody frames it", arguments: DatabaseKind.allCases)
    func policy(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let page = try await server.send(.GET, "//")
            let policy = try #require(page.headers.first(name: "content-security-policy"))
            for part in [
                "default-src 'none'", "connect-src 'self'", "base-uri 'none'",
                "frame-ancestors 'none'", "require-trusted-types-for 'script'",
            ] { #expect(policy.components(separatedBy: "; ").contains(part), "\(part)") }
            // What stands in the page itself is named by its hash.
            #expect(policy.contains(/script-src 'self' 'sha256-[^' ]+';/))
            #expect(policy.contains(/style-src 'self' 'sha256-[^' ]+' 'sha256-[^' ]+';/))
            #expect(!policy.contains("unsafe"))
            #expect(page.headers["x-content-type-options"] == ["nosniff"])
            #expect(page.headers["referrer-policy"] == ["no-referrer"])
        }
    }

    @Test("files are packed, kept for ever, and not sent to who has them", arguments: DatabaseKind.allCases)
    func assets(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let page = try await server.send(.GET, "//")
            let address = try #require(page.text.firstMatch(of: /src="(\/client\/[0-9a-f]+\/bundle\.js)"/)?.1)
            let plain = try await server.send(.GET, "/" + String(address))
            #expect(plain.status == 200)
            #expect(plain.headers["content-type"] == ["text/javascript; charset=utf-8"])
            #expect(plain.headers["cache-control"] == ["public, max-age=31536000, immutable"])
            #expect(plain.headers["content-encoding"].isEmpty)
            let packed = try await server.send(.GET, "/" + String(address), headers: ["accept-encoding": "gzip"])
            #expect(packed.headers["content-encoding"] == ["gzip"])
            #expect(packed.headers["vary"] == ["Accept-Encoding"])
            #expect(packed.body.count < plain.body.count)
            let tag = try #require(plain.headers.first(name: "etag"))
            let known = try await server.send(.GET, "/" + String(address), headers: ["if-none-match": tag])
            #expect(known.status == 304)
            #expect(known.body.isEmpty)
            let head = try await server.send(.HEAD, "/" + String(address))
            #expect(head.status == 200)
            #expect(head.body.isEmpty)
        }
    }

    @Test("files of another version are not there, nor is what lies beside them", arguments: DatabaseKind.allCases)
    func others(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            for path in [
                "//client/0000000000000000/bundle.js", "//client/bundle.js", "//client/../Package.swift",
                "//client/%2e%2e/index.html", "//index.html", "//channels", "//nowhere",
            ] {
                let reply = try await server.send(.GET, path)
                #expect(reply.status == 404, "\(path)")
                #expect(reply.json["error"]?["message"] == "Resource not found", "\(path)")
            }
            let wrong = try await server.send(.POST, "//")
            #expect(wrong.status == 405)
        }
    }

    @Test(
        "an unknown address is a page for browsers, and an error for programs", arguments: DatabaseKind.allCases)
    func unknownAddresses(kind: DatabaseKind) async throws {
        let browser: HTTPHeaders = ["accept": "text/html,application/xhtml+xml,*/*;q=0.8"]
        try await TestServer.with(kind) { server in
            let known = try await server.send(.GET, "//")
            for path in ["//nonsense", "//channels", "//channels/1/2/3/4", "//favicon"] {
                let page = try await server.send(.GET, path, headers: browser)
                #expect(page.status == 404, "\(path)")
                #expect(page.text == known.text, "\(path)")
                #expect(page.headers["content-type"] == ["text/html; charset=utf-8"])
                #expect(page.headers["content-security-policy"] == known.headers["content-security-policy"])
                #expect(page.headers["etag"].isEmpty)
                let program = try await server.send(.GET, path, headers: ["accept": "application/json"])
                #expect(program.status == 404)
                #expect(program.json["error"]?["message"] == "Resource not found", "\(path)")
            }
            for path in ["/nonsense", "//client/none"] {
                let reply = try await server.send(.GET, path, headers: browser)
                #expect(reply.json["error"]?["message"] == "Resource not found", "\(path)")
            }
            let written = try await server.send(.POST, "//nonsense", headers: browser)
            #expect(written.json["error"]?["message"] == "Resource not found")
        }
        try await TestServer.with(kind, ["web.client": "false"]) { server in
            let reply = try await server.send(.GET, "//nonsense", headers: browser)
            #expect(reply.json["error"]?["message"] == "Resource not found")
        }
    }

    @Test("it is no part of the API's documentation", arguments: DatabaseKind.allCases)
    func documentation(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let document = try await server.send(.GET, "//openapi.json")
            #expect(!document.text.contains("/client/"))
            #expect(!document.text.contains("/channels/@me"))
        }
    }

    @Test("switched off, the addresses are not there", arguments: DatabaseKind.allCases)
    func off(kind: DatabaseKind) async throws {
        try await TestServer.with(kind, ["web.client": "false"]) { server in
            for path in ["//", "//login", "//manifest.webmanifest"] {
                let reply = try await server.send(.GET, path)
                #expect(reply.status == 404)
            }
            let reply = try await server.send(.GET, "/version")
            #expect(reply.status == 200)
        }
    }

    @Test("a folder takes the place of what is in the program", arguments: DatabaseKind.allCases)
    func folder(kind: DatabaseKind) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try Data("<p>Our own</p>".utf8).write(to: folder.appending(path: "index.html"))
        try await TestServer.with(kind, ["web.folder": folder.path()]) { server in
            let reply = try await server.send(.GET, "//")
            #expect(reply.text == "<p>Our own</p>")
        }
    }

    @Test("the page comes also while the server is being maintained", arguments: DatabaseKind.allCases)
    func maintenance(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let admin = try await server.administrator()
            _ = try await admin.send(.POST, "/admin/maintenance", ["closing_in_seconds": 0])
            let reply = try await server.send(.GET, "//")
            #expect(reply.status == 200)
        }
    }

    @Test("a plus in a query is a space, as browsers write it", arguments: DatabaseKind.allCases)
    func plus(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            let nest = try await alice.send(.POST, "/servers", ["name": "The nest"])
            let channel = nest.json["default_channel_id"]?.string ?? ""
            _ = try await alice.send(.POST, "/channels/\(channel)/messages", ["content": "herons in the reeds"])
            for query in ["herons+reeds", "herons%20reeds"] {
                let found = try await alice.send(.GET, "/search/messages?q=\(query)")
                #expect(found.json.array?.count == 1, "\(query)")
            }
        }
    }
}
