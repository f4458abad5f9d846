/// One thing that is wrong with a field of a request.
public struct FieldIssue: Error, Sendable, Equatable {
    public let field: String
    public let message: String

    public init(_ field: String, _ message: String) {
        self.field = field
        self.message = message
    }
}

extension FieldIssue: JSONObjectEncodable {
    public static let shape = JSONShape<FieldIssue>(
        "FieldIssue", .field("field", \.field), .field("message", \.message))
}

/// What a PATCH says of one field: nothing, "make it empty", or a new value.
public enum Change<Value: Sendable>: Sendable {
    case unchanged
    case cleared
    case set(Value)

    /// The value after the change.
    public func applied(to old: Value?) -> Value? {
        switch self {
        case .unchanged: old
        case .cleared: nil
        case .set(let new): new
        }
    }
}

/// What is wrong with a value, in a sentence without its subject.
public struct JSONReason: Error {
    let text: String
    public init(_ text: String) { self.text = text }
}

/// Reads one value out of JSON, and knows its schema.
public struct JSONReader<Value: Sendable>: Sendable {
    public let schema: JSONSchema
    /// Says in a sentence what is wrong, or returns the value.
    let read: @Sendable (JSON) -> Result<Value, JSONReason>

    public init(_ schema: JSONSchema, read: @escaping @Sendable (JSON) -> Result<Value, JSONReason>) {
        self.schema = schema
        self.read = read
    }

    /// The same value made into something stricter; nil means that `message` applies.
    public func checked<New: Sendable>(
        _ message: String, _ transform: @escaping @Sendable (Value) -> New?
    ) -> JSONReader<New> {
        JSONReader<New>(schema) { json in
            switch self.read(json) {
            case .success(let value): transform(value).map { .success($0) } ?? .failure(.init(message))
            case .failure(let reason): .failure(reason)
            }
        }
    }

    /// Reads a value that is no field of an object.
    /// - Throws: `Invalid input`.
    public func value(of json: JSON, named name: String) throws(APIError) -> Value {
        switch read(json) {
        case .success(let value): return value
        case .failure(let reason): throw .invalidInput(name, reason.text)
        }
    }

    /// Reads a query parameter: text becomes the JSON that the schema asks for.
    func read(text: String) -> Result<Value, JSONReason> {
        switch schema {
        case .integer, .named("Timestamp", _): read(Int64(text).map { .integer($0) } ?? .string(text))
        case .boolean: read(flags[text.lowercased()].map { .bool($0) } ?? .string(text))
        default: read(.string(text))
        }
    }
}

/// How a query says yes and no, in any case.
private let flags = ["true": true, "1": true, "false": false, "0": false]

extension JSONReader where Value == String {
    /// A string of so many Unicode scalars.
    public static func string(_ length: ClosedRange<Int>) -> Self {
        JSONReader(.string(length: length)) { json in
            guard case .string(let value) = json else { return .failure(.init("must be a string")) }
            let count = value.unicodeScalars.count
            guard length.contains(count) else {
                return .failure(
                    .init("must be \(length.lowerBound) to \(length.upperBound) characters long, is \(count)"))
            }
            return .success(value)
        }
    }
}

extension JSONReader where Value == Int {
    public static func integer(_ range: ClosedRange<Int>) -> Self {
        JSONReader(.integer(range: Int64(range.lowerBound)...Int64(range.upperBound))) { json in
            guard case .integer(let value) = json else { return .failure(.init("must be an integer")) }
            guard let value = Int(exactly: value), range.contains(value) else {
                return .failure(.init("must be between \(range.lowerBound) and \(range.upperBound)"))
            }
            return .success(value)
        }
    }
}

extension JSONReader where Value == Bool {
    public static var bool: Self {
        JSONReader(.boolean) { json in
            json.bool.map { .success($0) } ?? .failure(.init("must be true or false"))
        }
    }
}

extension JSONReader where Value == Timestamp {
    /// Unix seconds.
    public static var timestamp: Self {
        JSONReader(.timestamp) { json in
            // Far enough for every clock, near enough to be counted in milliseconds.
            guard let seconds = json.integer, (0...253_402_300_799).contains(seconds) else {
                return .failure(.init("must be a moment, in Unix seconds"))
            }
            return .success(Timestamp(seconds: seconds))
        }
    }
}

extension JSONReader where Value == Timestamp {
    /// Unix seconds, or a text of ISO 8601.
    public static var moment: Self {
        JSONReader(.either(.timestamp, .string(length: 19...64, format: "date-time"))) { json in
            guard let text = json.string else { return timestamp.read(json) }
            return Timestamp(iso8601: text).map { .success($0) }
                ?? .failure(.init("must be a moment, in Unix seconds or as ISO 8601 writes it"))
        }
    }
}

