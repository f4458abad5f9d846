import Aviary
import Chat
import Client
import Kernel
import NIOHTTP1
import WebAPI

/// The server's own OpenAPI document, against which the tests hold every answer that they get.
struct OpenAPIDocument: Sendable {
    let root: JSON
    /// By their methods and the numbers of their segments; those with the fewest placeholders come first.
    private let byShape: [OperationShape: [DocumentedOperation]]

    init(root: JSON) {
        self.root = root
        let all = (root["paths"]?.object ?? [:]).flatMap { template, methods in
            (methods.object ?? [:]).map { DocumentedOperation(method: $0, template: template, description: $1) }
        }
        byShape = Dictionary(grouping: all, by: \.shape).mapValues {
            $0.sorted { $0.placeholders < $1.placeholders }
        }
    }

    private struct OperationShape: Hashable {
        let method: String
        let segments: Int
    }

    private struct DocumentedOperation {
        let shape: OperationShape
        let segments: [Substring]
        let placeholders: Int
        let description: JSON

        init(method: String, template: String, description: JSON) {
            segments = template.split(separator: "/")
            shape = OperationShape(method: method, segments: segments.count)
            placeholders = template.count { $0 == "{" }
            self.description = description
        }

        func fits(_ path: [Substring]) -> Bool {
            zip(segments, path).allSatisfy { $0.hasPrefix("{") || $0 == $1 }
        }
    }

    /// Of all routes. That a server shows the same is a test of its own; to read it anew for each would take most of their time.
    static let shared = OpenAPIDocument(
        root: JSON(
            text: String(
                decoding: APIDocumentation(
                    routes: Chat.documentedRoutes,
                    versions: ClientVersionPolicy(
                        server: LoadedSettings.programVersion, minimum: LoadedSettings.programVersion, updateURL: nil)
                ).openAPI, as: UTF8.self)) ?? .null)

    struct Mismatch: Error, CustomStringConvertible {
        let description: String
    }

    /// - Throws: `Mismatch` when the answer has a status, a field or a type that the document does not.
    func check(_ reply: HTTPReply, _ method: HTTPMethod, _ path: String) throws {
        guard reply.headers.first(name: "content-type")?.hasPrefix("application/json") == true,
            // A file is what it is.
            reply.headers.first(name: "content-disposition") == nil
        else { return }
        let path = String(path.prefix { $0 != "?" })
        let schema: JSON
        if reply.status >= 400 {
            schema = ["$ref": "#/components/schemas/Error"]
        } else if path == "/openapi.json" {
            return
        } else {
            let operation = try operation(method, path)
            guard
                let found = operation["responses"]?[String(reply.status)]?["content"]?["application/json"]?["schema"]
            else { throw Mismatch(description: "\(method) \(path): status \(reply.status) is not in the document") }
            schema = found
        }
        try check(reply.json, schema, at: "\(method) \(path) \(reply.status): ")
    }

    private func operation(_ method: HTTPMethod, _ path: String) throws -> JSON {
        let segments = path.split(separator: "/")
        let shape = OperationShape(method: method.rawValue.lowercased(), segments: segments.count)
        guard let operation = byShape[shape]?.first(where: { $0.fits(segments) }) else {
            throw Mismatch(description: "\(method) \(path) is not in the document")
        }
        return operation.description
    }

    private func check(_ value: JSON, _ schema: JSON, at place: String) throws {
        if let reference = schema["$ref"]?.string {
            let name = String(reference.split(separator: "/").last ?? "")
            guard let target = root["components"]?["schemas"]?[name] else {
                throw Mismatch(description: "\(place): no schema \(name)")
            }
            return try check(value, target, at: place)
        }
        if let choices = schema["anyOf"]?.array {
            guard choices.contains(where: { (try? check(value, $0, at: place)) != nil }) else {
                throw Mismatch(description: "\(place): fits no alternative")
            }
            return
        }
        switch (schema["type"]?.string, value) {
        case (nil, _), ("null", .null), ("string", .string), ("integer", .integer), ("boolean", .bool),
            ("number", .number), ("number", .integer):
            return
        case ("array", .array(let elements)):
            for (index, element) in elements.enumerated() {
                try check(element, schema["items"] ?? .null, at: "\(place)[\(index)]")
            }
        case ("object", .object(let members)): try checkObject(members, schema, at: place)
        default: throw Mismatch(description: "\(place) is not of type \(schema["type"]?.string ?? "?")")
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
                throw Mismatch(description: "\(place).\(name) is not in the document")
            }
            try check(member, property, at: "\(place).\(name)")
        }
        for required in schema["required"]?.array ?? [] where members[required.string ?? ""] == nil {
            throw Mismatch(description: "\(place) lacks \(required.string ?? "")")
        }
    }
}
