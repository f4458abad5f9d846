import Foundation
import Glibc
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
        var isClosing = false
        var closers: [CheckedContinuation<Void, Never>] = []
        var isRunning = false

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
    private let bell: PostgreSQLBell

    /// - Throws: `DatabaseError.unavailable` without a free file descriptor.
    public convenience init(url: String, logger: Logger) throws(DatabaseError) {
        try self.init(url: url, logger: logger, limits: PostgreSQLLimits())
    }

    init(url: String, logger: Logger, limits: PostgreSQLLimits) throws(DatabaseError) {
        self.url = url
        self.limits = limits
        self.logger = logger
        bell = try PostgreSQLBell()
    }

    /// - Parameter hear: called from one thread, which it must not block.
    public func start(_ hear: @escaping @Sendable (Occurrence) -> Void) {
        state.withLockedValue { $0.isRunning = true }
        let thread = Thread { self.serve(hear) }
        thread.name = "postgresql-notices"
        thread.stackSize = 1 << 20
        thread.start()
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
        if wasEmpty { bell.ring() }
        return lost
    }

    /// Says what waits, if there is a connection, and hears no more.
    public func close() async {
        defer { bell.close() }
        await withCheckedContinuation { continuation in
            let isDone = state.withLockedValue { state in
                state.isClosing = true
                if state.isRunning { state.closers.append(continuation) }
                return !state.isRunning
            }
            if isDone { continuation.resume() } else { bell.ring() }
        }
    }

    private var isClosing: Bool { state.withLockedValue { $0.isClosing } }

    // MARK: The thread

    private func serve(_ hear: (Occurrence) -> Void) {
        var outage = PostgreSQLOutage(limits: limits)
        var isConnected = false
        while !isClosing {
            do throws(PostgreSQLFailure) {
                let connection = try listen()
                if let duration = outage.ended(at: .now) {
                    logger.notice("other nodes are heard again", metadata: ["after": "\(duration)"])
                }
                isConnected = true
                hear(.connected)
                try talk(over: connection, hear)
            } catch {
                if isConnected { hear(.disconnected) }
                isConnected = false
                if outage.failed(error.reason, at: .now, jitter: .random(in: 0...1)) {
                    logger.warning("other nodes can't be heard", metadata: ["reason": "\(error.reason)"])
                }
                sleep(until: outage.nextAttempt ?? .now)
            }
        }
        let closers = state.withLockedValue { state in
            state.isRunning = false
            return state.closers
        }
        for closer in closers { closer.resume() }
    }

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
            let isLast = isClosing
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
            connection.waitForInput(until: isSaying ? nextSaying : .now + Self.longestSleep, or: bell)
        }
    }

    private func takeWaiting() -> [String] {
        state.withLockedValue { state in
            defer { state.forgetWaiting() }
            return state.waiting
        }
    }

    /// Wakes when it is to close.
    private func sleep(until moment: ContinuousClock.Instant) {
        while ContinuousClock.now < moment, !isClosing { bell.wait(until: moment) }
    }
}

/// Wakes a thread that waits for a socket.
final class PostgreSQLBell: Sendable {
    private struct Ends {
        let reading: Int32
        let writing: Int32
    }

    /// Nil once it is closed: the numbers are others' by then.
    private let ends: NIOLockedValueBox<Ends?>

    init() throws(DatabaseError) {
        var numbers: [Int32] = [-1, -1]
        guard pipe(&numbers) == 0 else { throw .unavailable("no file descriptor is free") }
        for number in numbers {
            _ = fcntl(number, F_SETFL, O_NONBLOCK)
            _ = fcntl(number, F_SETFD, FD_CLOEXEC)
        }
        ends = NIOLockedValueBox(Ends(reading: numbers[0], writing: numbers[1]))
    }

    deinit { close() }

    /// Nobody may wait for it any more.
    func close() {
        ends.withLockedValue { ends in
            guard let open = ends else { return }
            Glibc.close(open.reading)
            Glibc.close(open.writing)
            ends = nil
        }
    }

    /// When the pipe is full, it rings already.
    func ring() {
        ends.withLockedValue { ends in if let ends { _ = write(ends.writing, [1], 1) } }
    }

    /// Waits for it, or for input on another socket too, and is quiet again.
    func wait(until deadline: ContinuousClock.Instant, orInputOf socket: Int32 = -1) {
        guard let reading = ends.withLockedValue({ $0?.reading }) else { return }
        var requests = [
            pollfd(fd: reading, events: Int16(POLLIN), revents: 0),
            // A negative one is passed over.
            pollfd(fd: socket, events: Int16(POLLIN), revents: 0),
        ]
        let left_ms = (deadline - ContinuousClock.now).wholeMillisecondsRoundedUp
        poll(&requests, 2, Int32(clamping: max(0, left_ms)))
        var rings = [UInt8](repeating: 0, count: 64)
        while read(reading, &rings, rings.count) == rings.count {}
    }
}
