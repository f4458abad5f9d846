import Foundation
import Kernel
import Logging
import NIOConcurrencyHelpers

/// What the sessions of a database have in common.
struct PostgreSQLSurroundings: Sendable {
    let url: String
    let configuration: DatabaseConfiguration
    let limits: PostgreSQLLimits
    let outage: NIOLockedValueBox<PostgreSQLOutage>
    let gate = PostgreSQLWriteGate()
    let isClosing: @Sendable () -> Bool
}

/// Runs transactions on one connection, which it renews when it breaks, until they are through.
///
/// Belongs to a thread of the pool, and blocks it.
final class PostgreSQLSession {
    private enum Mode {
        case read
        case write
        /// While nobody else writes, on any node.
        case writeAlone
        case migration

        /// Who writes holds a lock that keeps off whoever wants to be alone, and waits for whoever is. It is one on a table, for
        /// such a lock comes before the snapshot: who is alone then sees all that others have written, and collides with nobody.
        var beginning: [String] {
            switch self {
            case .read: ["BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"]
            case .write:
                ["BEGIN ISOLATION LEVEL SERIALIZABLE", "LOCK TABLE schema_migrations IN ROW EXCLUSIVE MODE"]
            // All others wait meanwhile, so not for long for a node that hangs within a transaction.
            case .writeAlone:
                [
                    "BEGIN ISOLATION LEVEL SERIALIZABLE", "SET LOCAL lock_timeout = 250",
                    "LOCK TABLE schema_migrations IN EXCLUSIVE MODE", "SET LOCAL lock_timeout TO DEFAULT",
                ]
            // Each statement sees what others have committed: after the wait for the lock, their migrations.
            case .migration: ["BEGIN ISOLATION LEVEL READ COMMITTED"]
            }
        }
    }

    private enum Outcome<Result> {
        case done(Result, announcing: [any Sendable])
        case failed(PostgreSQLFailure)
        case thrown(any Error)
    }

    /// A number that other programs on the same PostgreSQL are unlikely to use for their advisory locks.
    private static let migrationLock = 0x4156_494D
    private static let maximumBackoff_ms = 100.0
    /// After a closure that had to be taken back, so many groups are divided into parts, of which each can be taken back.
    private static let caution = 50

    private let surroundings: PostgreSQLSurroundings
    private var connection: PostgreSQLConnection?
    private var partedGroups = 0

    init(_ surroundings: PostgreSQLSurroundings) { self.surroundings = surroundings }

    func disconnect() { connection = nil }

    // MARK: Transactions

    func read<Result>(_ body: (Transaction) throws -> Result) throws -> Result { try run(.read, body) }

    func write<Result>(_ body: (Transaction) throws -> Result) throws -> Result { try run(.write, body) }

    /// Runs a closure and what waits beside it in one transaction, and answers their callers.
    ///
    /// Nothing joins them once they have begun: it would see the snapshot that they began with, and not what was answered to
    /// somebody since.
    /// - Parameter late: gives what has come to these lanes while they were waited for; called with how many there are already.
    func write(_ job: WriteJob, beside others: [WriteJob], and late: (Set<Int64>, Int) -> [WriteJob]) {
        guard !others.isEmpty else { return writeSingle(job) }
        writeGroup([job] + others, until: .now + surroundings.limits.outageBudget, and: late)
    }

    /// As a transaction of its own, again and again if need be.
    private func writeSingle(_ job: WriteJob) {
        job.forget()
        do {
            try run(.write, lane: job.lane) { try job.run($0) }
            job.finish()
        } catch {
            job.fail(error)
        }
    }

    private func writeGroup(
        _ first: [WriteJob], until deadline: ContinuousClock.Instant,
        and late: (Set<Int64>, Int) -> [WriteJob] = { _, _ in [] }
    ) {
        var jobs = first
        var losses = 0
        while true {
            do {
                let connection = try connected(until: deadline)
                switch surroundings.gate.pass(alone: false, { attempt(&jobs, and: late, on: connection) }) {
                case .done: return finish(jobs)
                case .failed(.connectionLost(let message)):
                    losses += 1
                    guard losses < surroundings.limits.maximumAttempts, .now < deadline else {
                        throw DatabaseError.unavailable(message)
                    }
                case .failed(let failure) where failure.isUncertain: throw failure.databaseError
                case .thrown(is WholeSpoiled): partedGroups = Self.caution
                // Whoever it was, it does not concern the others.
                case .failed, .thrown: return writeHalves(of: jobs, until: deadline)
                }
            } catch {
                for job in jobs { job.fail(error) }
                return
            }
        }
    }

