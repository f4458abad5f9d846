import Foundation
import Glibc
import Kernel
import NIOCore
import NIOHTTP1
import NIOPosix

/// A server in a process of its own, with rate limits off and cheap password hashes.
public final class RunningServer {
    public enum Failure: Error {
        case doesNotStart(String)
    }

    public let port: Int
    public let folder: String
    /// From the start of the process to the first healthy answer.
    public let startTime: Duration
    private let process: Process
    /// What the server may notice our end by (`Watch`).
    private let life: Pipe
    private let keepsFolder: Bool

    public var processID: Int32 { process.processIdentifier }

    private init(_ process: Process, _ life: Pipe, port: Int, folder: String, keepsFolder: Bool, startTime: Duration) {
        self.process = process
        self.life = life
        self.port = port
        self.folder = folder
        self.keepsFolder = keepsFolder
        self.startTime = startTime
    }

    /// Starts the program and waits until it is healthy.
    /// - Parameters:
    ///   - database: empty for a new SQLite database in the folder.
    ///   - folder: nil makes a new one, which is removed at the end.
    ///   - port: nil takes a free one.
    ///   - environment: settings beside those that suit measurements.
    public static func start(
        program: String, database: String, folder: String? = nil, port: Int? = nil, environment: [String: String] = [:]
    ) async throws -> RunningServer {
        let own = FileManager.default.temporaryDirectory.appending(path: "aviary-bench-\(UUID().uuidString)").path
        let port = port ?? freePort()
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments =
            ["serve", "--port", String(port), "--data", folder ?? own]
            + (database.isEmpty ? [] : ["--database", database])
        // What is set for another server does not count here.
        process.environment = ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("AVIARY_") }.merging(
            [
                "AVIARY_RATE_LIMITING_ENABLED": "false", "AVIARY_GATEWAY_CONNECTIONS_PER_USER": "10000",
                "AVIARY_GATEWAY_IDENTIFY_INTERVAL_SECONDS": "0", "AVIARY_GATEWAY_REPLAY_EVENTS": "10000000",
                "AVIARY_PASSWORDS_ARGON2_MEMORY_KIB": "8",
                "AVIARY_PASSWORDS_ARGON2_PASSES": "1", "AVIARY_PASSWORDS_ARGON2_LANES": "1",
                "AVIARY_METRICS_ENABLED": "false", "AVIARY_LOG_LEVEL": "error",
                // Whoever kills the server or looks at its memory means this process and starts it again by itself.
                "AVIARY_PROCESS_RESTART": "false",
                // One address may have half of all connections at most, unless it is a proxy's.
                "AVIARY_HTTP_CONNECTIONS_PER_ADDRESS": "1000000", "AVIARY_HTTP_TRUSTED_PROXIES": "127.0.0.1",
            ].merging(environment) { _, new in new }, uniquingKeysWith: { _, new in new })
        process.standardOutput = FileHandle.nullDevice
        let life = Pipe()
        process.standardInput = life
        let begin = ContinuousClock.now
        try process.run()
        // Also when whoever waits is told to wait no longer.
        var isReady = false
        defer { if !isReady { end(process) } }
        while ContinuousClock.now - begin < .seconds(30) {
            if let connection = try? await HTTPConnection.connect(port: port) {
                let reply = try? await connection.send(.GET, "/health")
                await connection.close()
                if reply?.status == 200 {
                    isReady = true
                    return RunningServer(
                        process, life, port: port, folder: folder ?? own, keepsFolder: folder != nil,
                        startTime: .now - begin)
                }
            }
            guard process.isRunning else { break }
            try await Task.sleep(for: .milliseconds(2))
        }
        throw Failure.doesNotStart(program)
    }

    private static func end(_ process: Process) {
        process.terminate()
        process.waitUntilExit()
    }

    /// Ends the process without a warning, as a crash or a power cut would.
    public func kill() {
        Glibc.kill(processID, SIGKILL)
        process.waitUntilExit()
    }

    public func stop() async {
        process.terminate()
        while process.isRunning { try? await Task.sleep(for: .milliseconds(10)) }
        if !keepsFolder { try? FileManager.default.removeItem(atPath: folder) }
    }

    /// What the process has in memory, in bytes.
    public func residentMemory() throws -> Int { try Self.residentMemory(of: processID) }

    /// The most that it has had, in bytes.
    public func peakMemory() throws -> Int { try Self.memory("VmHWM:", of: processID) }

    /// What a process of this machine has in memory, in bytes.
    public static func residentMemory(of process: Int32) throws -> Int { try memory("VmRSS:", of: process) }

    private static func memory(_ name: String, of process: Int32) throws -> Int {
        let status = try String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8)
        let line = status.split(separator: "\n").first { $0.hasPrefix(name) }
        return (line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) } ?? 0) * 1024
    }

    /// A port that nobody listens on; 0 when the system has none.
    public static func freePort() -> Int {
        let listening = ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton).bind(host: "127.0.0.1", port: 0)
        guard let channel = try? listening.wait() else { return 0 }
        defer { try? channel.close().wait() }
        return channel.localAddress?.port ?? 0
    }
}
