/// A value with a JSON form, and with the schema of that form for the documentation.
public protocol JSONEncodable: Sendable {
    static var schema: JSONSchema { get }
    func encode(to json: inout JSONWriter)
}

extension JSONEncodable {
    public var jsonBytes: [UInt8] {
        var json = JSONWriter()
        encode(to: &json)
        return json.bytes
    }
}

/// An object whose fields are declared once: what is sent and what is documented can't differ.
public protocol JSONObjectEncodable: JSONEncodable {
    static var shape: JSONShape<Self> { get }
}

extension JSONObjectEncodable {
    public static var schema: JSONSchema { .named(shape.name, shape.objectSchema) }

    public func encode(to json: inout JSONWriter) {
        json.beginObject()
        Self.shape.encodeFields(of: self, to: &json)
        json.endObject()
    }
}

/// The fields of an object, in the order in which they are sent.
public struct JSONShape<Root: Sendable>: Sendable {
    public struct Field: Sendable {
        let name: String
        let schema: JSONSchema
        let key: [UInt8]
        let encode: @Sendable (Root, inout JSONWriter) -> Void

        @usableFromInline
        init(_ name: String, _ schema: JSONSchema, encode: @escaping @Sendable (Root, inout JSONWriter) -> Void) {
            self.name = name
            self.schema = schema
            self.key = Array("\"\(name)\":".utf8)
            self.encode = encode
        }

        // Inlined, so that the field is read and encoded without going through generic code.
        @inlinable
        public static func field<Value: JSONEncodable>(
            _ name: String, _ value: @escaping @Sendable (Root) -> Value
        ) -> Field {
            Field(name, Value.schema) { root, json in value(root).encode(to: &json) }
        }
    }

    public let name: String
    let fields: [Field]

    public init(_ name: String, _ fields: Field...) {
        self.name = name
        self.fields = fields
    }

    /// The fields of `base`, then more.
    public init(_ name: String, including base: JSONShape<Root>, _ fields: Field...) {
        self.name = name
        self.fields = base.fields + fields
    }

    var objectSchema: JSONSchema {
        .object(fields.map { JSONSchema.Property($0.name, $0.schema, isRequired: true) })
    }

    func encodeFields(of root: Root, to json: inout JSONWriter) {
        for field in fields {
            json.key(readyMade: field.key)
            field.encode(root, &json)
        }
    }
}

extension String: JSONEncodable {
    public static var schema: JSONSchema { .string() }
    public func encode(to json: inout JSONWriter) { json.string(self) }
}

extension Bool: JSONEncodable {
    public static var schema: JSONSchema { .boolean }
    public func encode(to json: inout JSONWriter) { json.bool(self) }
}

extension Int: JSONEncodable {
    public static var schema: JSONSchema { .integer() }
    public func encode(to json: inout JSONWriter) { json.integer(Int64(self)) }
}

extension Int64: JSONEncodable {
    public static var schema: JSONSchema { .integer() }
    public func encode(to json: inout JSONWriter) { json.integer(self) }
}

extension Double: JSONEncodable {
    public static var schema: JSONSchema { .number }
    public func encode(to json: inout JSONWriter) { json.number(self) }
}

extension Optional: JSONEncodable where Wrapped: JSONEncodable {
    public static var schema: JSONSchema { .nullable(Wrapped.schema) }

    public func encode(to json: inout JSONWriter) {
        if let self { self.encode(to: &json) } else { json.null() }
    }
}

extension Array: JSONEncodable where Element: JSONEncodable {
    public static var schema: JSONSchema { .array(of: Element.schema) }

    public func encode(to json: inout JSONWriter) {
        json.beginArray()
        for element in self { element.encode(to: &json) }
        json.endArray()
    }
}
