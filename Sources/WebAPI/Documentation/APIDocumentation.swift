import HTTPTypes
import Kernel
import NIOConcurrencyHelpers

/// The OpenAPI 3.1 document and the page that shows it, made from the routes.
public struct APIDocumentation: Sendable {
    private let documented: [Route]
    private let versions: ClientVersionPolicy

    public init(routes: [Route], versions: ClientVersionPolicy) {
        self.documented = routes.filter(\.isDocumented)
        self.versions = versions
    }

    /// `GET /openapi.json`, `GET /asyncapi.json` and `GET /docs`, all at the root.
    /// - Parameter asyncAPI: makes the document of the gateway, which stands beside this one.
    func routes(besides asyncAPI: @escaping @Sendable () -> [UInt8]) -> [Route] {
        let page = DocumentationPage.html
        return [
            Self.document("/openapi.json", "This document") { openAPI },
            Self.document("/asyncapi.json", "The same of the gateway", asyncAPI),
            .text(
                "/docs", "The API as a page", contentType: "text/html; charset=utf-8",
                contentSecurityPolicy: DocumentationPage.contentSecurityPolicy
            ) { page }.inMaintenance,
        ]
    }

    /// Made for who asks first: few servers are ever asked, and it is most of what a start would do.
    private static func document(
        _ path: String, _ summary: String, _ make: @escaping @Sendable () -> [UInt8]
    ) -> Route {
        let document = NIOLockedValueBox<String?>(nil)
        return .text(path, summary, contentType: "application/json") {
            document.withLockedValue { document in
                let made = document ?? String(decoding: make(), as: UTF8.self)
                document = made
                return made
            }
        }.inMaintenance
    }

    /// The OpenAPI 3.1 document.
    public var openAPI: [UInt8] {
        var json = JSONWriter(reservingCapacity: 1 << 16)
        json.beginObject()
        json.member("openapi", "3.1.0")
        json.key("info")
        json.beginObject()
        json.member("title", "Aviary")
        json.member("version", versions.server.description)
        json.member("description", "A self-hosted community chat server.")
        json.endObject()
        json.key("paths")
        encodePaths(to: &json)
        json.key("components")
        encodeComponents(to: &json)
        json.endObject()
        return json.bytes
    }

    private func encodePaths(to json: inout JSONWriter) {
        json.beginObject()
        var order: [String] = []
        for route in documented where !order.contains(route.fullPath) { order.append(route.fullPath) }
        let byPath = Dictionary(grouping: documented, by: \.fullPath)
        for path in order {
            json.key(path)
            json.beginObject()
            for route in byPath[path] ?? [] {
                json.key(route.method.rawValue.lowercased())
                encode(route, to: &json)
            }
            json.endObject()
        }
        json.endObject()
    }

    private func encode(_ route: Route, to json: inout JSONWriter) {
        let description = route.description
        json.beginObject()
        json.member("summary", description.summary)
        json.member("tags", [String(route.path.split(separator: "/").first ?? "root")])
        if route.access != .everyone {
            json.key("security")
            json.beginArray()
            json.raw(#"{"bearer":[]}"#.utf8)
            if route.access == .loggedIn, !route.isForPeople { json.raw(#"{"bot":[]}"#.utf8) }
            json.endArray()
        }
        encodeParameters(route, to: &json)
        if let body = description.body {
            json.key("requestBody")
            json.beginObject()
            json.member("required", true)
            encodeContent([description.bodyType], body, to: &json)
            json.endObject()
        }
        json.key("responses")
        encodeResponses(description, to: &json)
        json.endObject()
    }

    private func encodeParameters(_ route: Route, to json: inout JSONWriter) {
        let pathNames = route.path.split(separator: "/").filter { $0.hasPrefix("{") }
            .map { String($0.dropFirst().dropLast()) }
        guard !pathNames.isEmpty || !route.description.query.isEmpty else { return }
        json.key("parameters")
        json.beginArray()
        for name in pathNames {
            encodeParameter(name, in: "path", name.hasSuffix("id") ? .identifier : .string(), true, to: &json)
        }
        for property in route.description.query {
            encodeParameter(property.name, in: "query", property.schema, property.isRequired, to: &json)
        }
        json.endArray()
    }

    private func encodeParameter(
        _ name: String, in place: String, _ schema: JSONSchema, _ isRequired: Bool, to json: inout JSONWriter
    ) {
        json.beginObject()
        json.member("name", name)
        json.member("in", place)
        json.member("required", isRequired)
        json.key("schema")
        schema.encode(to: &json)
        json.endObject()
    }

    private func encodeResponses(_ description: Route.Description, to json: inout JSONWriter) {
        json.beginObject()
        for status in description.statuses {
            json.key(String(status.code))
            json.beginObject()
            json.member("description", status.reasonPhrase)
            if status != .noContent, status != .notModified {
                encodeContent(description.contentTypes, description.output, to: &json)
            }
            json.endObject()
        }
        let errors = Dictionary(grouping: description.errors, by: \.status)
        for status in errors.keys.sorted() {
            json.key(String(status))
            encodeError((errors[status] ?? []).map(\.message).joined(separator: " · "), to: &json)
        }
        json.key("default")
        encodeError("Any other error; always the same envelope", to: &json)
        json.endObject()
    }

    private func encodeError(_ text: String, to json: inout JSONWriter) {
        json.beginObject()
        json.member("description", text)
        encodeContent(["application/json"], APIError.schema, to: &json)
        json.endObject()
    }

    private func encodeContent(_ types: [String], _ schema: JSONSchema, to json: inout JSONWriter) {
        json.key("content")
        json.beginObject()
        for type in types {
            json.key(type)
            json.beginObject()
            json.key("schema")
            schema.encode(to: &json)
            json.endObject()
        }
        json.endObject()
    }

    private func encodeComponents(to json: inout JSONWriter) {
        var schemas: [String: JSONSchema] = [:]
        APIError.schema.collectNamed(into: &schemas)
        JSONSchema.identifier.collectNamed(into: &schemas)
        for route in documented {
            route.description.output.collectNamed(into: &schemas)
            route.description.body?.collectNamed(into: &schemas)
            for property in route.description.query { property.schema.collectNamed(into: &schemas) }
        }
        json.beginObject()
        json.key("schemas")
        json.beginObject()
        for name in schemas.keys.sorted() {
            json.key(name)
            schemas[name]?.encode(to: &json)
        }
        json.endObject()
        json.key("securitySchemes")
        json.beginObject()
        json.key("bearer")
        json.raw(#"{"type":"http","scheme":"bearer","description":"The token of a person's login."}"#.utf8)
        json.key("bot")
        json.raw(
            #"{"type":"apiKey","in":"header","name":"Authorization","description":"`Bot TOKEN`, of an application's bot."}"#
                .utf8)
        json.endObject()
        json.endObject()
    }
}
