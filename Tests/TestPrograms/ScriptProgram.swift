import Foundation

/// A script of `Tests/Python` (or `Tests/JavaScript`) in a process of its own: an independent client or server of a standard that the tests
/// hold ours against.
///
/// `scripts/python` installs what the scripts need.
public final class ScriptProgram: Sendable {
    public struct Failure: Error, CustomStringConvertible {
        public let description: String
    }

    public struct Output: Sendable {
        public let status: Int32
        public let text: String
        public let errors: String
    }

    private static var root: URL {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
    }

    private let process: Process
    private let output: Pipe
    private let errorFile: URL

    private convenience init(_ script: String, _ arguments: [String]) throws {
        try self.init(
            executable: Self.root.appending(path: "scripts/python"),
            [Self.root.appending(path: "Tests/Python/\(script)").path] + arguments)
    }

    private init(executable: URL, _ arguments: [String]) throws {
        process = Process()
        output = Pipe()
        errorFile = FileManager.default.temporaryDirectory.appending(path: "aviary-python-\(UUID().uuidString)")
        try Data().write(to: errorFile)
        process.executableURL = executable
        process.arguments = arguments
        process.standardOutput = output
        process.standardError = try FileHandle(forWritingTo: errorFile)
        process.standardInput = FileHandle.nullDevice
        try process.run()
    }

    deinit {
        process.end()
        try? FileManager.default.removeItem(at: errorFile)
    }

    private var errors: String { (try? String(contentsOf: errorFile, encoding: .utf8)) ?? "" }

    /// Runs a script to its end.
    public static func run(_ script: String, _ arguments: [String] = []) async throws -> Output {
        try await onThread { try finish(ScriptProgram(script, arguments)) }
    }

    /// Runs a script of `Tests/JavaScript` to its end.
    public static func runJavaScript(_ script: String, _ arguments: [String] = []) async throws -> Output {
        try await onThread {
            try finish(
                ScriptProgram(
                    executable: URL(fileURLWithPath: "/usr/bin/env"),
                    ["node", root.appending(path: "Tests/JavaScript/\(script)").path] + arguments))
        }
    }

    private static func finish(_ program: ScriptProgram) throws -> Output {
        let data = program.output.fileHandleForReading.readDataToEndOfFile()
        program.process.waitUntilExit()
        return Output(
            status: program.process.terminationStatus, text: String(decoding: data, as: UTF8.self),
            errors: program.errors)
    }

    /// Starts a script that serves, and waits for its first line, which says where: usually the port.
    public static func start(
        _ script: String, _ arguments: [String] = []
    ) async throws -> (program: ScriptProgram, firstLine: String) {
        try await onThread {
            let program = try ScriptProgram(script, arguments)
            var line: [UInt8] = []
            while let byte = try program.output.fileHandleForReading.read(upToCount: 1)?.first {
                if byte == UInt8(ascii: "\n") { return (program, String(decoding: line, as: UTF8.self)) }
                line.append(byte)
            }
            throw Failure(description: "\(script) said nothing: \(program.errors)")
        }
    }

    public func stop() { process.end() }

    /// The calls above block.
    private static func onThread<Result: Sendable>(
        _ body: @escaping @Sendable () throws -> Result
    ) async throws -> Result {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread { continuation.resume(with: Swift.Result(catching: body)) }
        }
    }
}
