import Kernel

/// The values of a statement, laid out for libpq: one after another in a single piece of memory.
///
/// All but bytes go as text, so that PostgreSQL infers each placeholder's type from where it stands.
struct PostgreSQLParameters {
    /// What the protocol can count.
    private static let maximumCount = 65_535
    /// Memory above this size is given back instead of being kept for the next statement.
    private static let maximumKept = 1 << 20

    private var storage: [UInt8] = []
    /// Where each value begins; -1 for NULL.
    private var offsets: [Int] = []
    private var lengths: [Int32] = []
    private var formats: [Int32] = []

    private static let textFormat: Int32 = 0
    private static let binaryFormat: Int32 = 1

    /// - Throws: `.statement` when PostgreSQL could not store a value.
    mutating func set(_ values: [SQLValue], of sql: StaticSQL) throws(DatabaseError) {
        removeAll()
        guard values.count <= Self.maximumCount else {
            throw .statement(sql: sql.text, message: "\(values.count) values are too many")
        }
        for value in values {
            switch value {
            case .null: addNull()
            case .bytes(let value): add(value, length: value.count, format: Self.binaryFormat)
            case .integer, .double, .bool, .text, .integers, .texts:
                let text = value.postgreSQLText
                guard !text.utf8.contains(0) else {
                    throw .statement(sql: sql.text, message: "a text contains U+0000, which PostgreSQL can't store")
                }
                add(text: text)
            }
        }
    }

    private mutating func removeAll() {
        if storage.capacity > Self.maximumKept { storage = [] }
        storage.removeAll(keepingCapacity: true)
        offsets.removeAll(keepingCapacity: true)
        lengths.removeAll(keepingCapacity: true)
        formats.removeAll(keepingCapacity: true)
    }

    private mutating func addNull() {
        offsets.append(-1)
        lengths.append(0)
        formats.append(Self.textFormat)
    }

    private mutating func add(text: String) { add(text.utf8, length: text.utf8.count, format: Self.textFormat) }

    private mutating func add(_ bytes: some Sequence<UInt8>, length: Int, format: Int32) {
        offsets.append(storage.count)
        lengths.append(Int32(clamping: length))
        formats.append(format)
        storage.append(contentsOf: bytes)
        // libpq takes texts as C strings.
        storage.append(0)
    }

    /// The arguments of `PQsendQueryPrepared`, valid within `body`.
    func withPointers<Result>(
        _ body: (Int32, [UnsafePointer<CChar>?], [Int32], [Int32]) -> Result
    ) -> Result {
        storage.withUnsafeBytes { memory in
            let start = memory.baseAddress?.assumingMemoryBound(to: CChar.self)
            let pointers = offsets.map { offset in offset < 0 ? nil : start.map { $0 + offset } }
            return body(Int32(offsets.count), pointers, lengths, formats)
        }
    }
}

extension SQLValue {
    /// What PostgreSQL reads it from; nothing for NULL and for bytes, which go another way.
    var postgreSQLText: String {
        switch self {
        case .null, .bytes: ""
        case .integer(let value): String(value)
        case .double(let value): value.description
        case .bool(let value): value ? "t" : "f"
        case .text(let value): value
        case .integers(let values): "{\(values.map(String.init).joined(separator: ","))}"
        case .texts(let values): "{\(values.map(Self.quoted).joined(separator: ","))}"
        }
    }

    /// https://www.postgresql.org/docs/current/arrays.html#ARRAYS-IO
    private static func quoted(_ text: String) -> String {
        "\"\(text.escaping(["\\": "\\\\", "\"": "\\\""]))\""
    }
}
