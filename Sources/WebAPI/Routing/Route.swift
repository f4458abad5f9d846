import HTTPTypes
import Hummingbird
import Kernel
import Logging
import NIOCore

/// A route, declared once: where it is, what it takes and gives, and what it does. The server's router and its
/// documentation both come from these declarations.
public struct Route: Sendable {
    /// Who may call it.
    public enum Access: Sendable {
        case everyone
        case loggedIn
        case administrator
    }

    /// What its path stands below.
    public enum Base: Sendable {
        /// `/api/v1`
        case version
        /// `/`, as for pages and for what looks after servers.
        case root
    }

    /// What the router hands to a route besides the request.
    struct Surroundings: Sendable {
        let authenticator: any Authenticator
        let door: Door
        let largeAnswers: LargeAnswers
        let client: ClientInformation
        let logger: Logger
        let parameters: [String: String]
        /// The connection, where files may be sent without being read; nil with TLS.
        var channel: (any Channel)?
    }

    /// The documentation's view.
    struct Description: Sendable {
        let summary: String
        let query: [JSONSchema.Property]
        let body: JSONSchema?
        var bodyType = "application/json"
        let output: JSONSchema
        let contentTypes: [String]
        let statuses: [HTTPResponse.Status]
        var errors: [ErrorKind]
    }

    public let method: HTTPRequest.Method
    /// `/servers/{server_id}/channels`, below the base path.
    public let path: String
    let base: Base
    /// False for what is no part of the API, or only says that it is not there.
    public internal(set) var isDocumented = true
    private(set) var policy: RoutePolicy
    private(set) var description: Description
    private(set) var respond: @Sendable (Request, Surroundings) async throws -> Response
}

/// What a route reads besides its path.
public struct RouteInput<Query: Sendable, Body: Sendable>: Sendable {
    let query: JSONInput<Query>
    /// Nil when no body is read.
    let bodySchema: JSONSchema?
    let decodeBody: @Sendable (JSON) throws(APIError) -> Body
    /// Whether a form does as well, whose fields are all texts.
    var takesForms = false

    public static func both(query: JSONInput<Query>, body: JSONInput<Body>) -> Self {
        RouteInput(query: query, bodySchema: body.schema) { json throws(APIError) in
            guard let object = json.object else { throw .malformed("must be a JSON object") }
            return try body.decode(object)
        }
    }
}

extension RouteInput where Body == Void {
    public static func query(_ query: JSONInput<Query>) -> Self {
        RouteInput(query: query, bodySchema: nil) { _ throws(APIError) in }
    }
}

extension RouteInput where Query == Void {
    public static func body(_ body: JSONInput<Body>) -> Self { .both(query: .none, body: body) }

    /// A body of JSON, or a form with the same fields.
    public static func bodyOrForm(_ body: JSONInput<Body>) -> Self {
        var input = Self.body(body)
        input.takesForms = true
        return input
    }

    /// A body that is no object but, say, an array.
    public static func body(_ reader: JSONReader<Body>) -> Self {
        RouteInput(query: .none, bodySchema: reader.schema) { json throws(APIError) in
            try reader.value(of: json, named: "body")
        }
    }
}

extension RouteInput where Query == Void, Body == Void {
    public static var nothing: Self { .query(.none) }
}

extension Route {
    public var access: Access { policy.access }

    /// What its requests are counted in, besides everything that the caller does.
    public var bucket: RateLimitBucket? { policy.counting.bucket }

    /// Whether bots are kept out.
    public var isForPeople: Bool { policy.isForPeople }

    /// The same route, with a limit of its own.
    public func limited(by bucket: RateLimitBucket) -> Route {
        changed { $0.policy.counting = .withCaller(and: bucket) }
    }

    /// The same route, with a limit of its own that stands in place of the caller's others: a page full of pictures is no flood.
    public func limited(only bucket: RateLimitBucket) -> Route { changed { $0.policy.counting = .apart(bucket) } }

