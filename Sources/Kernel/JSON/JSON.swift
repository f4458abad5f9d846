/// A JSON value of unknown shape.
public enum JSON: Sendable, Equatable {
    case null
    case bool(Bool)
    case integer(Int64)
    case number(Double)
    case string(String)
    case array([JSON])
    case object([String: JSON])

    public var string: String? { if case .string(let value) = self { value } else { nil } }
    public var integer: Int64? { if case .integer(let value) = self { value } else { nil } }
    public var bool: Bool? { if case .bool(let value) = self { value } else { nil } }
    public var array: [JSON]? { if case .array(let value) = self { value } else { nil } }
    public var object: [String: JSON]? { if case .object(let value) = self { value } else { nil } }

    /// The value that a text says; nil for what is no JSON.
    public init?(text: String) {
        guard let value = try? JSONParser.parse(Array(text.utf8)) else { return nil }
        self = value
    }

    /// The value as a text.
    public var text: String { String(decoding: jsonBytes, as: UTF8.self) }

    /// The member of an object; nil when this is none or has no such key.
    public subscript(key: String) -> JSON? { object?[key] }
}

extension JSON: JSONEncodable {
    public static var schema: JSONSchema { .any }

    public func encode(to json: inout JSONWriter) {
        switch self {
        case .null: json.null()
        case .bool(let value): json.bool(value)
        case .integer(let value): json.integer(value)
        case .number(let value): json.number(value)
        case .string(let value): json.string(value)
        case .array(let elements): elements.encode(to: &json)
        case .object(let members):
            json.beginObject()
            for key in members.keys.sorted() {
                json.key(key)
                members[key]?.encode(to: &json)
            }
            json.endObject()
        }
    }
}
