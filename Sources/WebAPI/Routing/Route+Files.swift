import HTTPTypes
import Hummingbird
import Kernel

/// What a file route answers with.
public enum FileAnswer: Sendable {
    case file(ServedFile)
    /// It can be had elsewhere for a while.
    case elsewhere(String)
}

extension Route {
    /// A route for those who are logged in that takes a form with a file, read as it comes.
    /// - Parameters:
    ///   - file: the field of the file.
    ///   - fields: the form's other fields.
    public static func form<Output: JSONEncodable>(
        _ path: String, _ summary: String, file: String, fields: [JSONSchema.Property] = [], returns: Output.Type,
        statuses: [HTTPResponse.Status] = [.ok], errors: [ErrorKind] = [],
        handler: @escaping @Sendable (Caller, Call<Void, RequestContent>) async throws -> Reply<Output>
    ) -> Route {
        form(.loggedIn, path, summary, file, fields, returns, statuses, errors, handler)
    }

    /// The same for the instance's administrators.
    public static func administrativeForm<Output: JSONEncodable>(
        _ path: String, _ summary: String, file: String, fields: [JSONSchema.Property] = [], returns: Output.Type,
        statuses: [HTTPResponse.Status] = [.ok], errors: [ErrorKind] = [],
        handler: @escaping @Sendable (Caller, Call<Void, RequestContent>) async throws -> Reply<Output>
    ) -> Route { form(.administrator, path, summary, file, fields, returns, statuses, errors, handler) }

    private static func form<Output: JSONEncodable>(
        _ entry: RouteEntry<Caller>, _ path: String, _ summary: String, _ file: String,
        _ fields: [JSONSchema.Property], _ output: Output.Type, _ statuses: [HTTPResponse.Status],
        _ errors: [ErrorKind],
        _ handler: @escaping @Sendable (Caller, Call<Void, RequestContent>) async throws -> Reply<Output>
    ) -> Route {
        let properties = fields + [.init(file, .string(format: "binary"), isRequired: true)]
        return streaming(
            entry, .post, path, summary, .object(properties), "multipart/form-data", output, statuses,
            [.fileTooLarge, .invalidFileType] + errors, handler)
    }

    /// A route for those who are logged in whose body is bytes, read as they come.
    public static func octets<Output: JSONEncodable>(
        _ method: HTTPRequest.Method, _ path: String, _ summary: String, returns: Output.Type, errors: [ErrorKind] = [],
        handler: @escaping @Sendable (Caller, Call<Void, RequestContent>) async throws -> Reply<Output>
    ) -> Route {
        streaming(
            .loggedIn, method, path, summary, .string(format: "binary"), "application/octet-stream", returns, [.ok],
            errors,
            handler)
    }

    private static func streaming<Output: JSONEncodable>(
        _ entry: RouteEntry<Caller>, _ method: HTTPRequest.Method, _ path: String, _ summary: String,
        _ body: JSONSchema, _ bodyType: String,
        _ output: Output.Type, _ statuses: [HTTPResponse.Status], _ errors: [ErrorKind],
        _ handler: @escaping @Sendable (Caller, Call<Void, RequestContent>) async throws -> Reply<Output>
    ) -> Route {
        let description = Description(
            summary: summary, query: [], body: body, bodyType: bodyType, output: Output.schema,
            contentTypes: ["application/json"], statuses: statuses,
            errors: entry.errors + [.invalidInput] + errors)
        return Route(
            method: method, path: path, base: .version, policy: RoutePolicy(access: entry.access),
            description: description
        ) { request, surroundings in
            let caller = try await entry.enter(request, surroundings)
            let call = Call<Void, RequestContent>(
                query: (), body: RequestContent(request), client: surroundings.client, door: surroundings.door,
                logger: surroundings.logger, parameters: surroundings.parameters)
            return JSONResponse.make(try await handler(caller, call))
        }
    }

    /// A route for those who are logged in whose answer is a file.
    public static func download<Query>(
        _ path: String, _ summary: String, takes query: JSONInput<Query>, contentTypes: [String],
        errors: [ErrorKind] = [],
        handler: @escaping @Sendable (Caller, Call<Query, Void>) async throws -> FileAnswer
    ) -> Route {
        .file(
            path, summary, takes: query, contentTypes: contentTypes,
            errors: RouteEntry.loggedIn.errors + errors
        ) { caller, call in
            guard let caller else { throw APIError.authenticationRequired }
            return try await handler(caller, call)
        }
    }

    /// A route whose answer is a file. Who sends a token is known to the handler; the others may have a signed address.
    public static func file<Query>(
        _ path: String, _ summary: String, takes query: JSONInput<Query>, contentTypes: [String],
        errors: [ErrorKind] = [],
        handler: @escaping @Sendable (Caller?, Call<Query, Void>) async throws -> FileAnswer
    ) -> Route {
        let input = RouteInput<Query, Void>.query(query)
        let description = Description(
            summary: summary, query: query.properties, body: nil, output: .string(format: "binary"),
            contentTypes: contentTypes, statuses: [.ok, .partialContent, .notModified],
            errors: (query.properties.isEmpty ? [] : [.invalidInput]) + [.rangeNotSatisfiable] + errors)
        return Route(
            method: .get, path: path, base: .version, policy: RoutePolicy(access: .everyone), description: description
        ) { request, surroundings in
            var caller: Caller?
            if request.headers[.authorization] == nil {
                try await RouteEntry.everyone.enter(request, surroundings)
            } else {
                caller = try await RouteEntry.loggedIn.enter(request, surroundings)
            }
            let call = try await decode(request, input, surroundings)
            switch try await handler(caller, call) {
            case .file(let file): return try await file.response(to: request, on: surroundings.channel)
            case .elsewhere(let address):
                return Response(status: .found, headers: [.location: address, .cacheControl: "private, no-store"])
            }
        }
        .limited(only: .media)
    }
}
