import Foundation

/// The program itself, as a person starts it.
public enum AviaryProgram {
    public static let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appending(path: "../../.build/debug/aviary").standardizedFileURL.path

    /// Runs it to its end.
    /// - Parameter input: what is typed.
    /// - Returns: how it ended, and all that it printed.
    public static func run(
        _ arguments: [String], input: String = "", environment: [String: String] = [:]
    ) async throws -> (status: Int32, text: String) {
        // To wait for its end blocks a thread.
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread {
                continuation.resume(with: Result { try runToItsEnd(arguments, input, environment) })
            }
        }
    }

    private static func runToItsEnd(
        _ arguments: [String], _ input: String, _ environment: [String: String]
    ) throws -> (status: Int32, text: String) {
        let process = Process()
        let (output, standardInput) = (Pipe(), Pipe())
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        process.standardOutput = output
        process.standardError = output
        process.standardInput = standardInput
        try process.run()
        standardInput.fileHandleForWriting.write(Data(input.utf8))
        try standardInput.fileHandleForWriting.close()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return (process.terminationStatus, text)
    }
}
