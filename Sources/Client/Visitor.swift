import Kernel
import NIOHTTP1

/// An account for measurements, with a connection that is kept.
public struct Visitor: Sendable {
    public static let password = "Correct horse 1!"

    public let connection: HTTPConnection
    public let token: String

    /// The server said no.
    public struct Refused: Error {
        public let reply: String

        public init(reply: String) { self.reply = reply }
    }

    public init(connection: HTTPConnection, token: String) {
        self.connection = connection
        self.token = token
    }

    public static func register(_ name: String, on port: Int) async throws -> Visitor {
        let connection = try await HTTPConnection.connect(port: port)
        let body: JSON = [
            "username": .string(name), "email": .string("\(name)@example.org"), "password": .string(password),
        ]
        let reply = try await connection.send(.POST, "/api/v1/auth/register", body: body.jsonBytes)
        guard let token = reply.json["token"]?.string else { throw Refused(reply: reply.text) }
        return Visitor(connection: connection, token: token)
    }

    @discardableResult
    public func send(_ method: HTTPMethod, _ path: String, _ body: JSON? = nil) async throws -> JSON {
        let reply = try await connection.send(
            method, "/api/v1" + path, headers: ["authorization": "Bearer \(token)"], body: body?.jsonBytes)
        guard (200..<300).contains(reply.status) else { throw Refused(reply: reply.text) }
        return reply.json
    }

    /// Makes a server; returns its first text channel.
    public func foundServer() async throws -> String {
        try await send(.POST, "/servers", ["name": "Bench"])["default_channel_id"]?.string ?? ""
    }

    public func invite(to channel: String) async throws -> String {
        try await send(.POST, "/channels/\(channel)/invites", [:])["code"]?.string ?? ""
    }
}
