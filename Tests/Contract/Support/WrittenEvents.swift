import Database
import TestDatabase
import Testing

extension TestServer {
    /// Expects what a deed writes for clients to hear: so many events of each kind, and nothing else. Reads the log, so that also
    /// what nobody was there to hear is found.
    func expectWritten(
        _ expected: [String: Int], sourceLocation: SourceLocation = #_sourceLocation, by deed: () async throws -> Void
    ) async throws {
        let before = try await onDatabase { tx in
            try tx.first("SELECT COALESCE(MAX(position), 0) FROM events") { $0.integer(0) } ?? 0
        }
        try await deed()
        let names = try await onDatabase { tx in
            try tx.all("SELECT kind FROM events WHERE position > $1", [before]) { $0.text(0) }
        }
        let written = Dictionary(names.filter { !$0.hasPrefix("_") }.map { ($0, 1) }, uniquingKeysWith: +)
        #expect(written == expected, sourceLocation: sourceLocation)
    }
}
