import Foundation
import Subprocess

/// A program that looks at strangers' files, run in a child process with limits. What it can break is itself.
public struct Tool: Sendable {
    /// What one run may use.
    struct Limits: Sendable {
        var memory_bytes = 1 << 30
        var processor_s = 10
        /// By the clock; also for what only waits.
        var time_s = 20
        var output_bytes = 256 << 20
    }

    /// Why there is no result.
    public enum Failure: Error, CustomStringConvertible {
        /// It said no, or was stopped at a limit: the file's fault.
        case refused(tool: String, message: String)
        /// It could not be started: the operator's.
        case notStarted(tool: String, any Error)

        public var description: String {
            switch self {
            case .refused(let tool, let message): "\(tool): \(message)"
            case .notStarted(let tool, let error): "\(tool) can't be started: \(error)"
            }
        }
    }

    private static let longestText_bytes = 1 << 20

    let path: String

    /// Nil when it is not installed.
    /// - Parameter path: folders, separated by colons; empty for those of `PATH`.
    init?(_ name: String, in path: String = "") {
        let usual = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
        let folders = (path.isEmpty ? usual : path).split(separator: ":")
        let candidates = folders.map { "\($0)/\(name)" }
        guard let found = candidates.first(where: { FileManager.default.isExecutableFile(atPath: $0) }) else {
            return nil
        }
        self.path = found
    }

    /// Runs it and returns what it printed.
    /// - Throws: `Failure`.
    func run(_ arguments: [String], _ limits: Limits = Limits()) async throws -> String {
        try await withThrowingTaskGroup(of: String.self) { group in
            group.addTask { try await start(arguments, limits) }
            group.addTask {
                try await Task.sleep(for: .seconds(limits.time_s))
                throw Failure.refused(tool: path, message: "took longer than \(limits.time_s) s")
            }
            defer { group.cancelAll() }
            return try await group.next() ?? ""
        }
    }

    private func start(_ arguments: [String], _ limits: Limits) async throws -> String {
        var options = PlatformOptions()
        // It has nothing worth saying goodbye for.
        options.teardownSequence = []
        do {
            let result = try await Subprocess.run(
                .name("prlimit"),
                arguments: Arguments(
                    [
                        "--as=\(limits.memory_bytes)", "--cpu=\(limits.processor_s)",
                        "--fsize=\(limits.output_bytes)", "--core=0", "--nofile=64", path,
                    ] + arguments),
                environment: .custom([
                    "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "VIPS_BLOCK_UNTRUSTED": "1", "VIPS_CONCURRENCY": "1",
                ]),
                platformOptions: options, output: .string(limit: Self.longestText_bytes),
                error: .string(limit: Self.longestText_bytes))
            guard result.terminationStatus.isSuccess else {
                throw Failure.refused(
                    tool: path, message: "\(result.terminationStatus) \(result.standardError.prefix(300))")
            }
            return result.standardOutput
        } catch let failure as Failure {
            throw failure
        } catch let error as CancellationError {
            throw error
        } catch let error as SubprocessError where error.code == .outputLimitExceeded {
            throw Failure.refused(tool: path, message: "printed more than it should")
        } catch {
            throw Failure.notStarted(tool: path, error)
        }
    }
}
