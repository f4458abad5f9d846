import CPostgreSQL
import Kernel

/// One connection in libpq's pipeline mode: what is sent is queued, and answered in order once somebody waits for it.
///
/// Belongs to the thread that made it. An error that the network causes is remembered, and shows when somebody waits.
/// https://www.postgresql.org/docs/current/libpq-pipeline-mode.html
final class PostgreSQLConnection {
    private enum Kind {
        case statement
        case prepare(StaticSQL, name: String)
        /// Ends or begins a transaction, where an error means that nothing is as it should be.
        case control
        case commit
        case deallocate
        /// Outside of transactions, and of no consequence for them.
        case aside
        case sync
    }

    /// Something that was sent, and whose answer has not been read.
    private struct Expected {
        let kind: Kind
        let sql: String
        /// It belongs to a transaction whose outcome nobody waits for.
        var isAbandoned = false

        /// Whether somebody may want to see the answer.
        var hasResult: Bool {
            switch kind {
            case .statement, .commit: true
            case .prepare, .control, .deallocate, .aside, .sync: false
            }
        }
    }

    private static let binaryFormat: Int32 = 1

    private let handle: OpaquePointer
    private let limits: PostgreSQLLimits
    private var expected: [Expected] = []
    private var statements: PostgreSQLStatementCache
    private var lossMessage: String?
    /// While it is on, the server may be silent for as long as it likes.
    var waitsPatiently = false

    /// - Parameter handle: owned by the connection from here on.
    init(_ handle: OpaquePointer, limits: PostgreSQLLimits) {
        self.handle = handle
        self.limits = limits
        self.statements = PostgreSQLStatementCache(capacity: limits.maximumPreparedStatements)
    }

    deinit { PQfinish(handle) }

    var isLost: Bool { lossMessage != nil }

    /// The process on the server that serves this connection.
    var serverProcess: Int32 { PQbackendPID(handle) }

    /// Whether the server closed the connection while it was not in use. Found out here, this costs nobody a doubt
    /// about a commit.
    func hasHungUp() -> Bool {
        // The server's last words come before the end itself.
        for _ in 0..<4 where PostgreSQLSocket.canRead(handle) {
            if PQconsumeInput(handle) == 0 {
                lose()
                return true
            }
        }
        return isLost
    }

    // MARK: Words of others

    /// What other processes have said since (`LISTEN`), as far as it was received.
    func takeNotices() -> [String] {
        var words: [String] = []
        while let notice = PQnotifies(handle) {
            if notice.pointee.be_pid != serverProcess { words.append(String(cString: notice.pointee.extra)) }
            PQfreemem(notice)
        }
        return words
    }

    func waitForInput(until deadline: ContinuousClock.Instant, or bell: PostgreSQLBell) {
        bell.wait(until: deadline, orInputOf: PQsocket(handle))
    }

    // MARK: Sending

    /// Sends what begins a transaction, before anything of the program.
    func begin(with beginning: [String]) {
        let evicted = statements.takeEvictedNames()
        for name in evicted { sendPlain("DEALLOCATE \(name)", .deallocate) }
        // Apart from the transaction, so that an error in one is none in the other.
        if !evicted.isEmpty { sync() }
        for sql in beginning { sendPlain(sql, .control) }
    }

    func begin(_ sql: String) { begin(with: [sql]) }

    /// Keeps other sessions that do the same off these numbers, before a transaction begins. Who has to wait for too long goes on
    /// without: they may get in each other's way then.
    func lock(_ lanes: [Int64]) {
        // Until the next answer to `sync`, and for all the locks together.
        sendPlain("SELECT set_config('statement_timeout', '\(limits.laneTimeout.wholeMilliseconds)', true)", .aside)
        let list = lanes.map(String.init).joined(separator: ",")
        sendPlain("SELECT pg_advisory_lock(lane) FROM unnest('{\(list)}'::bigint[]) AS lane", .aside)
        sync()
    }

    /// To be sent behind `COMMIT`, so that whoever waits goes on at once.
    func unlock() { sendPlain("SELECT pg_advisory_unlock_all()", .aside) }

    /// Nobody waits for the answer.
    func unlockLanes() {
        unlock()
        sync()
        if !isLost { PQflush(handle) }
    }

    /// Sends what divides a transaction.
    func control(_ sql: String) { sendPlain(sql, .control) }

    func commit() { sendPlain("COMMIT", .commit) }

    /// Sends a statement of the program, which is prepared when it comes for the first time.
    func send(_ sql: StaticSQL, _ parameters: PostgreSQLParameters) {
        guard !isLost else { return }
        let name = statements.name(of: sql) ?? prepare(sql)
        let isSent = parameters.withPointers { count, values, lengths, formats in
            PQsendQueryPrepared(handle, name, count, values, lengths, formats, Self.binaryFormat)
        }
        note(isSent, Expected(kind: .statement, sql: sql.text))
    }

    private func prepare(_ sql: StaticSQL) -> String {
        let name = statements.add(sql)
        // No types: PostgreSQL infers them.
        note(PQsendPrepare(handle, name, sql.text, 0, nil), Expected(kind: .prepare(sql, name: name), sql: sql.text))
        return name
    }

    private func sendPlain(_ sql: String, _ kind: Kind) {
        guard !isLost else { return }
        note(PQsendQueryParams(handle, sql, 0, nil, nil, nil, nil, 0), Expected(kind: kind, sql: sql))
    }

