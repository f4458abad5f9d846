import Client
import Foundation
import Kernel
import NIOHTTP1

/// A server in a process of its own, with rate limits off and cheap password hashes.
final class RunningServer {
    enum Failure: Error {
        case doesNotStart(String)
    }

    let port: Int
    let folder: String
    /// From the start of the process to the first healthy answer.
    let startTime: Duration
    private let process: Process
    private let keepsFolder: Bool

    var processID: Int32 { process.processIdentifier }

    private init(_ process: Process, port: Int, folder: String, keepsFolder: Bool, startTime: Duration) {
        self.process = process
        self.port = port
        self.folder = folder
        self.keepsFolder = keepsFolder
        self.startTime = startTime
    }

    /// - Parameter folder: nil makes a new one, which is removed at the end.
    static func start(program: String, database: String, folder: String? = nil) async throws -> RunningServer {
        let own = FileManager.default.temporaryDirectory.appending(path: "aviary-bench-\(UUID().uuidString)").path
        let port = freePort()
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments =
            ["serve", "--port", String(port), "--data", folder ?? own]
            + (database.isEmpty ? [] : ["--database", database])
        process.environment = ProcessInfo.processInfo.environment.merging(
            [
                "AVIARY_RATE_LIMITING_ENABLED": "false", "AVIARY_GATEWAY_CONNECTIONS_PER_USER": "10000",
                "AVIARY_GATEWAY_IDENTIFY_INTERVAL_SECONDS": "0", "AVIARY_PASSWORDS_ARGON2_MEMORY_KIB": "8",
                "AVIARY_PASSWORDS_ARGON2_PASSES": "1", "AVIARY_PASSWORDS_ARGON2_LANES": "1",
                "AVIARY_METRICS_ENABLED": "false", "AVIARY_LOG_LEVEL": "error",
            ], uniquingKeysWith: { _, new in new })
        process.standardOutput = FileHandle.nullDevice
        let begin = ContinuousClock.now
        try process.run()
        while ContinuousClock.now - begin < .seconds(30) {
            if let connection = try? await HTTPConnection.connect(port: port) {
                let reply = try? await connection.send(.GET, "/health")
                await connection.close()
                if reply?.status == 200 {
                    return RunningServer(
                        process, port: port, folder: folder ?? own, keepsFolder: folder != nil,
                        startTime: .now - begin)
                }
            }
            guard process.isRunning else { break }
            try await Task.sleep(for: .milliseconds(2))
        }
        process.terminate()
        throw Failure.doesNotStart(program)
    }

    func stop() async {
        process.terminate()
        while process.isRunning { try? await Task.sleep(for: .milliseconds(10)) }
        if !keepsFolder { try? FileManager.default.removeItem(atPath: folder) }
    }

    /// What the process has in memory, in bytes.
    func residentMemory() throws -> Int {
        let status = try String(contentsOfFile: "/proc/\(processID)/status", encoding: .utf8)
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
        return (line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) } ?? 0) * 1024
    }

    private static func freePort() -> Int {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = INADDR_LOOPBACK.bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        return withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                bind(descriptor, address, length)
                getsockname(descriptor, address, &length)
            }
            return Int(UInt16(bigEndian: pointer.pointee.sin_port))
        }
    }
}

/// An account for the measurements, with a connection that is kept.
struct Visitor: Sendable {
    static let password = "Correct horse 1!"

    let connection: HTTPConnection
    let token: String

    struct Refused: Error {
        let reply: String
    }

    static func register(_ name: String, on port: Int) async throws -> Visitor {
        let connection = try await HTTPConnection.connect(port: port)
        let body: JSON = [
            "username": .string(name), "email": .string("\(name)@example.org"), "password": .string(password),
        ]
        let reply = try await connection.send(.POST, "/api/v1/auth/register", body: body.jsonBytes)
        guard let token = reply.json["token"]?.string else { throw Refused(reply: reply.text) }
        return Visitor(connection: connection, token: token)
    }

    @discardableResult
    func send(_ method: HTTPMethod, _ path: String, _ body: JSON? = nil) async throws -> JSON {
        let reply = try await connection.send(
            method, "/api/v1" + path, headers: ["authorization": "Bearer \(token)"], body: body?.jsonBytes)
        guard (200..<300).contains(reply.status) else { throw Refused(reply: reply.text) }
        return reply.json
    }

    /// Makes a server; returns its first text channel.
    func foundServer() async throws -> String {
        try await send(.POST, "/servers", ["name": "Bench"])["default_channel_id"]?.string ?? ""
    }

    func invite(to channel: String) async throws -> String {
        try await send(.POST, "/channels/\(channel)/invites", [:])["code"]?.string ?? ""
    }
}
