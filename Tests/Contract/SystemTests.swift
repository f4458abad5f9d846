import Client
import HTTPTypes
import Kernel
import NIOHTTP1
import TestDatabase
import Testing
import WebAPI

@testable import Chat

@Suite("The system's own routes")
struct SystemTests {
    @Test("health and readiness need no login", arguments: DatabaseKind.allCases)
    func health(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            for path in ["//health", "/health"] {
                let reply = try await server.send(.GET, path)
                #expect(reply.outcome == "200")
                #expect(reply.json == ["status": "healthy", "version": "a.1.0-1", "log_lines_lost": 0])
            }
            for path in ["//ready", "/ready"] {
                #expect(try await server.send(.GET, path).json == ["status": "ready", "warnings": []])
            }
        }
    }

    @Test("the version is given in parts and whole", arguments: DatabaseKind.allCases)
    func version(kind: DatabaseKind) async throws {
        try await TestServer.with(kind, ["versions.minimum_client": "a.0.9-3"]) { server in
            let version = try await server.send(.GET, "/version").json
            #expect(
                version == [
                    "version": ["stage": "a", "major": 1, "minor": 0, "build": 1, "string": "a.1.0-1"],
                    "min_supported_version": ["stage": "a", "major": 0, "minor": 9, "build": 3, "string": "a.0.9-3"],
                    "api_version": "v1",
                ])
        }
    }

    @Test("a client learns whether it is new enough", arguments: DatabaseKind.allCases)
    func negotiate(kind: DatabaseKind) async throws {
        try await TestServer.with(kind, ["versions.minimum_client": "a.0.9-2"]) { server in
            let path = "/version/negotiate"
            let negotiate = { (version: JSON) in
                try await server.send(.POST, path, ["client_version": version, "supported_versions": ["v1"]])
            }
            let behind = try await negotiate("a.0.9-2").json
            #expect(behind["compatible"] == true)
            #expect(behind["update_required"] == false)
            #expect(behind["update_recommended"] == true)
            for version: JSON in ["a.1.0-1", "a.1.0-2", "b.0.0-1", "r.2.0-1"] {
                let reply = try await negotiate(version)
                #expect(reply.json["update_recommended"] == false, "\(version)")
                #expect(reply.json["client_version"] == version)
            }
            #expect(
                try await negotiate("a.0.9-1").outcome == "426 Client version a.0.9-1 is no longer supported")
            for version in ["", "a", "1.0.0", "a.1.0", "x.1.0-1", "a.01.0-1", "a.1.0-0", "a.1.0-1 ", "A.1.0-1"] {
                let reply = try await negotiate(.string(version))
                #expect(reply.outcome == "400 Invalid version format", "\(version)")
                #expect(reply.json["error"]?["code"] == "INVALID_VERSION_FORMAT")
            }
            #expect(try await server.outcome(.POST, path, [:]) == "400 Invalid input")
            #expect(try await negotiate(1).outcome == "400 Invalid input")
        }
    }

    @Test("the status tells how long the server has run", arguments: DatabaseKind.allCases)
    func status(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            server.clock.advance(by: .seconds(90))
            let status = try await server.send(.GET, "/status").json
            #expect(
                status == [
                    "state": "running", "version": "a.1.0-1", "uptime_seconds": 90, "maintenance_message": .null,
                    "estimated_downtime_seconds": .null, "restart_at": .null,
                ])
        }
    }

    @Test("the capabilities are the configured ones", arguments: DatabaseKind.allCases)
    func capabilities(kind: DatabaseKind) async throws {
        try await TestServer.with(kind, ["limits.message_length": "9", "limits.servers_per_user": "7"]) { server in
            let capabilities = try await server.send(.GET, "/capabilities").json
            #expect(capabilities["max_message_length"] == 9)
            #expect(capabilities["max_servers"] == 7)
            #expect(capabilities["registration"] == "open")
            let alice = try await server.person("alice")
            let nest = try await alice.foundsServer()
            let path = "/channels/\(nest.general)/messages"
            #expect(try await alice.outcome(.POST, path, ["content": "123456789"]) == "201")
            #expect(try await alice.outcome(.POST, path, ["content": "1234567890"]) == "400 Invalid input")
        }
    }

    @Test("the documentation comes with the server and asks nobody else", arguments: DatabaseKind.allCases)
    func documentation(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let page = try await server.send(.GET, "//docs")
            #expect(page.status == 200)
            #expect(page.headers["content-type"] == ["text/html; charset=utf-8"])
            #expect(!page.text.contains("://"))
            let document = try await server.send(.GET, "//openapi.json")
            #expect(document.headers["content-type"].first?.hasPrefix("application/json") == true)
            #expect(document.json["openapi"] == "3.1.0")
            let paths = document.json["paths"]?.object ?? [:]
            #expect(paths["/api/v1/auth/login"]?["post"]?["responses"]?["401"] != nil)
            // What the tests hold answers against; a module that is not there is in it besides.
            let all = OpenAPIDocument.shared.root["paths"]?.object ?? [:]
            for (path, operations) in paths {
                for (method, operation) in operations.object ?? [:] {
                    #expect(all[path]?[method] == operation, "\(method) \(path)")
                }
            }
            #expect(paths.count > 150)
        }
    }
}
