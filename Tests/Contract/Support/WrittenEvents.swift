import Database
import TestDatabase
import TestPrograms
import Testing

extension TestServer {
    /// Waits until all events have their positions.
    func settleLog() async throws {
        try await eventually {
            try await onDatabase { tx in try !tx.exists("SELECT 1 FROM outbox LIMIT 1") }
        }
    }

    /// Expects what a deed writes for clients to hear: so many events of each kind, and nothing else. Reads the log, so that also
    /// what nobody was there to hear is found.
    func expectWritten(
        _ expected: [String: Int], sourceLocation: SourceLocation = #_sourceLocation, by deed: () async throws -> Void
    ) async throws {
        try await settleLog()
        let before = try await onDatabase { tx in
            try tx.first("SELECT COALESCE(MAX(position), 0) FROM events") { $0.integer(0) } ?? 0
        }
        try await deed()
        try await settleLog()
        let names = try await onDatabase { tx in
            try tx.all("SELECT kind FROM events WHERE position > $1", [before]) { $0.text(0) }
        }
        let written = Dictionary(names.filter { !$0.hasPrefix("_") }.map { ($0, 1) }, uniquingKeysWith: +)
        #expect(written == expected, sourceLocation: sourceLocation)
    }
}
