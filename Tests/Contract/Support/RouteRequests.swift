import Client
import Kernel
import NIOHTTP1

/// One operation of the OpenAPI document, and requests that are made for it from its declarations.
struct Operation: Sendable {
    let method: HTTPMethod
    /// Below `/api/v1`.
    let path: String
    let pathNames: [String]
    let query: [(name: String, schema: JSON, isRequired: Bool)]
    /// Every form of the body, where there are several; nil stands for none.
    let bodies: [JSON?]
    let needsLogin: Bool
    /// What it answers, as it declares.
    let statuses: Set<String>

    var name: String { "\(method) \(path)" }
}

extension OpenAPIDocument {
    /// Every operation below the API's base path, in a fixed order.
    var operations: [Operation] {
        var operations: [Operation] = []
        let paths = root["paths"]?.object ?? [:]
        for path in paths.keys.sorted() where path.hasPrefix("/api/v1/") {
            let methods = paths[path]?.object ?? [:]
            for method in methods.keys.sorted() {
                guard let operation = methods[method] else { continue }
                let parameters = operation["parameters"]?.array ?? []
                let body = operation["requestBody"]?["content"]?["application/json"]?["schema"]
                operations.append(
                    Operation(
                        method: HTTPMethod(rawValue: method.uppercased()),
                        path: String(path.dropFirst("/api/v1".count)),
                        pathNames: parameters.filter { $0["in"] == "path" }.compactMap { $0["name"]?.string },
                        query: parameters.filter { $0["in"] == "query" }.map {
                            ($0["name"]?.string ?? "", $0["schema"] ?? .null, $0["required"] == true)
                        },
                        bodies: body.map { schema in alternatives(schema).map(Optional.some) } ?? [nil],
                        needsLogin: operation["security"] != nil,
                        statuses: Set((operation["responses"]?.object ?? [:]).keys)))
            }
        }
        return operations
    }

    func resolved(_ schema: JSON) -> JSON {
        guard let name = schema["$ref"]?.string?.split(separator: "/").last else { return schema }
        return resolved(root["components"]?["schemas"]?[String(name)] ?? .null)
    }

    /// What a value may be, but nothing.
    func alternatives(_ schema: JSON) -> [JSON] {
        let schema = isIdentifier(schema) ? schema : resolved(schema)
        guard !isIdentifier(schema), let choices = schema["anyOf"]?.array else { return [schema] }
        return choices.filter { $0["type"] != "null" }.flatMap(alternatives)
    }

    func isIdentifier(_ schema: JSON) -> Bool { schema["$ref"]?.string?.hasSuffix("Snowflake") ?? false }
}

/// A place in a request at which an id, or any text, stands.
enum RequestField: Sendable, Hashable, CustomStringConvertible {
    case path(String)
    case query(String)
    /// Keys; `[]` stands for the first element of a list, `{}` for a key of a map.
    case body([String])

    var description: String {
        switch self {
        case .path(let name): "path \(name)"
        case .query(let name): "query \(name)"
        case .body(let keys): "body \(keys.joined(separator: "."))"
        }
    }

    /// What the field is called.
    var name: String {
        switch self {
        case .path(let name), .query(let name): name
        case .body(let keys): keys.last { $0 != "[]" } ?? "body"
        }
    }
}

/// Makes requests: every required field, and the optional ones that are asked for.
struct RequestMaker: Sendable {
    let document: OpenAPIDocument
    /// What stands in a field of a name, where the schema does not say enough.
    let values: [String: JSON]
    /// Optional fields without which an operation, by its name, does nothing.
    var needed: [String: [RequestField: JSON]] = [:]

    struct Request: Sendable {
        var path: String
        var body: JSON?
    }

    /// - Parameter replaced: what stands in some fields in place of what would.
    func request(_ operation: Operation, _ bodySchema: JSON?, _ replaced: [RequestField: JSON]) -> Request {
        let replaced = replaced.merging(needed[operation.name] ?? [:]) { given, _ in given }
        var path = operation.path
        for name in operation.pathNames {
            let value = replaced[.path(name)] ?? values[name] ?? "1"
            path = path.replacing("{\(name)}", with: Self.escaped(value))
        }
        var parts: [String] = []
        for (name, schema, isRequired) in operation.query {
            guard isRequired || replaced[.query(name)] != nil else { continue }
            let value = replaced[.query(name)] ?? value(schema, name, [], [:])
            parts.append("\(name)=\(Self.escaped(value))")
        }
        if !parts.isEmpty { path += "?" + parts.joined(separator: "&") }
        var bodies: [[String]: JSON] = [:]
        for case (.body(let keys), let value) in replaced { bodies[keys] = value }
        return Request(path: path, body: bodySchema.map { value($0, "body", [], bodies) })
    }

