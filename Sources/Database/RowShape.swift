/// How a value is read from a row and written into one: each column beside its property, once.
///
/// ```swift
/// private static let role = RowShape<Role> { row in
///     Role(id: row["id", \.id], server: row["server_id", \.server], color: row["color", \.color])
/// }
///
/// try tx.all("SELECT \(role.columns) FROM roles WHERE server_id = $1", [server], as: role)
/// try tx.execute("INSERT INTO roles (\(role.stored)) VALUES (\(role.placeholders))", role.values(of: new))
/// ```
///
/// When it is declared, the closure is run once with a blank row that notes what it is asked for. The columns of a row come
/// in that order, so that reading one costs no look-up of its name. For this every row has to be asked for the same columns,
/// whatever is in them.
public struct RowShape<Value>: Sendable {
    /// What is read, for a SELECT.
    public let columns: StaticSQL
    /// What is written, which are the columns with a property.
    public let stored: StaticSQL
    /// One for each of the stored columns.
    public let placeholders: StaticSQL
    /// How many columns are read.
    public let width: Int

    @usableFromInline let make: @Sendable (inout ShapedRow<Value>) throws -> Value
    fileprivate let noted: [NotedColumn]
    /// Which of them is a truth value. Apart from the rest, so that looking at a row touches nothing else.
    @usableFromInline let isFlag: [Bool]
    fileprivate let writers: [@Sendable (Value) -> SQLValue]

    public init(_ make: @escaping @Sendable (inout ShapedRow<Value>) throws -> Value) {
        let notes = ColumnNotes<Value>()
        do {
            var row = ShapedRow(SQLRow(BlankColumns()), from: 0, notes: notes)
            _ = try make(&row)
        } catch {
            preconditionFailure("a shape of \(Value.self) makes nothing of a blank row: \(error)")
        }
        self.make = make
        self.width = notes.columns.count
        self.noted = notes.columns
        self.isFlag = noted.map(\.isFlag)
        self.writers = notes.writers
        self.columns = StaticSQL(list: noted.map(\.name))
        self.stored = StaticSQL(list: noted.filter(\.isStored).map(\.name))
        self.placeholders = .placeholders(1..<1 + writers.count)
    }

    /// What is made of a row with nothing in it, for the declaration of a larger shape.
    @usableFromInline
    func blank() throws -> Value {
        var row = ShapedRow<Value>(SQLRow(BlankColumns()), from: 0, notes: ColumnNotes())
        return try make(&row)
    }

    // MARK: Reading

    /// What is read, with the name of the table before each column that has none.
    public func columns(of table: String) -> StaticSQL { StaticSQL(list: noted.map { $0.name(of: table) }) }

    /// - Returns: nil for a row with a word that this version does not know.
    @inlinable
    public func read(_ row: SQLRow, from column: Int = 0) throws -> Value? {
        var shaped = ShapedRow<Value>(row, from: column, notes: nil)
        do {
            let value = try make(&shaped)
            assert(shaped.next == column + width, "a shape of \(Value.self) is asked for other columns than it noted")
            return value
        } catch is UnknownWord {
            return nil
        }
    }

    /// - Returns: nil when there is nothing to read: all columns are NULL or FALSE, as after a LEFT JOIN.
    @inlinable
    public func readIfAny(_ row: SQLRow, from column: Int = 0) throws -> Value? {
        for index in isFlag.indices {
            let isBlank = row.isNull(column + index) || isFlag[index] && !row.bool(column + index)
            if !isBlank { return try read(row, from: column) }
        }
        return nil
    }

    // MARK: Writing

    /// How many columns are written.
    public var storedCount: Int { writers.count }

    /// Placeholders that come after others.
    public func placeholders(from first: Int) -> StaticSQL { .placeholders(first..<first + storedCount) }

    /// What the placeholders stand for.
    public func values(of value: Value) -> [any SQLBindable] { writers.map { $0(value) } }
}

extension StaticSQL {
    init(list parts: [String]) { self.init(generated: parts.joined(separator: ", ")) }

    /// `$1, $2, …`
    fileprivate static func placeholders(_ numbers: Range<Int>) -> StaticSQL {
        StaticSQL(list: numbers.map { "$\($0)" })
    }
}

/// The row that the closure of a `RowShape` reads, from left to right.
public struct ShapedRow<Value> {
    @usableFromInline let row: SQLRow
    @usableFromInline var next: Int
    /// Only while the shape is declared.
    @usableFromInline let notes: ColumnNotes<Value>?

    @usableFromInline
    init(_ row: SQLRow, from column: Int, notes: ColumnNotes<Value>?) {
        self.row = row
        self.next = column
        self.notes = notes
    }

