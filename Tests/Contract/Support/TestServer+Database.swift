import Database

@testable import Chat
@testable import Features
@testable import Community

extension TestServer {
    /// Changes what no client could, while the server runs.
    func onDatabase<Result: Sendable>(
        _ body: @escaping @Sendable (Transaction) throws -> Result
    ) async throws -> Result {
        try await operate { try await $0.parts.database.write(body) }
    }

    /// Waits until the server has looked, from beginning to end, for what is due by now, as it does once a second.
    func doesDueWork() async throws {
        // Each round asks this once. When it is asked a second time, all that comes after the first has been done.
        let mark = try await onDatabase { tx in
            try RecordingConnection.statements(of: tx) { _ = try MemberStore.temporary($0) }
        }
        for statement in mark { try await statements.waits(for: statement, times: 2) }
    }
}