    /// The same route, with a limit of its own that the handler applies with `Call.count`.
    public func limitedByHandler(_ bucket: RateLimitBucket) -> Route {
        changed { $0.policy.counting = .byHandler(bucket) }
    }

    /// The same route, without any rate limit, as monitoring needs it.
    public var uncounted: Route { changed { $0.policy.counting = .never } }

    /// The same route, open to everybody also in maintenance.
    public var inMaintenance: Route { changed { $0.policy.worksInMaintenance = true } }

    /// The same route, whose answer the pages of all origins may read, and everybody keep for so many seconds.
    public func shared(seconds: Int) -> Route {
        let respond = respond
        return responding { request, surroundings in
            var response = try await respond(request, surroundings)
            response.headers[.accessControlAllowOrigin] = "*"
            response.headers[.cacheControl] = "public, max-age=\(seconds)"
            return response
        }
    }

    /// The same route, closed to bots, who are answered 403 `Permission denied`.
    public var forPeople: Route {
        changed {
            $0.policy.isForPeople = true
            if !$0.description.errors.contains(.permissionDenied) { $0.description.errors.append(.permissionDenied) }
        }
    }

    /// The same route, answering in another way.
    func responding(
        _ respond: @escaping @Sendable (Request, Surroundings) async throws -> Response
    ) -> Route { changed { $0.respond = respond } }

    private func changed(_ change: (inout Route) -> Void) -> Route {
        var route = self
        change(&route)
        return route
    }

    /// The largest JSON body that is read, in bytes. The longest message in the longest escapes fits easily.
    static let maximumBody_bytes = 256 * 1024

    /// A route for everyone.
    public static func open<Query, Body, Output: JSONEncodable>(
        _ method: HTTPRequest.Method, _ path: String, _ summary: String,
        takes input: RouteInput<Query, Body>, returns output: Output.Type,
        statuses: [HTTPResponse.Status] = [.ok], errors: [ErrorKind] = [], below base: Base = .version,
        handler: @escaping @Sendable (Call<Query, Body>) async throws -> Reply<Output>
    ) -> Route {
        json(.everyone, method, path, summary, input, output, statuses, errors, below: base) { try await handler($1) }
    }

    /// A route for those who are logged in.
    public static func authenticated<Query, Body, Output: JSONEncodable>(
        _ method: HTTPRequest.Method, _ path: String, _ summary: String,
        takes input: RouteInput<Query, Body>, returns output: Output.Type,
        statuses: [HTTPResponse.Status] = [.ok], errors: [ErrorKind] = [],
        handler: @escaping @Sendable (Caller, Call<Query, Body>) async throws -> Reply<Output>
    ) -> Route { json(.loggedIn, method, path, summary, input, output, statuses, errors, handler: handler) }

    /// A route for the instance's administrators: 403 `Admin access required` for others.
    public static func administrative<Query, Body, Output: JSONEncodable>(
        _ method: HTTPRequest.Method, _ path: String, _ summary: String,
        takes input: RouteInput<Query, Body>, returns output: Output.Type,
        statuses: [HTTPResponse.Status] = [.ok], errors: [ErrorKind] = [],
        handler: @escaping @Sendable (Caller, Call<Query, Body>) async throws -> Reply<Output>
    ) -> Route { json(.administrator, method, path, summary, input, output, statuses, errors, handler: handler) }