    /// A column, and the property that is written into it. Inlined, so that it is read without going through generic code.
    @inlinable
    public subscript<Property: SQLStorable>(
        _ name: String, _ property: @autoclosure () -> @Sendable (Value) -> Property
    ) -> Property {
        mutating get {
            if let notes { notes.note(name, Property.self, property()) }
            defer { next += 1 }
            return Property(row, next)
        }
    }

    /// A column that is only read. It may also be an expression, or belong to another table: `u.username`.
    @inlinable
    public subscript<Property: SQLStorable>(_ name: String) -> Property {
        mutating get {
            if let notes { notes.note(name, Property.self, nil) }
            defer { next += 1 }
            return Property(row, next)
        }
    }

    /// A column with one of a few words. A row with another one is passed over.
    @inlinable
    public mutating func word<Word: RawRepresentable<String> & CaseIterable & Sendable>(
        _ name: String, _ property: @autoclosure () -> @Sendable (Value) -> Word
    ) throws -> Word {
        defer { next += 1 }
        if let notes {
            let property = property()
            notes.note(name, String.self) { property($0).rawValue }
            if let blank = Word.allCases.first { return blank }
        }
        guard !row.isNull(next), let word = Word(rawValue: row.text(next)) else { throw UnknownWord() }
        return word
    }

    /// The same, for a row that is not to be passed over.
    /// - Throws: `DatabaseError.statement` for a word that this version does not know.
    @inlinable
    public mutating func knownWord<Word: RawRepresentable<String> & CaseIterable & Sendable>(
        _ name: String, _ property: @autoclosure () -> @Sendable (Value) -> Word
    ) throws -> Word {
        let column = next
        do {
            return try word(name, property())
        } catch is UnknownWord {
            throw DatabaseError.statement(
                sql: name, message: "unknown word \(row.isNull(column) ? "" : row.text(column))")
        }
    }

    /// Columns that are read together, as another value.
    /// - Parameter table: the one that they are in, where it is not that of the others.
    @inlinable
    public mutating func part<Part>(_ shape: RowShape<Part>, of table: String? = nil) throws -> Part {
        notes?.note(shape, of: table, nil)
        defer { next += shape.width }
        guard let part = try notes == nil ? shape.read(row, from: next) : shape.blank() else { throw UnknownWord() }
        return part
    }

    /// - Returns: nil when all of them are NULL or FALSE, as after a LEFT JOIN.
    @inlinable
    public mutating func partIfAny<Part>(_ shape: RowShape<Part>, of table: String? = nil) throws -> Part? {
        notes?.note(shape, of: table, nil)
        defer { next += shape.width }
        return try shape.readIfAny(row, from: next)
    }

    /// The same, with the property that is written into them; all become NULL where it is nil.
    @inlinable
    public mutating func partIfAny<Part>(
        _ shape: RowShape<Part>, _ property: @autoclosure () -> @Sendable (Value) -> Part?
    ) throws -> Part? {
        if let notes { notes.note(shape, of: nil, property()) }
        defer { next += shape.width }
        return try shape.readIfAny(row, from: next)
    }
}

/// A row has a word that this version does not know.
@usableFromInline
struct UnknownWord: Error {
    @usableFromInline init() {}
}

/// What a shape is asked for.
@usableFromInline
final class ColumnNotes<Value> {
    fileprivate var columns: [NotedColumn] = []
    fileprivate var writers: [@Sendable (Value) -> SQLValue] = []

    @usableFromInline
    func note<Property: SQLStorable>(
        _ name: String, _ type: Property.Type, _ property: (@Sendable (Value) -> Property)?
    ) {
        columns.append(NotedColumn(name: name, isFlag: type == Bool.self, isStored: property != nil))
        if let property { writers.append { property($0).sqlValue } }
    }

    /// A part of a larger shape.
    @usableFromInline
    func note<Part>(_ shape: RowShape<Part>, of table: String?, _ property: (@Sendable (Value) -> Part?)?) {
        columns += shape.noted.map { column in
            NotedColumn(
                name: table.map(column.name(of:)) ?? column.name, isFlag: column.isFlag,
                isStored: column.isStored && property != nil)
        }
        guard let property else { return }
        writers += shape.writers.map { write in { property($0).map(write) ?? .null } }
    }
}

private struct NotedColumn: Sendable {
    let name: String
    let isFlag: Bool
    let isStored: Bool

    func name(of table: String) -> String {
        name.allSatisfy { $0.isLetter || $0.isNumber || $0 == "_" } ? "\(table).\(name)" : name
    }
}

private final class BlankColumns: SQLColumns {
    func isNull(_ column: Int) -> Bool { true }
    func integer(_ column: Int) -> Int64 { 0 }
    func double(_ column: Int) -> Double { 0 }
    func bool(_ column: Int) -> Bool { false }
    func text(_ column: Int) -> String { "" }
    func bytes(_ column: Int) -> [UInt8] { [] }
}