    private func writeHalves(of jobs: [WriteJob], until deadline: ContinuousClock.Instant) {
        for half in [jobs[..<(jobs.count / 2)], jobs[(jobs.count / 2)...]] {
            if half.count > 1 { writeGroup(Array(half), until: deadline) } else { half.forEach(writeSingle) }
        }
    }

    private func finish(_ jobs: [WriteJob]) {
        let records = jobs.flatMap(\.records)
        if !records.isEmpty { surroundings.configuration.outbox?.announce(records) }
        for job in jobs { job.finish() }
    }

    /// A closure has changed something before it failed, and nothing takes that back but the end of the transaction.
    private struct WholeSpoiled: Error {}

    private func attempt(
        _ jobs: inout [WriteJob], and late: (Set<Int64>, Int) -> [WriteJob], on connection: PostgreSQLConnection
    ) -> Outcome<Void> {
        let lanes = Set(jobs.compactMap(\.lane))
        let statements = PostgreSQLTransaction(
            connection, beginning: Mode.write.beginning, lanes: lanes.sorted())
        do {
            if !lanes.isEmpty {
                try statements.takeLanes()
                jobs += late(lanes, jobs.count)
            }
            // Whoever is first here is first on another node, too: else two groups would each wait for a row that the other has.
            jobs.sort { ($0.lane ?? .min) < ($1.lane ?? .min) }
            try statements.foresee(jobs.map(\.questions))
            for job in jobs { try perform(job, statements) }
            try statements.commit()
            partedGroups = max(0, partedGroups - 1)
            return .done((), announcing: [])
        } catch {
            statements.rollBack()
            return statements.failure.map { .failed($0) } ?? .thrown(error)
        }
    }

    /// - Throws: only what ends the whole transaction; the job's own errors stay with the job.
    private func perform(_ job: WriteJob, _ statements: PostgreSQLTransaction) throws {
        job.forget()
        let transaction = Transaction(statements, now: surroundings.configuration.clock.now())
        let writeCount = statements.writeCount
        statements.beginClosure()
        if partedGroups > 0 { statements.beginPart() }
        do {
            try job.run(transaction)
            if let outbox = surroundings.configuration.outbox, !transaction.outbox.isEmpty {
                job.records = try outbox.record(transaction.outbox, in: transaction)
            }
            statements.keepPart()
        } catch {
            if let failure = statements.failure { throw failure.databaseError }
            guard partedGroups > 0 || statements.writeCount == writeCount else { throw WholeSpoiled() }
            job.error = error
            job.records = []
            statements.dropPart()
        }
    }

    /// Brings the schema up to date. Of several processes one does, and the others wait for it.
    func migrate() throws {
        // The next user needs neither what was prepared for it nor its patience.
        defer { disconnect() }
        try run(.migration) { [configuration = surroundings.configuration] transaction in
            try transaction.execute("SET LOCAL statement_timeout = 0")
            try transaction.execute("SELECT pg_advisory_xact_lock($1)", [Self.migrationLock])
            try Migrator.migrate(configuration.migrations, on: transaction, .postgresql)
        }
    }

    /// - Parameter lane: kept from others after the first collision.
    private func run<Result>(
        _ mode: Mode, lane: Int64? = nil, _ body: (Transaction) throws -> Result
    ) throws -> Result {
        let deadline = ContinuousClock.now + surroundings.limits.outageBudget
        var conflicts = 0
        var losses = 0
        var hasMetDuplicate = false
        while true {
            let connection = try connected(until: deadline)
            connection.waitsPatiently = mode == .migration
            let lanes = conflicts > 0 ? lane.map { [$0] } ?? [] : []
            switch pass(mode, conflicts: conflicts, { attempt($0, lanes, on: connection, body) }) {
            case .done(let result, let records):
                if !records.isEmpty { surroundings.configuration.outbox?.announce(records) }
                return result
            case .thrown(DatabaseError.uniqueViolation) where mode == .write && !hasMetDuplicate:
                // The closure looked first and found nothing, so somebody came in between: seen once more, it finds that.
                hasMetDuplicate = true
            case .thrown(let error): throw error
            case .failed(.conflict(let message)):
                conflicts += 1
                guard conflicts < surroundings.limits.maximumAttempts || .now < deadline else {
                    throw DatabaseError.serializationFailure(message)
                }
                backOff(afterConflicts: conflicts)
            case .failed(.connectionLost(let message)):
                losses += 1
                guard losses < surroundings.limits.maximumAttempts, .now < deadline else {
                    throw DatabaseError.unavailable(message)
                }
            case .failed(let failure): throw failure.databaseError
            }
        }
    }