extension JSONReader where Value == JSON {
    public static var any: Self { JSONReader(.any) { .success($0) } }
}

extension JSONReader {
    public static func id<Kind>(_ kind: Identifier<Kind>.Type) -> Self where Value == Identifier<Kind> {
        JSONReader(.writtenIdentifier) { json in
            switch json {
            // Programs in languages with whole numbers of 64 bits write them as such; the parser keeps every digit.
            case .integer(let number) where number > 0: return .success(Identifier<Kind>(rawValue: number))
            case .string(let text):
                if let id = try? Identifier<Kind>(parsing: text) { return .success(id) }
            default: break
            }
            return .failure(.init("must be an id, as a decimal string or a whole number from 1 to 2^63-1"))
        }
    }

    public static func oneOf(_ type: Value.Type) -> Self
    where Value: RawRepresentable & CaseIterable, Value.RawValue == String {
        .oneOf(type, among: Array(Value.allCases))
    }

    /// Some of a type's cases.
    public static func oneOf(_ type: Value.Type, among cases: [Value]) -> Self
    where Value: RawRepresentable, Value.RawValue == String {
        let names = cases.map(\.rawValue)
        return JSONReader(.enumeration(names)) { json in
            json.string.flatMap { name in cases.first { $0.rawValue == name } }.map { .success($0) }
                ?? .failure(.init("must be one of \(names.joined(separator: ", "))"))
        }
    }

    public static func array<Element: Sendable>(of element: JSONReader<Element>, count: ClosedRange<Int>) -> Self
    where Value == [Element] {
        JSONReader(.array(of: element.schema, count: count)) { json in
            guard let values = json.array else { return .failure(.init("must be an array")) }
            guard count.contains(values.count) else {
                return .failure(.init("must have \(count.lowerBound) to \(count.upperBound) elements"))
            }
            var result: [Element] = []
            for value in values {
                switch element.read(value) {
                case .success(let element): result.append(element)
                case .failure(let reason): return .failure(.init("each element \(reason.text)"))
                }
            }
            return .success(result)
        }
    }

    /// An object within the body.
    public static func object(_ input: JSONInput<Value>) -> Self {
        JSONReader(input.schema) { json in
            guard let object = json.object else { return .failure(.init("must be an object")) }
            do throws(APIError) {
                return .success(try input.decode(object))
            } catch {
                let issues = error.details.map { "\($0.field) \($0.message)" }
                return .failure(.init(issues.isEmpty ? "is not valid" : issues.joined(separator: "; ")))
            }
        }
    }
}

/// One declared field of a body or one query parameter.
public struct JSONField<Value: Sendable>: Sendable {
    let name: String
    let schema: JSONSchema
    let isRequired: Bool
    // Not by way of `Result`: to make each of its types anew for each field takes longer than to read the field.
    let read: @Sendable (JSON?) throws(FieldIssue) -> Value
    let readText: @Sendable (String?) throws(FieldIssue) -> Value

    /// - Parameters:
    ///   - absent: nil when the field has to be there.
    ///   - null: nil when null is no value of it.
    private init<Inner: Sendable>(
        _ name: String, _ reader: JSONReader<Inner>, schema: JSONSchema? = nil, absent: Value?, null: Value?,
        present: @escaping @Sendable (Inner) -> Value
    ) {
        self.name = name
        self.schema = schema ?? reader.schema
        isRequired = absent == nil
        let missing = { @Sendable () throws(FieldIssue) -> Value in
            guard let absent else { throw FieldIssue(name, "is required") }
            return absent
        }
        self.read = { json throws(FieldIssue) in
            guard let json else { return try missing() }
            if json == .null, let null { return null }
            switch reader.read(json) {
            case .success(let value): return present(value)
            case .failure(let reason): throw FieldIssue(name, reason.text)
            }
        }
        self.readText = { text throws(FieldIssue) in
            guard let text else { return try missing() }
            switch reader.read(text: text) {
            case .success(let value): return present(value)
            case .failure(let reason): throw FieldIssue(name, reason.text)
            }
        }
    }

    func check(_ object: [String: JSON], _ issues: inout [FieldIssue]) {
        do throws(FieldIssue) { _ = try read(object[name]) } catch { issues.append(error) }
    }

    func check(_ parameters: [String: String], _ issues: inout [FieldIssue]) {
        do throws(FieldIssue) { _ = try readText(parameters[name]) } catch { issues.append(error) }
    }

