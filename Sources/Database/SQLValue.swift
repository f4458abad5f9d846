import Kernel

/// A value that is bound to a placeholder.
public enum SQLValue: Sendable, Equatable {
    case null
    case integer(Int64)
    case double(Double)
    case bool(Bool)
    case text(String)
    case bytes([UInt8])
    /// Many values for one placeholder (`SQLList`).
    case integers([Int64])
    case texts([String])
}

/// Something that can be bound to a placeholder: `tx.execute(sql, [id, name, optionalNote])`.
public protocol SQLBindable {
    var sqlValue: SQLValue { get }
}

extension SQLValue: SQLBindable { public var sqlValue: SQLValue { self } }
extension Int64: SQLBindable { public var sqlValue: SQLValue { .integer(self) } }
extension Int: SQLBindable { public var sqlValue: SQLValue { .integer(Int64(self)) } }
extension Double: SQLBindable { public var sqlValue: SQLValue { .double(self) } }
extension Bool: SQLBindable { public var sqlValue: SQLValue { .bool(self) } }
extension String: SQLBindable { public var sqlValue: SQLValue { .text(self) } }
extension [UInt8]: SQLBindable { public var sqlValue: SQLValue { .bytes(self) } }
extension Identifier: SQLBindable { public var sqlValue: SQLValue { .integer(rawValue) } }
/// Moments are stored in milliseconds.
extension Timestamp: SQLBindable { public var sqlValue: SQLValue { .integer(milliseconds) } }
extension PermissionSet: SQLBindable { public var sqlValue: SQLValue { .integer(rawValue) } }
extension Optional: SQLBindable where Wrapped: SQLBindable {
    public var sqlValue: SQLValue { self?.sqlValue ?? .null }
}

/// Many values for one placeholder, so that the text of a statement does not depend on how many there are:
/// `WHERE id = ANY ($1)` and `WHERE id <> ALL ($1)`, spelled exactly so. The list may be empty.
public struct SQLList: SQLBindable, Sendable {
    public let sqlValue: SQLValue

    public init<Kind>(_ ids: some Sequence<Identifier<Kind>>) { sqlValue = .integers(ids.map { $0.rawValue }) }

    public init(_ numbers: some Sequence<Int64>) { sqlValue = .integers(Array(numbers)) }

    public init(_ texts: some Sequence<String>) { sqlValue = .texts(Array(texts)) }
}

/// The columns of the row that a query stands on. Valid only within the closure that it was given to.
///
/// Columns are numbered from 0 in the order of the SELECT. Reading a NULL through an accessor that does not end
/// in `OrNil` is a bug of the caller and stops the program.
public protocol SQLColumns: AnyObject {
    func isNull(_ column: Int) -> Bool
    func integer(_ column: Int) -> Int64
    func double(_ column: Int) -> Double
    func bool(_ column: Int) -> Bool
    func text(_ column: Int) -> String
    func bytes(_ column: Int) -> [UInt8]
}

public struct SQLRow {
    private let columns: any SQLColumns

    public init(_ columns: any SQLColumns) { self.columns = columns }

    public func integer(_ column: Int) -> Int64 { columns.integer(column) }
    public func int(_ column: Int) -> Int { Int(columns.integer(column)) }
    public func double(_ column: Int) -> Double { columns.double(column) }
    public func bool(_ column: Int) -> Bool { columns.bool(column) }
    public func text(_ column: Int) -> String { columns.text(column) }
    public func bytes(_ column: Int) -> [UInt8] { columns.bytes(column) }
    public func timestamp(_ column: Int) -> Timestamp { Timestamp(milliseconds: columns.integer(column)) }
    public func permissions(_ column: Int) -> PermissionSet { PermissionSet(rawValue: columns.integer(column)) }

    public func id<Kind>(_ column: Int, _ kind: Identifier<Kind>.Type = Identifier<Kind>.self) -> Identifier<Kind> {
        Identifier(rawValue: columns.integer(column))
    }

    public func isNull(_ column: Int) -> Bool { columns.isNull(column) }
    public func integerOrNil(_ column: Int) -> Int64? { isNull(column) ? nil : integer(column) }
    public func textOrNil(_ column: Int) -> String? { isNull(column) ? nil : text(column) }
    public func timestampOrNil(_ column: Int) -> Timestamp? { isNull(column) ? nil : timestamp(column) }

    public func idOrNil<Kind>(
        _ column: Int, _ kind: Identifier<Kind>.Type = Identifier<Kind>.self
    ) -> Identifier<Kind>? {
        isNull(column) ? nil : id(column)
    }
}

/// Something that can be bound, and read again from a column.
public protocol SQLStorable: SQLBindable, Sendable {
    init(_ row: SQLRow, _ column: Int)
}

// Inlined, as the reading of a row's shape is.
extension Int64: SQLStorable { @inlinable public init(_ row: SQLRow, _ column: Int) { self = row.integer(column) } }
extension Int: SQLStorable { @inlinable public init(_ row: SQLRow, _ column: Int) { self = row.int(column) } }
extension Double: SQLStorable { @inlinable public init(_ row: SQLRow, _ column: Int) { self = row.double(column) } }
extension Bool: SQLStorable { @inlinable public init(_ row: SQLRow, _ column: Int) { self = row.bool(column) } }
extension String: SQLStorable { @inlinable public init(_ row: SQLRow, _ column: Int) { self = row.text(column) } }
extension [UInt8]: SQLStorable { @inlinable public init(_ row: SQLRow, _ column: Int) { self = row.bytes(column) } }
extension Identifier: SQLStorable {
    @inlinable public init(_ row: SQLRow, _ column: Int) { self.init(rawValue: row.integer(column)) }
}
extension Timestamp: SQLStorable {
    @inlinable public init(_ row: SQLRow, _ column: Int) { self.init(milliseconds: row.integer(column)) }
}
extension PermissionSet: SQLStorable {
    @inlinable public init(_ row: SQLRow, _ column: Int) { self.init(rawValue: row.integer(column)) }
}
extension Optional: SQLStorable where Wrapped: SQLStorable {
    @inlinable public init(_ row: SQLRow, _ column: Int) { self = row.isNull(column) ? nil : Wrapped(row, column) }
}