    /// Who has collided too often writes alone; every other time, so that others go on while one that hangs can't be waited for.
    private func pass<Result>(
        _ mode: Mode, conflicts: Int, _ attempt: (Mode) -> Outcome<Result>
    ) -> Outcome<Result> {
        guard mode == .write else { return attempt(mode) }
        let excess = conflicts - surroundings.limits.attemptsBesideOthers
        let isAlone = excess >= 0 && excess.isMultiple(of: 2)
        return surroundings.gate.pass(alone: isAlone) { attempt(isAlone ? .writeAlone : .write) }
    }

    private func attempt<Result>(
        _ mode: Mode, _ lanes: [Int64], on connection: PostgreSQLConnection, _ body: (Transaction) throws -> Result
    ) -> Outcome<Result> {
        let statements = PostgreSQLTransaction(connection, beginning: mode.beginning, lanes: lanes)
        let transaction = Transaction(statements, now: surroundings.configuration.clock.now())
        do {
            let result = try body(transaction)
            guard mode != .read else {
                try statements.release()
                return .done(result, announcing: [])
            }
            var records: [any Sendable] = []
            if let outbox = surroundings.configuration.outbox, !transaction.outbox.isEmpty {
                records = try outbox.record(transaction.outbox, in: transaction)
            }
            try statements.commit()
            return .done(result, announcing: records)
        } catch {
            statements.rollBack()
            // The closure may have made another error of it, but what happened to the transaction counts.
            guard let failure = statements.failure, !failure.isRefusal else { return .thrown(error) }
            return .failed(failure)
        }
    }

    private func backOff(afterConflicts conflicts: Int) {
        let ceiling_ms = min(pow(2, Double(conflicts)), Self.maximumBackoff_ms)
        Thread.sleep(forTimeInterval: Double.random(in: 0...ceiling_ms) / 1000)
    }

    // MARK: Connecting

    /// How long a server is waited for.
    var outageBudget: Duration { surroundings.limits.outageBudget }

    /// As far as is known without asking.
    private var isConnected: Bool { connection.map { !$0.isLost } ?? false }

    enum Attempt {
        case connected
        case failed
        /// Somebody who would wait longer waits in vain.
        case hopeless
    }

    /// Connects if need be, unless it is known that this fails now.
    func connects(until deadline: ContinuousClock.Instant) -> Attempt {
        if isConnected { return .connected }
        switch surroundings.outage.withLockedValue({ $0.step(at: .now, deadline: deadline) }) {
        case .wait: return .failed
        case .giveUp: return .hopeless
        case .attempt:
            do {
                connection = try connect()
                return isConnected ? .connected : .failed
            } catch {
                return .hopeless
            }
        }
    }

    /// The session's connection, or a new one.
    /// - Throws: `.unavailable` when there is none until `deadline`.
    private func connected(until deadline: ContinuousClock.Instant) throws(DatabaseError) -> PostgreSQLConnection {
        if let connection, !connection.isLost, !connection.hasHungUp() { return connection }
        disconnect()
        while true {
            switch surroundings.outage.withLockedValue({ $0.step(at: .now, deadline: deadline) }) {
            case .attempt:
                if let new = try connect() {
                    connection = new
                    return new
                }
            case .wait(let moment): try wait(atMostUntil: moment)
            case .giveUp(let reason): throw .unavailable(reason)
            }
        }
    }

    private func connect() throws(DatabaseError) -> PostgreSQLConnection? {
        let logger = surroundings.configuration.logger
        do throws(PostgreSQLFailure) {
            let new = try PostgreSQLConnection.connect(to: surroundings.url, limits: surroundings.limits)
            if let outage = surroundings.outage.withLockedValue({ $0.ended(at: .now) }) {
                logger.notice("PostgreSQL answers again", metadata: ["after": "\(outage)"])
            }
            return new
        } catch {
            if case .refused(let refusal) = error { throw refusal }
            let reason = error.reason
            let isFirst = surroundings.outage.withLockedValue {
                $0.failed(reason, at: .now, jitter: .random(in: 0...1))
            }
            if isFirst {
                logger.error("PostgreSQL can't be reached; trying again", metadata: ["reason": "\(reason)"])
            }
            return nil
        }
    }

    /// A little at a time: the database may be closed meanwhile, and whoever tries at the moment may find the server back long before then.
    private func wait(atMostUntil moment: ContinuousClock.Instant) throws(DatabaseError) {
        if surroundings.isClosing() { throw .closed }
        let left = moment - .now
        if left > .zero { Thread.sleep(forTimeInterval: min(left, .milliseconds(50)) / .seconds(1)) }
    }
}