    private static func json<Who, Query, Body, Output: JSONEncodable>(
        _ entry: RouteEntry<Who>, _ method: HTTPRequest.Method, _ path: String, _ summary: String,
        _ input: RouteInput<Query, Body>, _ output: Output.Type,
        _ statuses: [HTTPResponse.Status], _ errors: [ErrorKind], below base: Base = .version,
        handler: @escaping @Sendable (Who, Call<Query, Body>) async throws -> Reply<Output>
    ) -> Route {
        let takesInput = !input.query.properties.isEmpty || input.bodySchema != nil
        let description = Description(
            summary: summary, query: input.query.properties, body: input.bodySchema, output: Output.schema,
            contentTypes: ["application/json"], statuses: statuses,
            errors: (takesInput && !errors.contains(.invalidInput) ? [.invalidInput] : []) + entry.errors + errors)
        return Route(
            method: method, path: path, base: base, policy: RoutePolicy(access: entry.access), description: description
        ) { request, surroundings in
            let who = try await entry.enter(request, surroundings)
            let reply = try await handler(who, try await decode(request, input, surroundings))
            guard let user = entry.user(who) else { return JSONResponse.make(reply) }
            return try JSONResponse.make(reply, to: request, by: user, surroundings.largeAnswers)
        }
    }

    /// A route for everyone whose answer is no JSON: a picture.
    public static func bytes<Query>(
        _ path: String, _ summary: String, takes query: JSONInput<Query>, contentTypes: [String],
        handler: @escaping @Sendable (Call<Query, Void>) async throws -> (contentType: String, bytes: [UInt8])
    ) -> Route {
        let input = RouteInput<Query, Void>.query(query)
        let description = Description(
            summary: summary, query: query.properties, body: nil, output: .string(),
            contentTypes: contentTypes, statuses: [.ok], errors: [.invalidInput])
        return Route(
            method: .get, path: path, base: .version, policy: RoutePolicy(access: .everyone), description: description
        ) { request, surroundings in
            try surroundings.door.enter(surroundings.client)
            let (contentType, bytes) = try await handler(try await decode(request, input, surroundings))
            return Response(
                status: .ok, headers: [.contentType: contentType],
                body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
        }
    }

    /// A route for everyone whose answer is a page for people. What comes with the request is not read.
    public static func page(
        _ method: HTTPRequest.Method, _ path: String, _ summary: String, errors: [ErrorKind],
        handler: @escaping @Sendable (Call<Void, Void>) async throws -> PlainPage
    ) -> Route {
        let description = Description(
            summary: summary, query: [], body: nil, output: .string(), contentTypes: ["text/html"], statuses: [.ok],
            errors: errors)
        return Route(
            method: method, path: path, base: .version, policy: RoutePolicy(access: .everyone), description: description
        ) { request, surroundings in
            try surroundings.door.enter(surroundings.client)
            let page = try await handler(try await decode(request, .query(.none), surroundings))
            var headers: HTTPFields = [.contentType: PlainPage.contentType]
            headers[.contentSecurityPolicy] = PlainPage.contentSecurityPolicy
            return Response(
                status: .ok, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(string: page.html)))
        }
    }

