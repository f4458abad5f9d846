import Foundation

/// A server of NATS, from Debian's package, with nothing to keep. An actor, since it may be another process after a while.
public actor NATSServer {
    public struct Failure: Error, CustomStringConvertible {
        public let description: String
    }

    public nonisolated let host: String
    public nonisolated let port: Int
    private let folder: URL
    private let options: String
    private var process: Process

    /// Runs `body` while the server runs.
    /// - Parameter options: in the words of its configuration file.
    public static func with<Result: Sendable>(
        host: String = "127.0.0.1", _ options: String = "", isolation: isolated (any Actor)? = #isolation,
        _ body: (NATSServer) async throws -> Result
    ) async throws -> Result {
        let folder = FileManager.default.temporaryDirectory.appending(path: "aviary-nats-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let (process, port) = try await start(host, -1, options, folder)
        let server = NATSServer(process, host, port, options, folder)
        do {
            let result = try await body(server)
            await server.end()
            return result
        } catch {
            await server.end()
            throw error
        }
    }

    private init(_ process: Process, _ host: String, _ port: Int, _ options: String, _ folder: URL) {
        self.process = process
        self.host = host
        self.port = port
        self.options = options
        self.folder = folder
    }

    /// - Parameter port: -1 for one that is free.
    private static func start(
        _ host: String, _ port: Int, _ options: String, _ folder: URL
    ) async throws -> (process: Process, port: Int) {
        let configuration = "host: \"\(host)\"\nport: \(port)\nports_file_dir: \"\(folder.path)\"\n\(options)\n"
        let file = folder.appending(path: "nats.conf")
        try Data(configuration.utf8).write(to: file)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/sbin/nats-server")
        process.arguments = ["--config", file.path, "--log", folder.appending(path: "log").path]
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        let ports = folder.appending(path: "nats-server_\(process.processIdentifier).ports")
        var found: Int?
        try await eventually {
            guard process.isRunning else {
                let log = (try? String(contentsOf: folder.appending(path: "log"), encoding: .utf8)) ?? ""
                throw Failure(description: "nats-server ended: \(log)")
            }
            found = (try? String(contentsOf: ports, encoding: .utf8)).flatMap(Self.port)
            return found != nil
        }
        guard let found else { throw Failure(description: "nats-server tells no port") }
        return (process, found)
    }

    /// From `{"nats":["nats://127.0.0.1:4222"]}`.
    private static func port(in text: String) -> Int? {
        text.split(separator: "\"").lazy.filter { $0.contains("://") }
            .compactMap { $0.split(separator: ":").last.flatMap { Int($0) } }.first
    }

    /// Where it is reached without TLS.
    public nonisolated var url: String { "nats://\(host):\(port)" }

    public var processID: Int32 { process.processIdentifier }

    public func end() async {
        process.end()
        try? await process.ended()
    }

    /// On the port that it had before.
    public func startAgain() async throws { process = try await Self.start(host, port, options, folder).process }

    /// It takes connections and what is sent, and does nothing.
    public func freeze() { kill(process.processIdentifier, SIGSTOP) }
    public func thaw() { kill(process.processIdentifier, SIGCONT) }
}
