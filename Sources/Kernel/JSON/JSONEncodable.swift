/// A value with a JSON form, and with the schema of that form for the documentation.
public protocol JSONEncodable: Sendable {
    static var schema: JSONSchema { get }
    func encode(to json: inout JSONWriter)
    /// The whole text. A requirement, so that a value can have it ready.
    var jsonBytes: [UInt8] { get }
    /// The same where it is answered again and again, so that it is worth keeping what it was packed to.
    var keptText: KeptText? { get }
}

extension JSONEncodable {
    public var keptText: KeptText? { nil }

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
        let property: JSONSchema.Property
        /// Writes the key and the value.
        let encode: @Sendable (Root, inout JSONWriter) -> Void

        @usableFromInline
        init(_ name: String, _ schema: JSONSchema, encode: @escaping @Sendable (Root, inout JSONWriter) -> Void) {
            self.property = JSONSchema.Property(name, schema, isRequired: true)
            self.encode = encode
        }

        // Inlined, so that the field is read and encoded without going through generic code.
        @inlinable
        public static func field<Value: JSONEncodable>(
            _ name: String, _ value: @escaping @Sendable (Root) -> Value
        ) -> Field {
            let key = Array("\"\(name)\":".utf8)
            return Field(name, Value.schema) { root, json in
                json.key(readyMade: key)
                value(root).encode(to: &json)
            }
        }
    }

    public let name: String
    private let properties: [JSONSchema.Property]
    /// Apart from the properties, so that going through them touches nothing else: an object is encoded for each message of
    /// each list.
    private let encoders: [@Sendable (Root, inout JSONWriter) -> Void]

    public init(_ name: String, _ fields: Field...) {
        self.name = name
        self.properties = fields.map(\.property)
        self.encoders = fields.map(\.encode)
    }

    var objectSchema: JSONSchema { .object(properties) }

    func encodeFields(of root: Root, to json: inout JSONWriter) {
        for encode in encoders { encode(root, &json) }
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
