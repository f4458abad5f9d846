import Kernel
import Logging
import NIOConcurrencyHelpers

/// Short words among all processes that share a database (LISTEN and NOTIFY), over a connection of its own.
///
/// A word may be lost, with a connection or because too many wait; what matters stands in tables. It is never said within a
/// transaction that does something else: a commit with a NOTIFY holds up all others of the server.
/// https://www.postgresql.org/docs/current/sql-notify.html
public final class PostgreSQLNotices: Sendable {
    public enum Occurrence: Sendable, Equatable {
        /// From here on words are heard; some may have been said while nobody listened.
        case connected
        /// Until `connected` nothing is heard.
        case disconnected
        /// Another process has said something.
        case heard(String)
    }

    /// A word that is said again before that is said once.
    private static let shortestPause = Duration.milliseconds(2)
    private static let longestSleep = Duration.seconds(5)
    static let maximumWaiting_bytes = 4 << 20

    private struct State {
        var waiting: [String] = []
        /// The same, to be found.
        var known: Set<String> = []
        var waiting_bytes = 0

        mutating func forgetWaiting() {
            waiting = []
            known = []
            waiting_bytes = 0
        }
    }

    private let url: String
    private let limits: PostgreSQLLimits
    private let logger: Logger
    private let state = NIOLockedValueBox(State())
    private let thread: PostgreSQLThread

    /// - Throws: `DatabaseError.unavailable` without a free file descriptor.
    public convenience init(url: String, logger: Logger) throws(DatabaseError) {
        try self.init(url: url, logger: logger, limits: PostgreSQLLimits())
    }

    init(url: String, logger: Logger, limits: PostgreSQLLimits) throws(DatabaseError) {
        self.url = url
        self.limits = limits
        self.logger = logger
        thread = try PostgreSQLThread("postgresql-notices", limits: limits, logger: logger)
    }

    /// - Parameter hear: called from one thread, which it must not block.
    public func start(_ hear: @escaping @Sendable (Occurrence) -> Void) {
        thread.start("other nodes can't be heard", longestPause: Self.longestSleep) { outage in
            let connection = try self.listen()
            if let duration = outage.ended(at: .now) {
                self.logger.notice("other nodes are heard again", metadata: ["after": "\(duration)"])
            }
            hear(.connected)
            do throws(PostgreSQLFailure) {
                try self.talk(over: connection, hear)
            } catch {
                hear(.disconnected)
                throw error
            }
        }
    }

    /// Tells the others, soon, and in this order. What waits already is not said twice; when more waits than may, it is lost.
    /// - Parameter words: each less than 8,000 bytes.
    /// - Returns: what was lost of those that waited.
    @discardableResult
    public func say(_ words: [String]) -> [String] {
        let (wasEmpty, lost) = state.withLockedValue { state in
            let lost = state.waiting_bytes > Self.maximumWaiting_bytes ? state.waiting : []
            if !lost.isEmpty { state.forgetWaiting() }
            let wasEmpty = state.waiting.isEmpty
            for word in words where state.known.insert(word).inserted {
                state.waiting.append(word)
                state.waiting_bytes += word.utf8.count
            }
            return (wasEmpty, lost)
        }
        // Whoever came first has rung.
        if wasEmpty { thread.ring() }
        return lost
    }

    /// Says what waits, if there is a connection, and hears no more.
    public func close() async { await thread.close() }

    // MARK: The thread

    private func listen() throws(PostgreSQLFailure) -> PostgreSQLConnection {
        let connection = try PostgreSQLConnection.connect(to: url, limits: limits)
        // A word is worth no write to the disk.
        connection.begin("SET synchronous_commit = off")
        connection.begin("LISTEN aviary")
        connection.sync()
        try connection.drain()
        return connection
    }

    private func talk(over connection: PostgreSQLConnection, _ hear: (Occurrence) -> Void) throws(PostgreSQLFailure) {
        var parameters = PostgreSQLParameters()
        var nextSaying = ContinuousClock.now
        while true {
            let isLast = thread.isClosing
            if connection.hasHungUp() { throw .connectionLost("the server has closed the connection") }
            for word in connection.takeNotices() { hear(.heard(word)) }
            let words = isLast || .now >= nextSaying ? takeWaiting() : []
            if !words.isEmpty {
                let sql: StaticSQL = "SELECT pg_notify('aviary', word) FROM unnest($1::text[]) AS word"
                do { try parameters.set([.texts(words)], of: sql) } catch { throw .refused(error) }
                connection.send(sql, parameters)
                connection.sync()
                try connection.drain()
                nextSaying = .now + Self.shortestPause
                // With the answer others' words may have come, for which there is nothing to wait any more.
                for word in connection.takeNotices() { hear(.heard(word)) }
            }
            if isLast { return }
            let isSaying = state.withLockedValue { !$0.waiting.isEmpty }
            thread.wait(until: isSaying ? nextSaying : .now + Self.longestSleep, orInputOf: connection)
        }
    }

    private func takeWaiting() -> [String] {
        state.withLockedValue { state in
            defer { state.forgetWaiting() }
            return state.waiting
        }
    }
}
