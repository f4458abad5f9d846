import HTTPTypes
import Kernel
import Logging

/// One request, decoded: what a route's handler works on.
public struct Call<Query: Sendable, Body: Sendable>: Sendable {
    public let query: Query
    public let body: Body
    public let client: ClientInformation
    public let logger: Logger
    private let door: Door
    private let parameters: [String: String]

    init(
        query: Query, body: Body, client: ClientInformation, door: Door, logger: Logger,
        parameters: [String: String]
    ) {
        self.query = query
        self.body = body
        self.client = client
        self.door = door
        self.logger = logger
        self.parameters = parameters
    }

    /// The identifier that stands in the path at `{name}`.
    /// - Throws: the kind's `Invalid … ID`.
    public func id<Kind>(
        _ name: String, _ kind: Identifier<Kind>.Type = Identifier<Kind>.self
    ) throws(APIError) -> Identifier<Kind> {
        try Identifier(parsing: parameters[name] ?? "")
    }

    /// Counts the request, for a route that is `limitedByHandler`.
    /// - Throws: `Rate limited`.
    public func count() throws { try door.count(client) }

    /// The same for somebody who is logged in.
    public func count(for caller: Caller) throws { try door.count(caller) }

    /// The text that stands in the path at `{name}`, percent-decoded. In place of U+0000, which nothing that is kept has and
    /// PostgreSQL refuses even to look for, it has U+FFFD.
    public func text(_ name: String) -> String { (parameters[name] ?? "").replacing("\0", with: "\u{FFFD}") }
}

/// A handler's answer.
public struct Reply<Value: Sendable>: Sendable {
    let status: HTTPResponse.Status
    /// Nil for an answer without a body.
    let value: Value?

    /// 204: done, and nothing to say.
    public static var noContent: Reply { Reply(status: .noContent, value: nil) }

    public static func ok(_ value: Value) -> Reply { Reply(status: .ok, value: value) }
    public static func created(_ value: Value) -> Reply { Reply(status: .created, value: value) }
}

/// `{"success":true}`.
public struct Success: JSONObjectEncodable {
    public init() {}

    public static let shape = JSONShape<Success>("Success", .field("success") { _ in true })
}

extension Reply where Value == Success {
    public static var success: Reply { .ok(Success()) }
}
