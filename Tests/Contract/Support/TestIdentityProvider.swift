import Client
import Foundation
import Kernel
import NIOHTTP1
import TestPrograms

/// A provider of identities in a process of its own, and what people do there in their browsers.
struct TestIdentityProvider: Sendable {
    struct NoCode: Error { let answer: String }

    let program: ScriptProgram
    let port: Int
    /// Keeps the people of one test apart from those of another that uses the same process.
    let prefix = String(UInt64.random(in: .min ... .max), radix: 36)

    private static let process = Task { try await ScriptProgram.start("openid_provider.py") }

    /// The one that the tests share, since each process takes its time to start.
    static func shared() async throws -> TestIdentityProvider { try await TestIdentityProvider(process.value) }

    /// One of its own, for tests that change it.
    static func start() async throws -> TestIdentityProvider {
        try await TestIdentityProvider(ScriptProgram.start("openid_provider.py"))
    }

    private init(_ started: (program: ScriptProgram, firstLine: String)) throws {
        guard let port = Int(started.firstLine) else { throw NoCode(answer: started.firstLine) }
        self.program = started.program
        self.port = port
    }

    var issuer: String { "http://localhost:\(port)" }

    /// Settings for a server that knows it as `nest`.
    var settings: [String: String] {
        [
            "oauth.providers": "nest", "oauth.nest.issuer": issuer, "oauth.nest.client_id": "aviary",
            "oauth.nest.client_secret": "s3cret/+", "http.public_url": "https://chat.example.org",
        ]
    }

    private func send(
        _ method: HTTPMethod, _ path: String, _ type: String, _ body: String
    ) async throws -> HTTPReply {
        let connection = try await HTTPConnection.connect(port: port)
        let reply = try await connection.send(
            method, path, headers: ["content-type": type], body: Array(body.utf8))
        await connection.close()
        return reply
    }

    /// Sets what the provider tells of somebody.
    func knows(_ subject: String, _ claims: JSON) async throws {
        _ = try await send(
            .PUT, "/users/\(prefix)\(subject)", "application/json", String(decoding: claims.jsonBytes, as: UTF8.self))
    }

    func changesItsKey() async throws { _ = try await send(.POST, "/test/rotate", "text/plain", "") }

    /// Goes where the server sends the browser, logs in there, and returns the code that the browser comes back with.
    func logIn(_ subject: String, at address: String) async throws -> (code: String, state: String) {
        guard let parts = URLComponents(string: address) else { throw NoCode(answer: address) }
        let path = parts.percentEncodedPath + "?" + (parts.percentEncodedQuery ?? "")
        let reply = try await send(.POST, path, "application/x-www-form-urlencoded", "sub=\(prefix)\(subject)")
        let back = reply.headers.first(name: "location").flatMap { URLComponents(string: $0) }
        let value = { (name: String) in back?.queryItems?.first { $0.name == name }?.value }
        guard let code = value("code"), let state = value("state"),
            back?.string?.hasPrefix("https://chat.example.org/oauth/callback?") == true
        else { throw NoCode(answer: "\(reply.status) \(reply.headers)") }
        return (code, state)
    }
}

extension TestServer {
    func beginsSingleSignOn() async throws -> JSON {
        let reply = try await send(.GET, "/auth/oauth/nest/login")
        guard reply.status == 200 else { throw UnexpectedReply(reply) }
        return reply.json
    }

    func finishesSingleSignOn(_ code: String, _ state: String, with name: String = "nest") async throws -> HTTPReply {
        try await send(
            .POST, "/auth/oauth/\(name)/callback", ["code": .string(code), "state": .string(state)])
    }

    /// The whole way.
    func logsIn(_ subject: String, at provider: TestIdentityProvider) async throws -> HTTPReply {
        let start = try await beginsSingleSignOn()
        let (code, state) = try await provider.logIn(subject, at: start.text("authorization_url"))
        return try await finishesSingleSignOn(code, state)
    }
}
