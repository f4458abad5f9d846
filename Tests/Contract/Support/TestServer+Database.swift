import Database

@testable import Chat

extension TestServer {
    /// Changes what no client could, while the server runs.
    func onDatabase<Result: Sendable>(
        _ body: @escaping @Sendable (Transaction) throws -> Result
    ) async throws -> Result {
        try await operate { try await $0.parts.database.write(body) }
    }
}
