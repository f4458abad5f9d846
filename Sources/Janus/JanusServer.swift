import Foundation
import Glibc
import Kernel
import Logging
import Metrics
import NIOConcurrencyHelpers
import NIOCore

/// A media server as a child of this process: started with it, watched, started again when it dies, ended with it.
///
/// Nobody else can speak to it: its only socket is in a folder that is of this process alone, and its secrets are new with each start.
public final class JanusServer: Sendable {
    /// Where the program and what it loads are.
    public struct Installation: Sendable, Equatable {
        public let program: String
        public let libraries: String

        /// Nil where it is not installed.
        public init?(program: String = "/usr/bin/janus", libraries: [String] = Installation.folders) {
            let needed = ["plugins/libjanus_videoroom.so", "transports/libjanus_websockets.so"]
            let files = FileManager.default
            let found = libraries.first { folder in
                needed.allSatisfy { files.isReadableFile(atPath: "\(folder)/\($0)") }
            }
            guard files.isExecutableFile(atPath: program), let found else { return nil }
            self.program = program
            self.libraries = found
        }

        /// As Debian has it on each kind of machine.
        public static var folders: [String] {
            let names = (try? FileManager.default.contentsOfDirectory(atPath: "/usr/lib")) ?? []
            return names.filter { $0.hasSuffix("-linux-gnu") }.sorted().map { "/usr/lib/\($0)/janus" }
        }
    }

    /// How it is.
    public enum Condition: Sendable, Equatable {
        case starting
        case running
        /// It has ended, and is started again.
        case ended(reason: String)
    }

    /// A media server that is ready, until it ends.
    public struct Run: Sendable {
        /// Counts the starts: rooms of an earlier one are gone.
        public let number: Int
        let post: JanusPost
        let secrets: JanusConfiguration.Secrets
        let ruler: JanusHandle
    }

    private struct State {
        var condition = Condition.starting
        var run: Run?
        var starts = 0
        /// How often it has died soon after it was started.
        var deaths = 0
        var listeners: [@Sendable () -> Void] = []
        /// The last that it has printed.
        var lines: [String] = []
    }

    /// Until it answers.
    private static let patience = Duration.seconds(5)
    private static let healthInterval = Duration.seconds(5)
    private static let steadyLife = Duration.seconds(60)
    private static let hopelessDeaths = 5
    private static let shortestPause_ms = 100
    private static let longestPause_ms = 10_000
    /// Who is nobody else on Debian.
    private static let nobody: uid_t = 65_534

    public let place: JanusPlace
    private let installation: Installation
    private let randomness: any Randomness
    private let group: any EventLoopGroup
    private let logger: Logger
    private let state = NIOLockedValueBox(State())
    private let restarts = Counter(label: "voice_server_restarts_total")

    public init(
        _ installation: Installation, at place: JanusPlace, randomness: any Randomness, on group: any EventLoopGroup,
        logger: Logger
    ) {
        self.installation = installation
        self.place = place
        self.randomness = randomness
        self.group = group
        self.logger = logger
    }

    public var condition: Condition { state.withLockedValue { $0.condition } }

    /// Nil while it is not ready.
    public var run: Run? { state.withLockedValue { $0.run } }

    /// Whether it is worth waiting for.
    public var isExpected: Bool { state.withLockedValue { $0.deaths < Self.hopelessDeaths } }

    /// - Parameter hear: called each time that it is ready.
    public func listen(_ hear: @escaping @Sendable () -> Void) {
        state.withLockedValue { $0.listeners.append(hear) }
    }

    /// Keeps it there until the task is cancelled.
    public func keep() async {
        while !Task.isCancelled {
            let start = ContinuousClock.now
            let reason = await live()
            if Task.isCancelled { return }
            let deaths = state.withLockedValue { state in
                state.deaths = .now - start > Self.steadyLife ? 1 : min(state.deaths + 1, 16)
                return state.deaths
            }
            restarts.increment()
            let pause_ms = min(Self.longestPause_ms, Self.shortestPause_ms << (deaths - 1))
            logger.warning(
                "the media server has ended and is started again",
                metadata: ["reason": "\(reason)", "pause_ms": "\(pause_ms)"])
            try? await Task.sleep(for: .milliseconds(pause_ms))
        }
    }

