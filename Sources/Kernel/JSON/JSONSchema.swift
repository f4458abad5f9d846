/// The shape of a JSON value, as far as the documentation tells it (JSON Schema 2020-12, the dialect of OpenAPI 3.1).
public indirect enum JSONSchema: Sendable {
    public struct Property: Sendable {
        public let name: String
        public let schema: JSONSchema
        public let isRequired: Bool

        public init(_ name: String, _ schema: JSONSchema, isRequired: Bool) {
            self.name = name
            self.schema = schema
            self.isRequired = isRequired
        }
    }

    /// Length in Unicode scalars.
    case string(length: ClosedRange<Int>? = nil, format: String? = nil)
    case enumeration([String])
    case integer(range: ClosedRange<Int64>? = nil)
    case number
    case boolean
    case null
    case array(of: JSONSchema, count: ClosedRange<Int>? = nil)
    case object([Property])
    /// An object with any keys and values of one kind.
    case map(of: JSONSchema)
    /// Any JSON value.
    case any
    case nullable(JSONSchema)
    /// One or the other.
    case either(JSONSchema, JSONSchema)
    /// A schema that stands once in the document and is referred to by its name.
    case named(String, JSONSchema)

    /// Always the same number.
    public static func constant(_ number: Int64) -> JSONSchema { .integer(range: number...number) }

    public static var identifier: JSONSchema { .named("Snowflake", .string(length: 1...19, format: "snowflake")) }
    /// As clients may write it in a body: the decimal string, or the number itself.
    public static var writtenIdentifier: JSONSchema {
        .named(
            "WrittenSnowflake", .either(.string(length: 1...19, format: "snowflake"), .integer(range: 1...Int64.max)))
    }
    public static var timestamp: JSONSchema { .named("Timestamp", .integer(range: 0...Int64.max)) }
}

extension JSONSchema {
    /// Writes the schema; named ones as references.
    public func encode(to json: inout JSONWriter) {
        json.beginObject()
        encodeMembers(to: &json)
        json.endObject()
    }

    private func encodeMembers(to json: inout JSONWriter) {
        switch self {
        case .string(let length, let format):
            json.member("type", "string")
            if let length {
                if length.lowerBound > 0 { json.member("minLength", length.lowerBound) }
                json.member("maxLength", length.upperBound)
            }
            if let format { json.member("format", format) }
        case .enumeration(let values):
            json.member("type", "string")
            json.member("enum", values)
        case .integer(let range):
            json.member("type", "integer")
            if let range {
                json.member("minimum", range.lowerBound)
                if range.upperBound < .max { json.member("maximum", range.upperBound) }
            }
        case .number: json.member("type", "number")
        case .boolean: json.member("type", "boolean")
        case .null: json.member("type", "null")
        case .array(let element, let count):
            json.member("type", "array")
            json.key("items")
            element.encode(to: &json)
            if let count {
                if count.lowerBound > 0 { json.member("minItems", count.lowerBound) }
                json.member("maxItems", count.upperBound)
            }
        case .object(let properties):
            encodeObject(properties, to: &json)
        case .map(let element):
            json.member("type", "object")
            json.key("additionalProperties")
            element.encode(to: &json)
        case .any: break
        case .nullable(let schema):
            encodeChoice(of: schema, to: &json) { JSONSchema.null.encode(to: &$0) }
        case .either(let one, let other): encodeChoice(of: one, to: &json) { other.encode(to: &$0) }
        case .named(let name, _):
            json.member("$ref", "#/components/schemas/\(name)")
        }
    }

    private func encodeChoice(of schema: JSONSchema, to json: inout JSONWriter, or other: (inout JSONWriter) -> Void) {
        json.key("anyOf")
        json.beginArray()
        schema.encode(to: &json)
        other(&json)
        json.endArray()
    }

    private func encodeObject(_ properties: [Property], to json: inout JSONWriter) {
        let names = properties.map(\.name)
        precondition(Set(names).count == names.count, "a name stands twice in one declaration: \(names)")
        json.member("type", "object")
        json.key("properties")
        json.beginObject()
        for property in properties {
            json.key(property.name)
            property.schema.encode(to: &json)
        }
        json.endObject()
        let required = properties.filter(\.isRequired).map(\.name)
        if !required.isEmpty { json.member("required", required) }
        json.member("additionalProperties", false)
    }

    /// A value without the members that are not declared.
    public func declaredPart(of json: JSON) -> JSON {
        switch (self, json) {
        case (.named(_, let schema), _), (.nullable(let schema), _): schema.declaredPart(of: json)
        case (.array(let element, _), .array(let values)): .array(values.map(element.declaredPart))
        case (.map(let element), .object(let members)): .object(members.mapValues(element.declaredPart))
        case (.object(let properties), .object(let members)):
            .object(
                properties.reduce(into: [:]) { part, property in
                    part[property.name] = members[property.name].map(property.schema.declaredPart)
                })
        default: json
        }
    }

    /// All named schemas within this one, itself included.
    public func collectNamed(into schemas: inout [String: JSONSchema]) {
        switch self {
        case .named(let name, let schema):
            if schemas.updateValue(schema, forKey: name) == nil { schema.collectNamed(into: &schemas) }
        case .array(let element, _), .map(let element), .nullable(let element):
            element.collectNamed(into: &schemas)
        case .either(let one, let other):
            one.collectNamed(into: &schemas)
            other.collectNamed(into: &schemas)
        case .object(let properties):
            for property in properties { property.schema.collectNamed(into: &schemas) }
        case .string, .enumeration, .integer, .number, .boolean, .null, .any: break
        }
    }
}

extension JSONWriter {
    /// A key with its value.
    public mutating func member(_ name: String, _ value: some JSONEncodable) {
        key(name)
        value.encode(to: &self)
    }
}