    public static func required(_ name: String, _ reader: JSONReader<Value>) -> Self {
        Self(name, reader, absent: nil, null: nil) { $0 }
    }

    /// Absent and null both mean nil.
    public static func optional<Inner>(_ name: String, _ reader: JSONReader<Inner>) -> Self where Value == Inner? {
        Self(name, reader, schema: .nullable(reader.schema), absent: .some(nil), null: .some(nil)) { $0 }
    }

    /// Absent and null both mean `value`: many clients write out every field that they know.
    public static func optional(_ name: String, _ reader: JSONReader<Value>, default value: Value) -> Self {
        Self(name, reader, schema: .nullable(reader.schema), absent: value, null: value) { $0 }
    }

    /// Absent leaves the field as it is, null empties it.
    public static func change<Inner>(_ name: String, _ reader: JSONReader<Inner>) -> Self where Value == Change<Inner> {
        Self(name, reader, schema: .nullable(reader.schema), absent: .unchanged, null: .cleared) { .set($0) }
    }

    /// Absent leaves the field as it is; it can't be emptied.
    public static func replacement<Inner>(_ name: String, _ reader: JSONReader<Inner>) -> Self where Value == Inner? {
        Self(name, reader, absent: .some(nil), null: nil) { $0 }
    }
}

/// A request's body or query, declared once: decoding, checking and documentation come from the same lines.
public struct JSONInput<Output: Sendable>: Sendable {
    public let name: String
    public let properties: [JSONSchema.Property]
    // Each names every wrong field at once, so that a person corrects a form in one go.
    private let make: @Sendable ([String: JSON]) throws(APIError) -> Output
    private let makeFromText: @Sendable ([String: String]) throws(APIError) -> Output

    public init<each Value: Sendable>(
        _ name: String, _ fields: repeat JSONField<each Value>,
        make: @escaping @Sendable (repeat each Value) throws(APIError) -> Output
    ) {
        self.name = name
        var properties: [JSONSchema.Property] = []
        for field in repeat each fields {
            properties.append(.init(field.name, field.schema, isRequired: field.isRequired))
        }
        self.properties = properties
        self.make = { object throws(APIError) in
            do {
                return try make(repeat try (each fields).read(object[(each fields).name]))
            } catch let error as APIError {
                throw error
            } catch {
                var issues: [FieldIssue] = []
                for field in repeat each fields { field.check(object, &issues) }
                throw .invalidInput(issues)
            }
        }
        self.makeFromText = { parameters throws(APIError) in
            do {
                return try make(repeat try (each fields).readText(parameters[(each fields).name]))
            } catch let error as APIError {
                throw error
            } catch {
                var issues: [FieldIssue] = []
                for field in repeat each fields { field.check(parameters, &issues) }
                throw .invalidInput(issues)
            }
        }
    }

    /// Two inputs that are read out of one object, as what two features take of the same request.
    public init<First: Sendable, Second: Sendable>(
        _ name: String, _ first: JSONInput<First>, _ second: JSONInput<Second>
    ) where Output == (First, Second) {
        self.name = name
        properties = first.properties + second.properties
        make = { object throws(APIError) in
            try Self.both(
                Result { () throws(APIError) in try first.make(object) },
                Result { () throws(APIError) in try second.make(object) })
        }
        makeFromText = { parameters throws(APIError) in
            try Self.both(
                Result { () throws(APIError) in try first.makeFromText(parameters) },
                Result { () throws(APIError) in try second.makeFromText(parameters) })
        }
    }

    private static func both<First, Second>(
        _ first: Result<First, APIError>, _ second: Result<Second, APIError>
    ) throws(APIError) -> (First, Second) {
        switch (first, second) {
        case (.success(let first), .success(let second)): return (first, second)
        case (.failure(let error), .failure(let other)): throw .invalidInput(error.details + other.details)
        case (.failure(let error), .success), (.success, .failure(let error)): throw error
        }
    }

    public var schema: JSONSchema { .named(name, .object(properties)) }

    /// Unknown keys are ignored, so that newer clients can talk to older servers.
    /// - Throws: `Invalid input` with the issues of all fields.
    public func decode(_ object: [String: JSON]) throws(APIError) -> Output { try make(object) }

    /// Decodes query parameters.
    public func decode(text parameters: [String: String]) throws(APIError) -> Output {
        try makeFromText(parameters)
    }
}

extension JSONInput where Output == Void {
    /// Nothing is read.
    public static var none: JSONInput<Void> { JSONInput<Void>("None") { () throws(APIError) in } }
}