    /// - Returns: why it has ended.
    private func live() async -> String {
        do {
            let folder = try Self.makeFolder()
            defer { try? FileManager.default.removeItem(atPath: folder) }
            let secrets = JanusConfiguration.Secrets(
                interface: secret(), administration: secret(), rooms: secret())
            try JanusConfiguration(place: place, libraries: installation.libraries, secrets: secrets).write(to: folder)
            let child = ChildProgram(
                try Self.unprivileged(installation.program, in: folder)
                    + ["-F", folder, "-C", "\(folder)/janus.jcfg"], in: folder)
            return try await withThrowingTaskGroup(of: String.self) { tasks in
                tasks.addTask { try await child.run { self.note($0) } }
                tasks.addTask { try await self.serve(folder, secrets) }
                defer { tasks.cancelAll() }
                return try await tasks.next() ?? ""
            }
        } catch {
            let reason = "\(error)"
            state.withLockedValue { state in
                state.run = nil
                state.condition = .ended(reason: reason)
            }
            return reason
        }
    }

    private func serve(_ folder: String, _ secrets: JanusConfiguration.Secrets) async throws -> String {
        let connection = try await connect("\(folder)/\(JanusConfiguration.socket)", secrets)
        defer {
            connection.close()
            state.withLockedValue { state in
                state.run = nil
                state.condition = .ended(reason: state.lines.last ?? "")
            }
        }
        let session = try await connection.request("create")["data"]?["id"]?.integer ?? 0
        let handle =
            try await connection.request(
                "attach", of: session, ["plugin": .string("janus.plugin.videoroom")])["data"]?["id"]?.integer ?? 0
        let post = JanusPost(connection, at: place.offered)
        let listeners = state.withLockedValue { state in
            state.starts += 1
            state.condition = .running
            state.run = Run(
                number: state.starts, post: post, secrets: secrets,
                ruler: JanusHandle(session: session, number: handle))
            return state.listeners
        }
        logger.info(
            "the media server is ready",
            metadata: [
                "address": "\(place.offered)", "ports": "\(place.ports.lowerBound)-\(place.ports.upperBound)",
            ])
        for hear in listeners { hear() }
        return try await withThrowingTaskGroup(of: String.self) { tasks in
            tasks.addTask {
                await post.run()
                return "its connection has ended"
            }
            tasks.addTask {
                while true {
                    try await Task.sleep(for: Self.healthInterval)
                    _ = try await connection.request("ping")
                }
            }
            defer { tasks.cancelAll() }
            return try await tasks.next() ?? ""
        }
    }

    private func connect(_ socket: String, _ secrets: JanusConfiguration.Secrets) async throws -> JanusConnection {
        let start = ContinuousClock.now
        while true {
            do {
                let connection = try await JanusConnection.open(
                    socket, dialect: "janus-protocol", secret: ("apisecret", secrets.interface), on: group)
                _ = try await connection.request("ping")
                return connection
            } catch {
                try Task.checkCancellation()
                guard .now - start < Self.patience else { throw JanusError.timedOut }
                try await Task.sleep(for: .milliseconds(10))
            }
        }
    }

    private func note(_ line: String) {
        let line = String(line.prefix(500))
        logger.debug("the media server says", metadata: ["line": "\(line)"])
        guard !line.isEmpty else { return }
        state.withLockedValue { $0.lines = $0.lines.suffix(9) + [line] }
    }

    /// A secret that can stand in a file of settings.
    private func secret() -> String { randomness.bytes(24).map { String($0, radix: 16) }.joined() }

    /// A folder that only this process, and what it makes of it, can look into. Its path is short, since a socket is in it.
    private static func makeFolder() throws -> String {
        var template = Array("/tmp/aviary-voice-XXXXXX".utf8CString)
        guard let name = mkdtemp(&template) else {
            throw CocoaError(.fileWriteUnknown)
        }
        return String(cString: name)
    }

    /// As root it would open sockets of which it has no need.
    private static func unprivileged(_ program: String, in folder: String) throws -> [String] {
        guard geteuid() == 0 else { return [program] }
        let names = FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? []
        for path in [folder] + names.map({ "\(folder)/\($0)" }) {
            guard lchown(path, nobody, nobody) == 0 else { throw CocoaError(.fileWriteNoPermission) }
        }
        return [
            "/usr/bin/setpriv", "--reuid=\(nobody)", "--regid=\(nobody)", "--clear-groups", "--no-new-privs", program,
        ]
    }
}

extension JanusServer.Run {
    /// Opens a room, which has no name of an earlier one.
    /// - Throws: `JanusError`.
    public func room(
        _ name: String, telling tell: @escaping @Sendable (JanusRoom.Event) -> Void, logger: Logger
    ) async throws -> JanusRoom {
        try await JanusRoom(name, at: post, secrets, ruledBy: ruler, telling: tell, logger: logger)
    }
}
