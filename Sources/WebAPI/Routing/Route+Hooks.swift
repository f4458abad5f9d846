import HTTPTypes
import Hummingbird
import Kernel
import NIOCore

/// What another system sends in its own way: JSON, or a form whose field `payload` is JSON.
public struct ForeignPayload: Sendable {
    public let json: JSON
    private let headers: HTTPFields

    init(json: JSON, headers: HTTPFields) {
        self.json = json
        self.headers = headers
    }

    /// The first value of a header.
    public func header(_ name: String) -> String? { HTTPField.Name(name).flatMap { headers[$0] } }
}

extension Route {
    /// Larger than a client's: other systems tell everything that they know. In bytes.
    private static let maximumForeign_bytes = 1024 * 1024

    /// A route for everyone that is called by another system in that system's way.
    /// - Parameter answer: the text that the other system wants to hear; nil for an answer without one.
    public static func hook<Query>(
        _ path: String, _ summary: String, takes query: JSONInput<Query>, answers answer: String?,
        errors: [ErrorKind] = [], handler: @escaping @Sendable (Call<Query, ForeignPayload>) async throws -> Void
    ) -> Route {
        let description = Description(
            summary: summary, query: query.properties, body: .any, output: .string(),
            contentTypes: ["text/plain"], statuses: [answer == nil ? .noContent : .ok], errors: [.invalidInput] + errors
        )
        return Route(
            method: .post, path: path, base: .version, policy: RoutePolicy(access: .everyone), description: description
        ) { request, surroundings in
            try surroundings.door.enter(surroundings.client)
            let known = try await decode(request, RouteInput<Query, Void>.query(query), surroundings)
            let call = Call(
                query: known.query, body: ForeignPayload(json: try await foreign(request), headers: request.headers),
                client: surroundings.client, door: surroundings.door, logger: surroundings.logger,
                parameters: surroundings.parameters)
            try await handler(call)
            guard let answer else { return Response(status: .noContent) }
            return Response(
                status: .ok, headers: [.contentType: "text/plain"],
                body: ResponseBody(byteBuffer: ByteBuffer(string: answer)))
        }
    }

    private static func foreign(_ request: Request) async throws -> JSON {
        let declared = request.headers[.contentLength].flatMap { Int($0) } ?? 0
        guard declared <= maximumForeign_bytes else { throw APIError.requestTooLarge }
        let body = try await request.body.collect(upTo: maximumForeign_bytes)
        var bytes = Array(body.readableBytesView)
        if request.headers[.contentType]?.lowercased().hasPrefix("application/x-www-form-urlencoded") == true {
            let fields = QueryText.parameters(of: String(decoding: bytes, as: UTF8.self))
            guard let payload = fields.first(where: { $0.name == "payload" }) else {
                throw APIError.invalidInput("payload", "is required")
            }
            bytes = Array(payload.value.utf8)
        }
        do {
            let json = try JSONParser.parse(bytes)
            guard json.object != nil else { throw APIError.malformed("must be a JSON object") }
            return json
        } catch let error as JSONSyntaxError {
            throw APIError.malformed("is not JSON: \(error.reason) at byte \(error.offset)")
        }
    }

    /// The same route, whose JSON comes as `application/json` and nothing more: widespread libraries compare the type as a whole, and
    /// JSON knows no charset (RFC 8259, section 11).
    public var withoutCharset: Route {
        let respond = respond
        return responding { request, surroundings in
            var response = try await respond(request, surroundings)
            if response.headers[.contentType]?.hasPrefix("application/json") == true {
                response.headers[.contentType] = "application/json"
            }
            return response
        }
    }
}
