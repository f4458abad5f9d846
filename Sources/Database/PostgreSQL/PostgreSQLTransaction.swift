/// The statements of one transaction, from its BEGIN to its end.
///
/// `BEGIN` goes with the first statement and `COMMIT` with the last, so that a transaction that only writes costs one
/// round trip. After a statement has failed the transaction can only be rolled back: everything later in it fails with
/// the same error.
final class PostgreSQLTransaction: SQLConnection {
    let dialect = SQLDialect.postgresql

    private enum State {
        case unsent
        case open
        case failed(PostgreSQLFailure)
        case finished
    }

    private let connection: PostgreSQLConnection
    private let beginning: [String]
    /// Kept from other sessions meanwhile, which so see what this one has changed.
    private let lanes: [Int64]
    private var parameters = PostgreSQLParameters()
    private var state = State.unsent
    private var part = Part.none
    private var foreseen = ForeseenAnswers<PostgreSQLAnswer>()
    /// How many statements were sent that may have changed something.
    private(set) var writeCount = 0

    /// What is sent for one of several closures that share the transaction.
    private enum Part {
        case none
        case unsent
        case open
    }

    init(_ connection: PostgreSQLConnection, beginning: [String], lanes: [Int64] = []) {
        self.connection = connection
        self.beginning = beginning
        self.lanes = lanes
    }

    var failure: PostgreSQLFailure? {
        if case .failed(let failure) = state { return failure }
        return nil
    }

    // MARK: Statements

    func execute(_ sql: StaticSQL, _ values: [SQLValue]) throws { try sendNoted(sql, values) }

    func execute(_ sql: StaticSQL, _ values: [SQLValue], changingOnly questions: Questions) throws {
        try send(sql, values)
        foreseen.note(changesBy: sql, only: questions)
    }

    func query(_ sql: StaticSQL, _ values: [SQLValue], row: (SQLRow) throws -> Void) throws {
        try query([(sql, values)]) { try row($1) }
    }

    func query(_ statements: [(StaticSQL, [SQLValue])], row: (Int, SQLRow) throws -> Void) throws {
        if let failure { throw failure.databaseError }
        var results = foreseen.answers(to: statements)
        let unknown = results.indices.filter { results[$0] == nil }
        for (index, result) in zip(unknown, try ask(unknown.map { statements[$0] })) {
            results[index] = PostgreSQLAnswer(result)
        }
        for (index, result) in results.enumerated() { try result?.forEachRow { try row(index, $0) } }
    }

    /// Asks at once what closures will ask, which are answered from here then.
    func foresee(_ questions: [Questions]) throws(DatabaseError) {
        foreseen = ForeseenAnswers(questions)
        let batches = PostgreSQLBatch.batches(of: foreseen.statements)
        var answers: [PostgreSQLAnswer?] = Array(repeating: nil, count: foreseen.statements.count)
        for (batch, result) in zip(batches, try ask(batches.map(\.statement))) {
            for (place, answer) in zip(batch.places, try batch.answers(result)) { answers[place] = answer }
        }
        foreseen.answers = answers.compactMap { $0 }
        // Else some would be answered what others have asked.
        guard foreseen.answers.count == answers.count else {
            foreseen = ForeseenAnswers()
            throw .unavailable("less was answered than was asked")
        }
    }

    private func ask(_ statements: [Questions.Statement]) throws(DatabaseError) -> [PostgreSQLResult] {
        guard !statements.isEmpty else { return [] }
        for (sql, values) in statements { try sendNoted(sql, values) }
        connection.sync()
        return try drain(statements.count)
    }

    /// Returns when no other session has the lanes, or after a while. Without this they are taken with the first statement.
    func takeLanes() throws(DatabaseError) {
        begin()
        connection.sync()
        _ = try drain(0)
    }

    /// In one go with the locks: of a process that hangs then, PostgreSQL ends the transaction, and lets go of them.
    private func begin() {
        if !lanes.isEmpty { connection.lock(lanes) }
        connection.begin(with: beginning)
        state = .open
    }

    private func sendNoted(_ sql: StaticSQL, _ values: [SQLValue]) throws(DatabaseError) {
        try send(sql, values)
        if sql.mayChange { foreseen.note(changesBy: sql) }
    }

    private func send(_ sql: StaticSQL, _ values: [SQLValue]) throws(DatabaseError) {
        switch state {
        case .finished: preconditionFailure("a transaction is used after its end")
        case .failed(let failure): throw failure.databaseError
        case .unsent, .open: break
        }
        try parameters.set(values, of: sql)
        if case .unsent = state { begin() }
        if case .unsent = part {
            connection.control("SAVEPOINT part")
            part = .open
        }
        if sql.mayChange { writeCount += 1 }
        connection.send(sql, parameters)
    }

    // MARK: Closures

    /// What follows is of another closure.
    func beginClosure() { foreseen.beginClosure() }

    /// What follows can be taken back by itself.
    func beginPart() { part = .unsent }

    func keepPart() {
        if case .open = part { connection.control("RELEASE part") }
        part = .none
    }

    /// Leaves nothing of the part behind. What of it has not been answered may have failed: that shows later, and ends all.
    func dropPart() {
        if case .open = part {
            connection.control("ROLLBACK TO part")
            connection.control("RELEASE part")
        }
        part = .none
    }

    private func drain() throws(DatabaseError) -> PostgreSQLResult? { try drain(1).last }

    /// - Returns: the results of that many last statements.
    private func drain(_ count: Int) throws(DatabaseError) -> [PostgreSQLResult] {
        do throws(PostgreSQLFailure) {
            return try connection.drain(count)
        } catch {
            state = .failed(error)
            throw error.databaseError
        }
    }

    // MARK: Ending

    /// Returns once the changes are on disk.
    func commit() throws(DatabaseError) {
        switch state {
        case .unsent: state = .finished
        case .finished: preconditionFailure("a transaction ends once")
        case .failed(let failure): throw failure.databaseError
        case .open:
            connection.commit()
            if !lanes.isEmpty { connection.unlock() }
            connection.sync()
            let result = try drain()
            // The server turns the commit of a transaction that has failed into a rollback, without an error.
            guard result?.commandTag == "COMMIT" else {
                let error = DatabaseError.statement(sql: "COMMIT", message: "the server rolled back")
                state = .failed(.refused(error))
                throw error
            }
            state = .finished
        }
    }

    /// Ends a transaction that has changed nothing. Its outcome is known already, so nobody waits for the end.
    func release() throws(DatabaseError) {
        guard case .open = state, !connection.hasUnanswered else { return try commit() }
        connection.abandon(with: "COMMIT")
        state = .finished
    }

    /// Leaves nothing of it behind. A connection that is lost takes the transaction with it.
    func rollBack() {
        switch state {
        case .unsent, .finished: break
        case .open, .failed:
            connection.abandon(with: "ROLLBACK")
            if !lanes.isEmpty { connection.unlockLanes() }
        }
        if failure == nil { state = .finished }
    }
}

extension StaticSQL {
    /// Whether it may change something.
    fileprivate var mayChange: Bool { !text.hasPrefix("SELECT") }
}
