import Kernel

/// Transactions on one of the two databases; the rest of the program does not know which.
///
/// ```swift
/// let name = try await database.read { tx in
///     try tx.first("SELECT name FROM servers WHERE id = $1", [id]) { $0.text(0) }
/// }
/// ```
///
/// The same SQL runs on both: placeholders are `$1`, `$2`, …; identifiers are `BIGINT`, texts `TEXT`, truth `BOOLEAN`,
/// bytes `BYTEA`. What differs stands in `SQLDialect`.
///
/// Closures are synchronous and may run more than once (a serialization failure is tried again), so they have no
/// side effects but the transaction; what must happen afterwards goes into its outbox.
public protocol SQLDatabase: Sendable {
    var dialect: SQLDialect { get }

    /// Runs `body` on a snapshot of the last committed state.
    /// - Throws: what `body` throws; `DatabaseError`.
    func read<Result: Sendable>(
        _ body: @escaping @Sendable (Transaction) throws -> Result
    ) async throws -> Result

    /// Runs `body` as if it were alone, and returns once its changes are on disk. Several may share a commit.
    ///
    /// When `body` throws, nothing of it stays.
    /// - Throws: what `body` throws; `DatabaseError`.
    func write<Result: Sendable>(
        _ lane: WriteLane, _ body: @escaping @Sendable (Transaction) throws -> Result
    ) async throws -> Result

    /// Waits for the transactions that have begun, then lets go of all connections. Later ones fail with `.closed`.
    func close() async
}

extension SQLDatabase {
    /// Runs `body` in any lane.
    public func write<Result: Sendable>(
        _ body: @escaping @Sendable (Transaction) throws -> Result
    ) async throws -> Result { try await write(.any, body) }
}

/// Beside what a closure writes, where several write at the same time.
public enum WriteLane: Sendable {
    case any
    /// One after another with all that name the same number: they change the same rows, and would only get in each other's way.
    case same(Int64, asking: Questions = .none)
    /// In a transaction that begins with the closure's own first statement.
    case own
}

/// What can go wrong beneath the SQL.
public enum DatabaseError: Error, Sendable {
    /// The database can't be reached; nothing was done.
    case unavailable(String)
    /// The connection broke while the commit was under way: it may or may not have happened.
    case commitUncertain(String)
    /// More writers wait than the queue takes.
    case overloaded
    case closed
    /// A unique key is taken already.
    case uniqueViolation(String)
    /// Two transactions stood in each other's way, more often than is tried again.
    case serializationFailure(String)
    /// A statement that is wrong, or a value that does not fit: a bug of ours.
    case statement(sql: String, message: String)
    /// The database was made by a newer version of the program.
    case newerSchema(found: Int, known: Int)
}

/// The driver's side of a transaction.
public protocol SQLConnection: AnyObject {
    var dialect: SQLDialect { get }

    /// Runs a statement whose result is not needed. A driver may send it together with the next ones: an error then
    /// shows at a later query, or at the commit.
    func execute(_ sql: StaticSQL, _ values: [SQLValue]) throws

    /// The same, for a change that later closures need only see in the answers to some questions.
    func execute(_ sql: StaticSQL, _ values: [SQLValue], changingOnly questions: Questions) throws

    /// Runs a statement and hands each row to `row`, which must not keep it.
    func query(_ sql: StaticSQL, _ values: [SQLValue], row: (SQLRow) throws -> Void) throws

    /// Runs several statements and hands each row to `row`, with the index of its statement.
    func query(_ statements: [(StaticSQL, [SQLValue])], row: (Int, SQLRow) throws -> Void) throws
}

extension SQLConnection {
    public func execute(_ sql: StaticSQL, _ values: [SQLValue], changingOnly questions: Questions) throws {
        try execute(sql, values)
    }

    public func query(_ statements: [(StaticSQL, [SQLValue])], row: (Int, SQLRow) throws -> Void) throws {
        for (index, (sql, values)) in statements.enumerated() {
            try query(sql, values) { try row(index, $0) }
        }
    }
}

/// Text of a statement. It is written in the source, or put together from parts that are: never from input, and never so
/// that it depends on a count (`SQLList` takes many values in one placeholder). So there are only so many texts, and the
/// drivers can keep them prepared.
public struct StaticSQL: Hashable, Sendable, ExpressibleByStringInterpolation, CustomStringConvertible {
    public let text: String

    public init(stringLiteral text: String) { self.text = text }

    /// For statements that the program makes from its own declarations, such as the names of columns.
    public init(generated text: String) { self.text = text }

    public var description: String { text }

    /// Statements are looked for again and again, and few end alike: what is compared in the end is all of the text, which is ASCII.
    public func hash(into hasher: inout Hasher) {
        var text = text
        text.withUTF8 { bytes in
            hasher.combine(bytes.count)
            hasher.combine(
                bytes: UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(bytes).suffix(Self.hashed_bytes)))
        }
    }

    private static let hashed_bytes = 48

    public struct StringInterpolation: StringInterpolationProtocol {
        fileprivate var text = ""

        public init(literalCapacity: Int, interpolationCount: Int) { text.reserveCapacity(literalCapacity) }

        public mutating func appendLiteral(_ literal: String) { text += literal }

        public mutating func appendInterpolation(_ part: StaticSQL) { text += part.text }

        /// Part of a statement, made by the program.
        public mutating func appendInterpolation(sql part: String) { text += part }
    }

    public init(stringInterpolation: StringInterpolation) { self.text = stringInterpolation.text }
}
