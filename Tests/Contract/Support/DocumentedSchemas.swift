import Client
import Kernel

/// The schemas of a document (OpenAPI or AsyncAPI), and whether a value is as one of them says.
struct DocumentedSchemas {
    private let schemas: [String: JSON]

    init(of document: JSON) { schemas = document["components"]?["schemas"]?.object ?? [:] }

    /// - Throws: `SchemaMismatch` when the value has a field or a type that the schema does not.
    func check(_ value: JSON, _ schema: JSON, at place: String) throws {
        if let reference = schema["$ref"]?.string {
            let name = String(reference.split(separator: "/").last ?? "")
            guard let target = schemas[name] else { throw SchemaMismatch(description: "\(place): no schema \(name)") }
            return try check(value, target, at: place)
        }
        if let choices = schema["anyOf"]?.array {
            guard choices.contains(where: { (try? check(value, $0, at: place)) != nil }) else {
                throw SchemaMismatch(description: "\(place): fits no alternative")
            }
            return
        }
        switch (schema["type"]?.string, value) {
        case (nil, _), ("null", .null), ("boolean", .bool), ("number", .number), ("number", .integer): return
        case ("string", .string): try checkChoice(value, schema, at: place)
        case ("integer", .integer(let number)): try checkRange(number, schema, at: place)
        case ("array", .array(let elements)):
            for (index, element) in elements.enumerated() {
                try check(element, schema["items"] ?? .null, at: "\(place)[\(index)]")
            }
        case ("object", .object(let members)): try checkObject(members, schema, at: place)
        default: throw SchemaMismatch(description: "\(place) is not of type \(schema["type"]?.string ?? "?")")
        }
    }

    private func checkChoice(_ value: JSON, _ schema: JSON, at place: String) throws {
        guard schema["enum"]?.array?.contains(value) ?? true else {
            throw SchemaMismatch(description: "\(place): \(value.text) is none of the values")
        }
    }

    private func checkRange(_ number: Int64, _ schema: JSON, at place: String) throws {
        guard number >= schema["minimum"]?.integer ?? .min, number <= schema["maximum"]?.integer ?? .max else {
            throw SchemaMismatch(description: "\(place): \(number) is out of range")
        }
    }

    /// What the keys of a map lead to.
    private func other(_ schema: JSON) -> JSON? {
        schema["additionalProperties"].flatMap { $0.object == nil ? nil : $0 }
    }

    private func checkObject(_ members: [String: JSON], _ schema: JSON, at place: String) throws {
        let properties = schema["properties"]?.object ?? [:]
        for (name, member) in members {
            guard let property = properties[name] ?? other(schema) else {
                throw SchemaMismatch(description: "\(place).\(name) is not in the document")
            }
            try check(member, property, at: "\(place).\(name)")
        }
        for required in schema["required"]?.array ?? [] where members[required.string ?? ""] == nil {
            throw SchemaMismatch(description: "\(place) lacks \(required.string ?? "")")
        }
    }
}

struct SchemaMismatch: Error, CustomStringConvertible {
    let description: String
}
