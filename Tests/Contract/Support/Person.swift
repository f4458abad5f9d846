import Client
import Kernel
import NIOCore
import NIOHTTP1

/// Somebody with an account: what people do, in a line each.
struct Person: Sendable {
    static let password = "Correct horse 1!"
    static let newPassword = "Battery staple 2?"

    let server: TestServer
    let name: String
    let id: String
    let token: String

    /// Sends a request with the person's token.
    func send(
        _ method: HTTPMethod, _ path: String, _ body: JSON? = nil, headers: HTTPHeaders = [:]
    ) async throws -> HTTPReply {
        try await server.send(method, path, body, token: token, headers: headers)
    }

    /// Sends a request that has to succeed, and returns its JSON.
    @discardableResult
    func does(
        _ method: HTTPMethod, _ path: String, _ body: JSON? = nil, headers: HTTPHeaders = [:]
    ) async throws -> JSON {
        let reply = try await send(method, path, body, headers: headers)
        guard (200..<300).contains(reply.status) else { throw UnexpectedReply(reply) }
        return reply.json
    }

    /// Makes a server and returns it with its first text channel.
    func foundsServer(_ name: String = "Nest") async throws -> Community {
        let made = try await does(.POST, "/servers", ["name": .string(name)])
        return Community(
            id: try made.text("id"), general: try made.text("default_channel_id"), owner: self)
    }

    func joins(_ community: Community) async throws {
        let invite = try await community.owner.does(.POST, "/channels/\(community.general)/invites")
        try await does(.POST, "/channels/invites/\(try invite.text("code"))")
    }

    @discardableResult
    func says(_ content: String, in channel: String, nonce: String? = nil) async throws -> JSON {
        var body: [String: JSON] = ["content": .string(content)]
        if let nonce { body["nonce"] = .string(nonce) }
        return try await does(.POST, "/channels/\(channel)/messages", .object(body))
    }

    /// Opens a gateway session; READY has come when it returns.
    func listens(_ options: [String: JSON] = [:], path: String = "/gateway") async throws -> Listener {
        let socket = try await GatewaySocket.open(port: server.port, path: path)
        let listener = Listener(socket: socket)
        try await listener.identify(token: token, options)
        return listener
    }
}

/// A server with its first channel.
struct Community: Sendable {
    let id: String
    let general: String
    let owner: Person
}

/// A gateway session of somebody.
final class Listener: Sendable {
    let socket: GatewaySocket

    init(socket: GatewaySocket) { self.socket = socket }

    /// Waits for HELLO, identifies, and waits for READY.
    @discardableResult
    func identify(token: String, _ options: [String: JSON] = [:]) async throws -> JSON {
        _ = try await next(op: 10)
        let data = options.merging(["token": .string(token)]) { first, _ in first }
        try await socket.send(["op": 2, "d": .object(data)])
        let ready = try await hears("READY")
        // A long test is not taken for a client that has fallen silent.
        socket.beat(every: .seconds(20))
        return ready
    }

    /// The next message with that op; others may come before it, but answers to heartbeats do not make the wait longer.
    func next(op: Int64, timeout: TimeAmount = .seconds(120)) async throws -> JSON {
        let end = NIODeadline.now() + timeout
        while true {
            let message = try await socket.next(timeout: end - .now())
            if message["op"] == .integer(op) { return message }
        }
    }

    /// What goes on beside everything else. Tests that are about it ask for it by name.
    private static let background = ["PRESENCE_UPDATE", "GUILD_AUDIT_LOG_ENTRY_CREATE"]

    /// The next event, which must be of that kind; returns the whole frame.
    @discardableResult
    func hears(_ kind: String, timeout: TimeAmount = .seconds(120)) async throws -> JSON {
        var event = try await next(op: 0, timeout: timeout)
        while let name = event["t"]?.string, name != kind, Self.background.contains(name) {
            event = try await next(op: 0, timeout: timeout)
        }
        guard event["t"]?.string == kind else { throw UnexpectedEvent(expected: kind, event: event) }
        return event
    }

    /// The next event of that kind; others may come before it.
    @discardableResult
    func awaits(_ kind: String) async throws -> JSON {
        while true {
            let event = try await next(op: 0)
            if event["t"]?.string == kind { return event }
        }
    }

    /// Nothing comes until an event that is known to come later. More certain, and quicker, than to wait for silence.
    func hearsNothing(before kind: String, matching content: String) async throws {
        let event = try await hears(kind)
        guard event["d"]?["content"]?.string == content else { throw UnexpectedEvent(expected: content, event: event) }
    }
}

struct UnexpectedEvent: Error, CustomStringConvertible {
    let expected: String
    let event: JSON

    var description: String { "expected \(expected), got \(String(decoding: event.jsonBytes, as: UTF8.self))" }
}

extension JSON {
    /// A member that has to be a string.
    func text(_ key: String) throws -> String {
        guard let value = self[key]?.string else {
            throw UnexpectedEvent(expected: "a string at \(key)", event: self)
        }
        return value
    }

    subscript(index: Int) -> JSON? {
        guard let elements = array, elements.indices.contains(index) else { return nil }
        return elements[index]
    }

    var count: Int { array?.count ?? 0 }

    /// The error's message in the envelope.
    var errorMessage: String? { self["error"]?["message"]?.string }
}