    /// Marks a place up to which the server recovers from an error, and has it answer.
    func sync() {
        guard !isLost else { return }
        note(PQpipelineSync(handle), Expected(kind: .sync, sql: ""))
    }

    private func note(_ isSent: Int32, _ item: Expected) {
        if isSent == 1 { expected.append(item) } else { lose() }
    }

    private func lose(_ message: String? = nil) {
        if lossMessage == nil { lossMessage = message ?? String(cString: PQerrorMessage(handle)).onOneLine }
    }

    // MARK: Ending a transaction without waiting

    /// Whether statements of the transaction have not been answered.
    var hasUnanswered: Bool {
        expected.contains { item in
            if case .statement = item.kind { return !item.isAbandoned }
            return false
        }
    }

    /// Ends the transaction. Its answers are read by whoever uses the connection next.
    func abandon(with sql: String) {
        guard !isLost else { return }
        // An error before this would otherwise skip the end as well.
        if !expected.isEmpty { sync() }
        sendPlain(sql, .control)
        sync()
        for index in expected.indices { expected[index].isAbandoned = true }
        // The next transaction has to know what is prepared.
        let mustWait = expected.contains { item in
            if case .prepare = item.kind { return true }
            return false
        }
        if mustWait || PQflush(handle) != 0 { _ = try? drain() }
    }

    // MARK: Waiting

    /// Waits until everything that was sent is answered.
    /// - Returns: the results of that many last statements, or of what ends the transaction.
    /// - Throws: the first failure that is not abandoned, or that the connection is lost.
    @discardableResult
    func drain(_ count: Int = 1) throws(PostgreSQLFailure) -> [PostgreSQLResult] {
        defer { expected.removeAll(keepingCapacity: true) }
        var results: [PostgreSQLResult] = []
        var failure: PostgreSQLFailure?
        // What comes after the end of a transaction can't undo it.
        var isCommitted = false
        for (index, item) in expected.enumerated() {
            guard let result = answer(to: item) else {
                if isCommitted {
                    lose()
                    return results.suffix(count)
                }
                throw failure ?? loss(at: index)
            }
            switch result.status {
            case PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_EMPTY_QUERY:
                if item.hasResult { results.append(result) }
                if case .commit = item.kind { isCommitted = failure == nil }
            case PGRES_PIPELINE_SYNC: break
            case PGRES_PIPELINE_ABORTED: forgetIfPrepared(item)
            default:
                forgetIfPrepared(item)
                let report = PostgreSQLReport(result)
                let found = report.failure(of: item.sql, isStandby: isStandby)
                if case .connectionLost(let message) = found {
                    lose(message)
                    if isCommitted { return results.suffix(count) }
                    // Said by the server of something before the commit, it is certain; of the commit itself it is not.
                    if let failure { throw failure }
                    if report.sqlState == nil { throw loss(at: index) }
                    if case .commit = item.kind { throw .commitUncertain(message) }
                    throw found
                }
                if case .aside = item.kind { break }
                if item.isAbandoned {
                    if case .control = item.kind { lose(report.message) }
                } else if failure == nil {
                    failure = found
                }
            }
        }
        if isCommitted { return results.suffix(count) }
        if let lossMessage { throw failure ?? .connectionLost(lossMessage) }
        if let failure { throw failure }
        return results.suffix(count)
    }

    private func loss(at index: Int) -> PostgreSQLFailure {
        lose()
        let message = lossMessage ?? ""
        let isCommitUnderWay = expected[index...].contains { item in
            if case .commit = item.kind { return !item.isAbandoned }
            return false
        }
        return isCommitUnderWay ? .commitUncertain(message) : .connectionLost(message)
    }

    private func forgetIfPrepared(_ item: Expected) {
        if case .prepare(let sql, let name) = item.kind { statements.forget(sql, named: name) }
    }

    /// Whether the server is a copy, as a primary may become while one is connected to it.
    private var isStandby: Bool {
        PQparameterStatus(handle, "in_hot_standby").map { String(cString: $0) } == "on"
    }

    /// - Returns: nil when the connection is lost.
    private func answer(to item: Expected) -> PostgreSQLResult? {
        guard let result = nextResult() else { return nil }
        if case .sync = item.kind { return result.status == PGRES_PIPELINE_SYNC ? result : nil }
        // libpq ends the results of each statement with a nil.
        guard result.status != PGRES_PIPELINE_SYNC, nextResult() == nil else { return nil }
        return result
    }

    private func nextResult() -> PostgreSQLResult? {
        while PQisBusy(handle) == 1 {
            let events: PostgreSQLSocket.Events = PQflush(handle) == 1 ? [.input, .output] : .input
            let deadline = waitsPatiently ? nil : ContinuousClock.now + limits.silenceTimeout
            switch PostgreSQLSocket.wait(handle, for: events, until: deadline) {
            case .ready:
                // What has been read before the end of the connection still counts.
                if PQconsumeInput(handle) == 0, PQisBusy(handle) == 1 {
                    lose()
                    return nil
                }
            case .timedOut:
                lose("the server has been silent for \(limits.silenceTimeout)")
                return nil
            case .closed:
                lose()
                return nil
            }
        }
        return PQgetResult(handle).map(PostgreSQLResult.init)
    }
}