    private static func escaped(_ value: JSON) -> String {
        let text = value.string ?? value.text
        return text.utf8.map { byte in
            let isPlain =
                (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                || byte == 0x2D || byte == 0x5F || byte == 0x2E
            let digits = String(byte, radix: 16, uppercase: true)
            return isPlain ? String(Unicode.Scalar(byte)) : "%" + (digits.count == 1 ? "0" : "") + digits
        }.joined()
    }

    private func value(_ schema: JSON, _ name: String, _ place: [String], _ replaced: [[String]: JSON]) -> JSON {
        if let value = replaced[place] { return value }
        if document.isIdentifier(schema) { return values[name] ?? "1" }
        let schema = document.alternatives(schema).first ?? .null
        if document.isIdentifier(schema) { return values[name] ?? "1" }
        if schema["type"] != "object", schema["type"] != "array", let known = values[name] { return known }
        switch schema["type"]?.string {
        case "object": return object(schema, name, place, replaced)
        case "array":
            let inner = place + ["[]"]
            let count = max(
                Int(schema["minItems"]?.integer ?? 0), replaced.keys.contains(where: { $0.starts(with: inner) }) ? 1 : 0
            )
            // Further elements are other ones.
            return .array(
                (0..<count).map { index in
                    let value = value(schema["items"] ?? .null, name, inner, index == 0 ? replaced : [:])
                    return index > 0 && value.string != nil && !document.isIdentifier(schema["items"] ?? .null)
                        ? .string((value.string ?? "") + String(index)) : value
                })
        case "string": return string(schema)
        case "integer": return .integer(max(schema["minimum"]?.integer ?? 0, min(1, schema["maximum"]?.integer ?? 1)))
        case "number": return 1
        case "boolean": return true
        default: return .null
        }
    }

    private func object(_ schema: JSON, _ name: String, _ place: [String], _ replaced: [[String]: JSON]) -> JSON {
        if let element = schema["additionalProperties"], element.object != nil {
            let key = replaced[place + ["{}"]]?.string ?? values["{}"]?.string ?? "key"
            return .object([key: value(element, name, place + ["value"], replaced)])
        }
        let required = Set((schema["required"]?.array ?? []).compactMap(\.string))
        var members: [String: JSON] = [:]
        for (key, property) in schema["properties"]?.object ?? [:] {
            let inner = place + [key]
            guard required.contains(key) || replaced.keys.contains(where: { $0.starts(with: inner) }) else { continue }
            members[key] = value(property, key, inner, replaced)
        }
        return .object(members)
    }

    private func string(_ schema: JSON) -> JSON {
        if let first = schema["enum"]?.array?.first { return first }
        if schema["format"] == "date-time" { return "2026-01-31T12:00:00Z" }
        let length = max(Int(schema["minLength"]?.integer ?? 1), min(6, Int(schema["maxLength"]?.integer ?? 6)))
        return .string(String(repeating: "abcdef", count: length / 6 + 1).beginning(.scalars(length)))
    }

    // MARK: Where things stand

    /// Every field of a request at which something of a kind stands.
    func fields(_ operation: Operation, _ bodySchema: JSON?, where isWanted: (JSON) -> Bool) -> [RequestField] {
        var fields = operation.query.filter { parameter in
            document.alternatives(parameter.schema).contains(where: isWanted)
        }
        .map { RequestField.query($0.name) }
        if let bodySchema { collect(bodySchema, [], isWanted, &fields) }
        return fields
    }

    private func collect(_ schema: JSON, _ place: [String], _ isWanted: (JSON) -> Bool, _ fields: inout [RequestField])
    {
        for schema in document.alternatives(schema) {
            if isWanted(schema), !fields.contains(.body(place)) { fields.append(.body(place)) }
            if let items = schema["items"] { collect(items, place + ["[]"], isWanted, &fields) }
            for (key, property) in (schema["properties"]?.object ?? [:]).sorted(by: { $0.key < $1.key }) {
                collect(property, place + [key], isWanted, &fields)
            }
            if let element = schema["additionalProperties"], element.object != nil {
                fields.append(.body(place + ["{}"]))
                collect(element, place + ["value"], isWanted, &fields)
            }
        }
    }
}
