import Client
import Kernel
import NIOHTTP1

extension HTTPReply {
    /// The status, and for an error its message: `403 Access denied`. Says so when the envelope does not hold.
    var outcome: String {
        guard status >= 400 else { return "\(status)" }
        guard let error = json["error"], let message = error["message"]?.string else {
            return "\(status) without an envelope: \(text)"
        }
        let isConsistent = error["code"] == .integer(Int64(status)) || error["code"]?.string != nil
        return "\(status) \(message)" + (isConsistent ? "" : " (wrong code)")
    }

    /// The fields that the error's details name.
    var issues: [String] { (json["error"]?["details"]?.array ?? []).compactMap { $0["field"]?.string } }
}

extension TestServer {
    /// What becomes of a request without a token.
    func outcome(_ method: HTTPMethod, _ path: String, _ body: JSON? = nil) async throws -> String {
        try await send(method, path, body).outcome
    }
}

extension Person {
    /// What becomes of a request.
    func outcome(_ method: HTTPMethod, _ path: String, _ body: JSON? = nil) async throws -> String {
        try await send(method, path, body).outcome
    }

    /// The same person on another device.
    func onAnotherDevice(password: String = Person.password) async throws -> Person {
        let reply = try await server.send(
            .POST, "/auth/login", ["username": .string(name), "password": .string(password)])
        guard reply.status == 200 else { throw UnexpectedReply(reply) }
        return Person(server: server, name: name, id: id, token: try reply.json.text("token"))
    }

    func invites(to community: Community, _ options: JSON = [:]) async throws -> String {
        try await does(.POST, "/channels/\(community.general)/invites", options).text("code")
    }

    /// Makes a channel and returns its id.
    func opensChannel(_ name: String, in community: Community, _ options: [String: JSON] = [:]) async throws -> String {
        let draft = options.merging(["name": .string(name)]) { first, _ in first }
        return try await does(.POST, "/servers/\(community.id)/channels", .object(draft)).text("id")
    }

    /// The texts of a channel's messages, newest first.
    func reads(_ channel: String, _ query: String = "") async throws -> [String] {
        let page = try await does(.GET, "/channels/\(channel)/messages\(query)")
        return (page.array ?? []).compactMap { $0["content"]?.string }
    }
}

extension JSON {
    var keys: Set<String> { Set(object?.keys.map { $0 } ?? []) }

    /// Such a member of each element.
    func column(_ key: String) -> [String] { (array ?? []).compactMap { $0[key]?.string } }
}

/// Runs `body` as often as told, all at once, and returns what became of each.
func atOnce<Result: Sendable>(
    _ times: Int, _ body: @escaping @Sendable (Int) async throws -> Result
) async throws -> [Result] {
    try await withThrowingTaskGroup(of: Result.self) { group in
        for index in 0..<times { group.addTask { try await body(index) } }
        return try await group.reduce(into: []) { $0.append($1) }
    }
}
