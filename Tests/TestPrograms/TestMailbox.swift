import Foundation

/// An SMTP server of the tests, and the messages that it was given.
public final class TestMailbox: Sendable {
    private let program: ScriptProgram
    private let file: URL
    public let port: Int

    private init(_ program: ScriptProgram, _ file: URL, port: Int) {
        self.program = program
        self.file = file
        self.port = port
    }

    deinit { try? FileManager.default.removeItem(at: file) }

    public static func open(_ options: [String] = []) async throws -> TestMailbox {
        let file = FileManager.default.temporaryDirectory.appending(path: "aviary-mail-\(UUID().uuidString)")
        let (program, line) = try await ScriptProgram.start("smtp_server.py", [file.path] + options)
        guard let port = Int(line) else { throw ScriptProgram.Failure(description: "no port but “\(line)”") }
        return TestMailbox(program, file, port: port)
    }

    /// Each message as JSON, in the order of their arrival.
    public var messages: [String] {
        ((try? String(contentsOf: file, encoding: .utf8)) ?? "").split(separator: "\n").map(String.init)
    }

    /// Waits for that many messages.
    public func messages(_ count: Int) async throws -> [String] {
        try await eventually { messages.count >= count }
        return messages
    }

    public func close() { program.stop() }
}
