import CPostgreSQL

/// A result of libpq, freed with the value.
final class PostgreSQLResult {
    let pointer: OpaquePointer

    init(_ pointer: OpaquePointer) { self.pointer = pointer }

    deinit { PQclear(pointer) }

    var status: ExecStatusType { PQresultStatus(pointer) }

    /// What was done, such as `COMMIT`.
    var commandTag: String { String(cString: PQcmdStatus(pointer)) }

    var errorMessage: String { String(cString: PQresultErrorMessage(pointer)).onOneLine }

    /// The parts of an error, by the letters of libpq's `PG_DIAG_…`, which Swift does not import.
    enum ErrorField: Unicode.Scalar {
        case severity = "V"
        case sqlState = "C"
        case message = "M"
        case constraint = "n"
        case serverFunction = "R"
    }

    func errorField(_ field: ErrorField) -> String? {
        PQresultErrorField(pointer, Int32(field.rawValue.value)).map { String(cString: $0) }
    }

    var rowCount: Int32 { PQntuples(pointer) }
}

/// The rows that answer a question, which may be some of a result.
struct PostgreSQLAnswer {
    private let result: PostgreSQLResult
    private let rows: Range<Int32>
    private let firstColumn: Int

    init(_ result: PostgreSQLResult) { self.init(result, rows: 0..<result.rowCount, firstColumn: 0) }

    init(_ result: PostgreSQLResult, rows: Range<Int32>, firstColumn: Int) {
        self.result = result
        self.rows = rows
        self.firstColumn = firstColumn
    }

    func forEachRow(_ body: (SQLRow) throws -> Void) rethrows {
        let columns = PostgreSQLColumns(result, from: firstColumn)
        let row = SQLRow(columns)
        for index in rows {
            columns.row = index
            try body(row)
        }
    }
}

extension String {
    /// libpq's messages go over several lines; a log entry should not.
    var onOneLine: String { split(whereSeparator: \.isWhitespace).joined(separator: " ") }
}

/// Reads the values of a row from libpq's memory, in PostgreSQL's binary format.
final class PostgreSQLColumns: SQLColumns {
    private let result: PostgreSQLResult
    /// The number in the result of what is column 0.
    private let first: Int
    var row: Int32 = 0

    init(_ result: PostgreSQLResult, from first: Int = 0) {
        self.result = result
        self.first = first
    }

    func isNull(_ column: Int) -> Bool { PQgetisnull(result.pointer, row, Int32(first + column)) != 0 }

    func integer(_ column: Int) -> Int64 {
        let value = value(column)
        switch type(column) {
        case .int8: return value.bigEndian(at: 0, as: Int64.self)
        case .int4: return Int64(value.bigEndian(at: 0, as: Int32.self))
        case .int2: return Int64(value.bigEndian(at: 0, as: Int16.self))
        case .oid: return Int64(value.bigEndian(at: 0, as: UInt32.self))
        case .bool: return value[0] == 0 ? 0 : 1
        case .numeric: return PostgreSQLNumeric(value).integer
        case let other: mismatch(column, other, "an integer")
        }
    }

    func double(_ column: Int) -> Double {
        let value = value(column)
        switch type(column) {
        case .float8: return Double(bitPattern: value.bigEndian(at: 0, as: UInt64.self))
        case .float4: return Double(Float(bitPattern: value.bigEndian(at: 0, as: UInt32.self)))
        case .numeric: return PostgreSQLNumeric(value).double
        default: return Double(integer(column))
        }
    }

    func bool(_ column: Int) -> Bool { integer(column) != 0 }

    func text(_ column: Int) -> String {
        let value = value(column)
        switch type(column) {
        case .text, .varchar, .bpchar, .name, .char, .json, .unknown, .xml:
            return String(decoding: value, as: UTF8.self)
        // The binary form begins with a version.
        case .jsonb: return String(decoding: value.dropFirst(), as: UTF8.self)
        case let other: mismatch(column, other, "a text")
        }
    }

    func bytes(_ column: Int) -> [UInt8] { [UInt8](value(column)) }

