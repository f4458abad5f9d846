import Kernel

/// One transaction, as features see it. Valid only within the closure that it was given to.
public final class Transaction {
    private let connection: any SQLConnection

    /// The time of the transaction: the same for everything in it.
    public let now: Timestamp

    /// What is to be recorded at the end of the transaction and announced after its commit.
    public private(set) var outbox: [any Sendable] = []

    public init(_ connection: any SQLConnection, now: Timestamp) {
        self.connection = connection
        self.now = now
    }

    public func leave(inOutbox item: some Sendable) { outbox.append(item) }

    /// For what the databases say differently.
    public var dialect: SQLDialect { connection.dialect }

    // MARK: Statements

    public func execute(_ sql: StaticSQL, _ values: [any SQLBindable] = []) throws {
        try connection.execute(sql, values.map(\.sqlValue))
    }

    /// The same, for a change that closures which run later in the same transaction need only see in the answers to some of their
    /// `Questions`: what they do is right without it, and whoever calls this says why.
    public func execute(
        _ sql: StaticSQL, _ values: [any SQLBindable], changingOnly questions: Questions
    ) throws { try connection.execute(sql, values.map(\.sqlValue), changingOnly: questions) }

    /// All rows, each made into a value.
    public func all<Value>(
        _ sql: StaticSQL, _ values: [any SQLBindable] = [], _ make: (SQLRow) throws -> Value
    ) throws -> [Value] {
        var result: [Value] = []
        try connection.query(sql, values.map(\.sqlValue)) { result.append(try make($0)) }
        return result
    }

    /// The first row made into a value, or nil when there is none.
    public func first<Value>(
        _ sql: StaticSQL, _ values: [any SQLBindable] = [], _ make: (SQLRow) throws -> Value
    ) throws -> Value? {
        var result: Value?
        try connection.query(sql, values.map(\.sqlValue)) { row in
            if result == nil { result = try make(row) }
        }
        return result
    }

    /// All rows, each read by its shape; without those that have a word which this version does not know.
    public func all<Value>(
        _ sql: StaticSQL, _ values: [any SQLBindable] = [], as shape: RowShape<Value>
    ) throws -> [Value] {
        var result: [Value] = []
        try connection.query(sql, values.map(\.sqlValue)) { row in
            if let value = try shape.read(row) { result.append(value) }
        }
        return result
    }

    /// The first row, read by its shape.
    public func first<Value>(
        _ sql: StaticSQL, _ values: [any SQLBindable] = [], as shape: RowShape<Value>
    ) throws -> Value? {
        try first(sql, values) { try shape.read($0) } ?? nil
    }

    /// Whether there is any row.
    public func exists(_ sql: StaticSQL, _ values: [any SQLBindable] = []) throws -> Bool {
        try first(sql, values) { _ in true } ?? false
    }

    /// Runs several statements at once, and hands over the rows of each with its index.
    @usableFromInline func ask(_ statements: [(StaticSQL, [SQLValue])], _ row: (Int, SQLRow) throws -> Void) throws {
        try connection.query(statements, row: row)
    }

    /// The number of rows that a statement with `RETURNING` gave back.
    public func count(_ sql: StaticSQL, _ values: [any SQLBindable] = []) throws -> Int {
        var count = 0
        try connection.query(sql, values.map(\.sqlValue)) { _ in count += 1 }
        return count
    }
}

/// Records what transactions leave in their outboxes, and announces it after the commit.
///
/// The event log is one. `record` runs last in the transaction, so what it assigns is visible in the order of the commits.
public protocol Outbox: Sendable {
    /// - Returns: what is to be announced once the transaction is on disk.
    func record(_ items: [any Sendable], in transaction: Transaction) throws -> [any Sendable]

    /// Called after the commit, before the writers learn of it. With SQLite the calls come in the order of the commits; with
    /// PostgreSQL they may overtake each other.
    func announce(_ records: [any Sendable])
}
