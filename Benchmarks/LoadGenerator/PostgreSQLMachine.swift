import Crowds
import Foundation

/// A PostgreSQL on this machine on which databases can be made, and what it spends. Asked by `psql`, as its administrator.
struct PostgreSQLMachine: Sendable {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// Of a database in which the administrator's statements run.
    let url: String
    /// The process whose children serve the connections.
    let postmaster: Int32

    init(url: String) throws {
        self.url = url
        let text = try Self.run("SELECT split_part(pg_read_file('postmaster.pid'), E'\\n', 1)", at: url)
        guard let process = Int32(text), kill(process, 0) == 0 else {
            throw Failure(description: "PostgreSQL has to run on this machine, and the user to be its superuser")
        }
        postmaster = process
    }

    /// An empty database, to be removed by whoever made it.
    func makeDatabase() throws -> Place {
        let name = "aviary_bench_" + String(UInt64.random(in: 0 ... .max), radix: 36)
        guard var components = URLComponents(string: url) else { throw Failure(description: "\(url) is not a URL") }
        components.path = "/" + name
        try run("CREATE DATABASE \(name) TEMPLATE template0 ENCODING 'UTF8'")
        return Place(machine: self, name: name, url: components.string ?? url)
    }

    /// The answer's fields, with `|` between them.
    @discardableResult
    func run(_ sql: String) throws -> String { try Self.run(sql, at: url) }

    /// CPU time since it started, of all its processes.
    func processorTime_s() throws -> Double { try ProcessorTime.seconds(ofFamily: postmaster) }

    /// Bytes of its log (WAL) since ever.
    func log_bytes() throws -> Double {
        Double(try run("SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')")) ?? 0
    }

    private static func run(_ sql: String, at url: String) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-c", sql, url]
        process.standardInput = FileHandle.nullDevice
        let (output, errors) = (Pipe(), Pipe())
        process.standardOutput = output
        process.standardError = errors
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        let problem = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw Failure(description: "\(sql): \(problem)") }
        return text.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// One of its databases.
    struct Place: Sendable {
        /// A connection says after at most so long what it has read.
        private static let patience = Duration.seconds(11)

        let machine: PostgreSQLMachine
        let name: String
        let url: String

        func remove() { _ = try? machine.run("DROP DATABASE IF EXISTS \(name) WITH (FORCE)") }

        func transactions() throws -> (committed: Double, rolledBack: Double) {
            let text = try machine.run(
                "SELECT xact_commit, xact_rollback FROM pg_stat_database WHERE datname = '\(name)'")
            let numbers = text.split(separator: "|").compactMap { Double($0) }
            return (numbers.first ?? 0, numbers.last ?? 0)
        }

        /// Rows of the event log that were read, by scans of the whole and by indexes.
        func eventsRead() async throws -> Double {
            try await Task.sleep(for: Self.patience)
            let text = try PostgreSQLMachine.run(
                "SELECT seq_tup_read + COALESCE(idx_tup_fetch, 0) FROM pg_stat_user_tables WHERE relname = 'events'",
                at: url)
            return Double(text) ?? 0
        }
    }
}