    private func type(_ column: Int) -> PostgreSQLType {
        PostgreSQLType(oid: PQftype(result.pointer, Int32(first + column)))
    }

    /// Points into the result: valid as long as the row is read.
    private func value(_ column: Int) -> UnsafeRawBufferPointer {
        let width = Int(PQnfields(result.pointer)) - first
        precondition(column < width, "column \(column) of \(width) was read")
        precondition(!isNull(column), "column \(column) is NULL")
        return UnsafeRawBufferPointer(
            start: PQgetvalue(result.pointer, row, Int32(first + column)),
            count: Int(PQgetlength(result.pointer, row, Int32(first + column))))
    }

    private func mismatch(_ column: Int, _ type: PostgreSQLType, _ wanted: String) -> Never {
        preconditionFailure("column \(column) has the type with OID \(type.oid), which is not \(wanted)")
    }
}

/// The types that the driver reads, by their fixed numbers in `pg_type`.
struct PostgreSQLType: Equatable {
    let oid: Oid

    static let bool = PostgreSQLType(oid: 16)
    static let char = PostgreSQLType(oid: 18)
    static let name = PostgreSQLType(oid: 19)
    static let int8 = PostgreSQLType(oid: 20)
    static let int2 = PostgreSQLType(oid: 21)
    static let int4 = PostgreSQLType(oid: 23)
    static let text = PostgreSQLType(oid: 25)
    static let oid = PostgreSQLType(oid: 26)
    static let json = PostgreSQLType(oid: 114)
    static let xml = PostgreSQLType(oid: 142)
    static let float4 = PostgreSQLType(oid: 700)
    static let float8 = PostgreSQLType(oid: 701)
    static let unknown = PostgreSQLType(oid: 705)
    static let bpchar = PostgreSQLType(oid: 1042)
    static let varchar = PostgreSQLType(oid: 1043)
    static let numeric = PostgreSQLType(oid: 1700)
    static let jsonb = PostgreSQLType(oid: 3802)

    static func ~= (pattern: PostgreSQLType, value: PostgreSQLType) -> Bool { pattern == value }
}

extension UnsafeRawBufferPointer {
    func bigEndian<Number: FixedWidthInteger>(at offset: Int, as type: Number.Type) -> Number {
        Number(bigEndian: loadUnaligned(fromByteOffset: offset, as: type))
    }
}

/// What `SUM` of integers is: digits to the base of 10,000, the first of which counts 10,000 to the power of `weight`.
struct PostgreSQLNumeric {
    private static let negative: UInt16 = 0x4000
    private static let finiteSigns: Set<UInt16> = [0, negative]

    private let digits: [Int16]
    private let weight: Int
    private let sign: UInt16

    init(_ value: UnsafeRawBufferPointer) {
        let count = Int(value.bigEndian(at: 0, as: Int16.self))
        self.weight = Int(value.bigEndian(at: 2, as: Int16.self))
        self.sign = value.bigEndian(at: 4, as: UInt16.self)
        self.digits = (0..<count).map { value.bigEndian(at: 8 + 2 * $0, as: Int16.self) }
    }

    /// Without the fraction.
    var integer: Int64 {
        precondition(Self.finiteSigns.contains(sign), "NaN and infinity are not integers")
        guard weight >= 0 else { return 0 }
        // Counted below zero, where there is one value more.
        let magnitude = (0...weight).reduce(into: Int64(0)) { sum, place in
            sum = sum * 10_000 - Int64(place < digits.count ? digits[place] : 0)
        }
        return sign == Self.negative ? magnitude : -magnitude
    }

    var double: Double {
        switch sign {
        case 0xC000: return .nan
        case 0xD000: return .infinity
        case 0xF000: return -.infinity
        default: break
        }
        // The shortest way to the nearest Double is the one that the standard library already knows.
        let text = digits.map { digit in
            let short = String(digit)
            return String(repeating: "0", count: 4 - short.count) + short
        }.joined()
        let exponent = 4 * (weight + 1 - digits.count)
        let value = text.isEmpty ? 0 : Double("\(text)e\(exponent)") ?? .nan
        return sign == Self.negative ? -value : value
    }
}
