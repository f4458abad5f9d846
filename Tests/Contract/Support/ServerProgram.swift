import Client
import Foundation
import Kernel
import NIOCore
import NIOHTTP1
import TestDatabase
import TestPrograms

/// The program itself, started as an operator starts it, with all that belongs to its process.
final class ServerProgram: Sendable {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// Where it lies for this run of the tests: beside them.
    static let path = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
        .appending(path: "aviary").path

    let port: Int
    let metricsPort: Int
    /// Made for the program and removed afterwards; the data is in `data` below it.
    let folder: String
    /// What was started: a shell, or what it has become.
    let process: Process

    private init(_ process: Process, port: Int, metricsPort: Int, folder: String) {
        self.process = process
        self.port = port
        self.metricsPort = metricsPort
        self.folder = folder
    }

    /// Runs `body` while the program runs.
    /// - Parameters:
    ///   - shell: starts the program, which is `"$@"`; the folder is `$FOLDER`. Its standard error is the file `log` there, unless the
    ///     shell takes it elsewhere.
    ///   - isolated: in a file system of its own, where the shell may mount what it likes.
    static func with(
        _ kind: DatabaseKind, _ settings: [String: String] = [:], shell: String = #"exec "$@""#,
        isolated: Bool = false, environment: [String: String] = [:],
        _ body: (ServerProgram) async throws -> Void
    ) async throws {
        try await TestDatabase.withPlace(kind) { place in
            let folder = FileManager.default.temporaryDirectory.appending(path: "aviary-program-\(UUID().uuidString)")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            defer { try? FileManager.default.removeItem(at: folder) }
            let database = kind == .sqlite ? [:] : ["database.url": place.address]
            let program = try start(
                database.merging(settings) { $1 }, folder: folder.path, shell: shell, isolated: isolated,
                environment: environment)
            do {
                try await program.waitUntilHealthy()
                try await body(program)
            } catch {
                await program.stop()
                throw error
            }
            await program.stop()
        }
    }

    /// Starts it and does not wait.
    static func start(
        _ settings: [String: String], folder: String, port: Int? = nil, shell: String = #"exec "$@""#,
        isolated: Bool = false, environment: [String: String] = [:]
    ) throws -> ServerProgram {
        let (port, metricsPort) = (port ?? RunningServer.freePort(), RunningServer.freePort())
        let all = [
            "data": folder + "/data", "http.port": String(port), "metrics.port": String(metricsPort),
            "rate_limiting.enabled": "false", "gateway.identify_interval_seconds": "0",
            "passwords.argon2_memory_kib": "8", "passwords.argon2_passes": "1", "passwords.argon2_lanes": "1",
        ].merging(settings) { $1 }
        let own = isolated ? ["/usr/bin/unshare", "--mount"] + (geteuid() == 0 ? [] : ["--map-root-user"]) : []
        // Whoever runs the tests may ignore signals, as nohup does, and a shell can't take that back.
        let signals = ["/usr/bin/env", "--default-signal=HUP,INT,QUIT,USR1,USR2,TERM,PIPE"]
        let command =
            own + signals + ["/bin/sh", "-c", shell, "sh", path, "serve"] + all.map { "--set=\($0)=\($1)" }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: command[0])
        process.arguments = Array(command.dropFirst())
        var variables = ProcessInfo.processInfo.environment
        variables["INVOCATION_ID"] = nil
        variables["SWIFT_BACKTRACE"] = nil
        process.environment = variables.merging(["FOLDER": folder]) { $1 }.merging(environment) { $1 }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        // Several may write to it.
        let descriptor = open(folder + "/log", O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Failure(description: "\(folder) can't be written") }
        let log = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        process.standardError = log
        try process.run()
        return ServerProgram(process, port: port, metricsPort: metricsPort, folder: folder)
    }

    // MARK: Its process

    /// The number of the process that serves; nil before there is one.
    var server: pid_t? {
        let paths = ["\(folder)/data/aviary.lock", "/proc/\(process.processIdentifier)/root\(folder)/data/aviary.lock"]
        for path in paths {
            if let text = try? String(contentsOfFile: path, encoding: .utf8),
                let number = pid_t(text.filter(\.isNumber))
            {
                return number
            }
        }
        return nil
    }

    /// What was logged to the file.
    var log: String { (try? String(contentsOfFile: folder + "/log", encoding: .utf8)) ?? "" }

    static func isAlive(_ number: pid_t) -> Bool {
        guard let status = try? String(contentsOfFile: "/proc/\(number)/stat", encoding: .utf8) else { return false }
        // The state stands after the name, which is in parentheses.
        return status.split(separator: ")").last?.contains(" Z ") == false
    }

    static func waitUntilGone(_ number: pid_t) async throws {
        try await eventually { !isAlive(number) }
    }

    func waitUntilHealthy() async throws {
        try await eventually {
            guard process.isRunning else { throw Failure(description: "it ended: \(log)") }
            return try await health()?.status == 200
        }
    }

    /// Stops it in order, whatever state it is in.
    func stop() async {
        // In a namespace of its own it could have the number of somebody else here.
        if let server, server > 1, Self.isAlive(server) {
            kill(server, SIGTERM)
            try? await Self.waitUntilGone(server)
        }
        if process.isRunning { process.terminate() }
        if (try? await process.ended()) == nil { process.end() }
    }

    // MARK: What it says

    /// Nil while nobody answers.
    func health() async throws -> HTTPReply? {
        guard let connection = try? await HTTPConnection.connect(port: port) else { return nil }
        let reply = try? await connection.send(.GET, "/health", timeout: .seconds(10))
        await connection.close()
        return reply
    }

    /// A figure of `/metrics`; nil when it is not there.
    func metric(_ name: String) async throws -> Int? {
        let connection = try await HTTPConnection.connect(port: metricsPort)
        let text = try await connection.send(.GET, "/metrics").text
        await connection.close()
        let line = text.split(separator: "\n").first { $0.hasPrefix("\(name) ") }
        // Gauges are told as `1.0`.
        return line?.split(separator: " ").last.flatMap { Double($0) }.flatMap { Int(exactly: $0) }
    }
}