    /// A route whose answer is text rather than JSON: the documentation's page, the metrics.
    public static func text(
        _ path: String, _ summary: String, contentType: String, below base: Base = .root,
        contentSecurityPolicy: String? = nil, handler: @escaping @Sendable () async throws -> String
    ) -> Route {
        let description = Description(
            summary: summary, query: [], body: nil, output: .string(),
            contentTypes: [contentType], statuses: [.ok], errors: [])
        return Route(
            method: .get, path: path, base: base, policy: RoutePolicy(access: .everyone), description: description
        ) { _, surroundings in
            try surroundings.door.enter(surroundings.client)
            var headers: HTTPFields = [.contentType: contentType]
            headers[.contentSecurityPolicy] = contentSecurityPolicy
            return Response(
                status: .ok, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(string: try await handler())))
        }
    }

    /// A route of the contract that this server does not have: 503 `Module not available`.
    public static func notAvailable(_ method: HTTPRequest.Method, _ path: String) -> Route {
        let description = Description(
            summary: "Not available", query: [], body: nil, output: APIError.schema,
            contentTypes: ["application/json"], statuses: [], errors: [.moduleNotAvailable])
        return Route(
            method: method, path: path, base: .version, isDocumented: false,
            policy: RoutePolicy(access: .everyone), description: description
        ) { _, surroundings in
            try surroundings.door.enter(surroundings.client)
            throw APIError.moduleNotAvailable
        }
    }

    /// The same route, answering 503.
    public var switchedOff: Route { .notAvailable(method, path) }

    // MARK: Steps of a request

    static func decode<Query, Body>(
        _ request: Request, _ input: RouteInput<Query, Body>, _ surroundings: Surroundings
    ) async throws -> Call<Query, Body> {
        let parameters = input.query.properties.isEmpty ? [:] : try queryParameters(request)
        let body: JSON =
            if input.bodySchema == nil { .null } else if input.takesForms, let form = try await form(request) {
                form
            } else { try await json(request) }
        return Call(
            query: try input.query.decode(text: parameters), body: try input.decodeBody(body),
            client: surroundings.client, door: surroundings.door,
            logger: surroundings.logger, parameters: surroundings.parameters)
    }

    private static func queryParameters(_ request: Request) throws -> [String: String] {
        var parameters: [String: String] = [:]
        for (name, value) in QueryText.parameters(of: request.uri.query ?? "") {
            guard parameters.updateValue(value, forKey: name) == nil else {
                throw APIError.invalidInput(name, "stands more than once in the query")
            }
        }
        return parameters
    }

    /// The fields of a form; nil for what is none.
    private static func form(_ request: Request) async throws -> JSON? {
        let type = HeaderParameters.parse(request.headers[.contentType] ?? "").value
        var fields: [String: String] = [:]
        switch type {
        case "multipart/form-data":
            fields = try await RequestContent(request).readForm(files: [], limit_bytes: 0) { _ in }.fields
        case "application/x-www-form-urlencoded":
            let body = try await request.body.collect(upTo: maximumBody_bytes)
            for (name, value) in QueryText.parameters(of: String(buffer: body)) { fields[name] = value }
        default: return nil
        }
        return .object(fields.mapValues(JSON.string))
    }

    /// An absent body counts as an empty object, so that a route whose fields are all optional needs none.
    private static func json(_ request: Request) async throws -> JSON {
        let declared = request.headers[.contentLength].flatMap { Int($0) } ?? 0
        guard declared <= maximumBody_bytes else { throw APIError.requestTooLarge }
        let buffer = try await request.body.collect(upTo: maximumBody_bytes)
        guard buffer.readableBytes > 0 else { return .object([:]) }
        do {
            return try JSONParser.parse(buffer.readableBytesView)
        } catch {
            throw APIError.malformed("is not JSON: \(error.reason) at byte \(error.offset)")
        }
    }
}

/// JSON on its way out.
enum JSONResponse {
    static func make(_ reply: Reply<some JSONEncodable>) -> Response {
        guard let value = reply.value else { return Response(status: reply.status) }
        return make(value, status: reply.status)
    }

    static func make(_ value: some JSONEncodable, status: HTTPResponse.Status) -> Response {
        make(ByteBuffer(bytes: value.jsonBytes), status)
    }

    /// For somebody who may leave it lying.
    static func make(
        _ reply: Reply<some JSONEncodable>, to request: Request, by user: UserID, _ answers: LargeAnswers
    ) throws(APIError) -> Response {
        guard let value = reply.value else { return Response(status: reply.status) }
        let packed = value.keptText.flatMap { Compression.pack($0, for: request) }
        let bytes = ByteBuffer(bytes: packed ?? value.jsonBytes)
        var response = make(bytes, reply.status)
        if packed != nil {
            response.varies(with: "Accept-Encoding")
            response.headers[.contentEncoding] = "gzip"
        }
        return request.method == .get || request.method == .head
            ? try answers.countedIfThereIsRoom(response, bytes, for: user)
            : answers.counted(response, bytes, for: user)
    }

    private static func make(_ bytes: ByteBuffer, _ status: HTTPResponse.Status) -> Response {
        Response(
            status: status, headers: [.contentType: "application/json; charset=utf-8"],
            body: ResponseBody(byteBuffer: bytes))
    }
}
