import Aviary
import Chat
import Client
import Foundation
import Kernel
import Logging
import Media
import NIOCore
import NIOHTTP1
import ServiceLifecycle
import TestDatabase

/// A whole server on a free port with a database of its own.
struct TestServer: Sendable {
    let port: Int
    /// The data folder.
    let folder: String
    let clock: ManualClock
    /// What the server itself takes for the time: `clock`, unless a monotonic clock was given or the time goes by itself.
    let time: any WallClock
    let document: OpenAPIDocument
    let settings: LoadedSettings
    /// What the server asks its database.
    let statements: StatementRecorder

    private static let schema = DatabasePattern(Instance.migrations)

    /// Runs `body` against a server on the given database, with settings on top of those that suit tests.
    static func with(
        _ kind: DatabaseKind, _ settings: [String: String] = [:], logger: Logger = silent,
        _ body: @escaping @Sendable (TestServer) async throws -> Void
    ) async throws {
        try await TestDatabase.withPlace(kind, like: schema) { place in
            let url = kind == .sqlite ? "sqlite:\(place.address)" : place.address
            try await with(databaseURL: url, settings, logger: logger, body)
        }
    }

    /// As above, on a database that other servers may have used before.
    /// One that stops, and is there again on what it has kept, by the same clock.
    static func restarting(
        _ kind: DatabaseKind, _ settings: [String: String] = [:],
        _ first: @escaping @Sendable (TestServer) async throws -> Void,
        then second: @escaping @Sendable (TestServer) async throws -> Void
    ) async throws {
        try await TestDatabase.withPlace(kind) { place in
            let url = kind == .sqlite ? "sqlite:\(place.address)" : place.address
            let clock = ManualClock(SystemClock().now())
            for life in [first, second] { try await with(databaseURL: url, clock: clock, settings, life) }
        }
    }

    static func with(
        databaseURL: String, clock: ManualClock? = nil, monotonic: ManualMonotonicClock? = nil,
        uptime: @escaping @Sendable () -> ContinuousClock.Instant = { .now },
        _ settings: [String: String] = [:], logger: Logger = silent,
        _ body: @escaping @Sendable (TestServer) async throws -> Void
    ) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "aviary-test-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let clock = clock ?? ManualClock(SystemClock().now())
        let time: any WallClock = monotonic.map { GuardedClock(clock, monotonic: $0) } ?? GoingClock(clock)
        let quick = [
            "data": folder, "database.url": databaseURL, "database.connections": "3", "http.port": "0",
            "metrics.enabled": "false",
            "passwords.argon2_memory_kib": "8", "passwords.argon2_passes": "1", "passwords.argon2_lanes": "1",
            "gateway.identify_interval_seconds": "0", "rate_limiting.enabled": "false", "voice.sfu": "off",
        ]
        let loaded = try await LoadedSettings.load(
            file: nil, environment: [:], flags: quick.merging(settings) { _, new in new })
        // The servers that tests link to are on this machine.
        let statements = StatementRecorder()
        let server = try await AviaryServer(
            loaded, clock: time, uptime: uptime,
            linkGuard: AddressRanges("127.0.0.1").map(LinkGuard.allowing) ?? .standard,
            observing: { RecordingDatabase($0, recorder: statements) }, logger: logger)
        try await run(server, loaded, clock, time, statements, body)
    }

    static let silent = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })

    private static func run(
        _ server: AviaryServer, _ settings: LoadedSettings, _ clock: ManualClock, _ time: any WallClock,
        _ statements: StatementRecorder, _ body: @escaping @Sendable (TestServer) async throws -> Void
    ) async throws {
        let started = AsyncStream.makeStream(of: Int.self)
        let shutdown = AsyncStream.makeStream(of: Void.self)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await server.run(stoppingWhen: { for await _ in shutdown.stream {} }) { addresses in
                    started.continuation.yield(addresses.port)
                    started.continuation.finish()
                }
            }
            group.addTask {
                defer { shutdown.continuation.finish() }
                for await port in started.stream {
                    try await body(
                        TestServer(
                            port: port, folder: settings.dataFolder, clock: clock, time: time, document: .shared,
                            settings: settings, statements: statements))
                }
            }
            try await group.waitForAll()
        }
    }

    // MARK: Requests

    /// Sends one request on a connection of its own, and checks the answer against the document.
    func send(
        _ method: HTTPMethod, _ path: String, _ body: JSON? = nil, token: String? = nil,
        headers: HTTPHeaders = [:]
    ) async throws -> HTTPReply {
        try await send(method, path, bytes: body?.jsonBytes, token: token, headers: headers)
    }

    func send(
        _ method: HTTPMethod, _ path: String, bytes: [UInt8]?, token: String? = nil, headers: HTTPHeaders = [:]
    ) async throws -> HTTPReply {
        let connection = try await HTTPConnection.connect(port: port)
        var headers = headers
        if let token { headers.add(name: "authorization", value: "Bearer \(token)") }
        let path = path.hasPrefix("//") ? String(path.dropFirst()) : "/api/v1" + path
        let reply = try await connection.send(method, path, headers: headers, body: bytes)
        await connection.close()
        document.note(reply, method, path)
        try document.check(reply, method, path)
        return reply
    }

    // MARK: People

    /// A new account, logged in.
    func person(_ name: String) async throws -> Person {
        let reply = try await send(
            .POST, "/auth/register",
            ["username": .string(name), "email": .string("\(name)@example.org"), "password": .string(Person.password)])
        guard reply.status == 201, let token = reply.json["token"]?.string, let id = reply.json["user"]?["id"]?.string
        else { throw UnexpectedReply(reply) }
        return Person(server: self, name: name, id: id, token: token)
    }

    /// Does what an operator does on the command line, while the server runs.
    @discardableResult
    func operate<Result: Sendable>(
        _ body: (Administration) async throws -> Result
    ) async throws -> Result {
        // The server's clock may stand still, and its lease look as if it were over.
        try await AdministrationSession.with(settings, worker: 1023, body)
    }

    /// A new account of an administrator, logged in.
    func administrator(_ name: String = "root") async throws -> Person {
        let person = try await person(name)
        try await operate { try await $0.appoint(name) }
        // A login from before is believed to be an ordinary one for a while.
        return try await person.onAnotherDevice()
    }
}

struct UnexpectedReply: Error, CustomStringConvertible {
    let description: String

    init(_ reply: HTTPReply) { description = "\(reply.status) \(reply.text)" }
}
