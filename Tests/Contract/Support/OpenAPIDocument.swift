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
        let template: String
        let segments: [Substring]
        let placeholders: Int
        let description: JSON

        init(method: String, template: String, description: JSON) {
            self.template = template
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
    static let shared: OpenAPIDocument = {
        let versions = ClientVersionPolicy(
            server: LoadedSettings.programVersion, minimum: LoadedSettings.programVersion, updateURL: nil)
        let document = APIDocumentation(routes: Instance.documentedRoutes, versions: versions).openAPI
        do {
            return OpenAPIDocument(root: try JSONParser.parse(document))
        } catch {
            fatalError("the OpenAPI document is not JSON: \(error)")
        }
    }()

    /// - Throws: `SchemaMismatch` when the answer has a status, a field or a type that the document does not.
    func check(_ reply: HTTPReply, _ method: HTTPMethod, _ path: String) throws {
        guard reply.headers.first(name: "content-type")?.hasPrefix("application/json") == true,
            // A file is what it is, and what is packed is the same as what is not.
            reply.headers.first(name: "content-disposition") == nil, reply.headers["content-encoding"].isEmpty
        else { return }
        let path = String(path.prefix { $0 != "?" })
        let schema: JSON
        if reply.status >= 400 {
            schema = ["$ref": "#/components/schemas/Error"]
        } else if path == "/openapi.json" || path == "/asyncapi.json" {
            return
        } else {
            let operation = try operation(method, path)
            guard
                let found = operation["responses"]?[String(reply.status)]?["content"]?["application/json"]?["schema"]
            else {
                throw SchemaMismatch(description: "\(method) \(path): status \(reply.status) is not in the document")
            }
            schema = found
        }
        try DocumentedSchemas(of: root).check(reply.json, schema, at: "\(method) \(path) \(reply.status): ")
    }

    private func operation(_ method: HTTPMethod, _ path: String) throws -> JSON {
        guard let operation = documented(method, path) else {
            throw SchemaMismatch(description: "\(method) \(path) is not in the document")
        }
        return operation.description
    }

    private func documented(_ method: HTTPMethod, _ path: String) -> DocumentedOperation? {
        let segments = path.split(separator: "/")
        let shape = OperationShape(method: method.rawValue.lowercased(), segments: segments.count)
        return byShape[shape]?.first { $0.fits(segments) }
    }

    /// Writes down that a route had an answer of that status.
    func note(_ reply: HTTPReply, _ method: HTTPMethod, _ path: String) {
        guard let operation = documented(method, String(path.prefix { $0 != "?" })) else { return }
        Sightings.current?.note("\(method.rawValue) \(operation.template) \(reply.status)")
    }
}
