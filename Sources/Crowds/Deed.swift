import Client
import Kernel
import NIOHTTP1

/// What people do now and then.
enum Deed: CaseIterable, Sendable {
    case read
    case acknowledge
    /// Reads on, further back.
    case scrollBack
    /// Goes to an old message that somebody has named.
    case jump
    case checkUnread
    case lookAtThreads
    /// One's own.
    case lookAtProfile
    case type
    case say
    /// Says something and changes it.
    case correct
    case react
    case searchMessages
    case searchPeople
    /// A connection with READY, which ends again.
    case comeOnline

    func happen(in channel: String, by visitor: Visitor, on port: Int) async throws {
        let messages = "/channels/\(channel)/messages"
        switch self {
        case .read: try await visitor.fetch("\(messages)?limit=50")
        case .acknowledge: try await visitor.send(.POST, "\(messages)/ack")
        case .scrollBack:
            guard let oldest = try await Self.newest(50, messages, visitor).last else { return }
            try await visitor.fetch("\(messages)?limit=50&before=\(oldest)")
        case .jump:
            guard let some = try await Self.newest(50, messages, visitor).randomElement() else { return }
            try await visitor.fetch("\(messages)?limit=50&around=\(some)")
        case .checkUnread: try await visitor.fetch("/users/@me/unread")
        case .lookAtThreads: try await visitor.fetch("/channels/\(channel)/threads")
        case .lookAtProfile: try await visitor.fetch("/users/@me")
        case .type: try await visitor.send(.POST, "/channels/\(channel)/typing")
        case .say: _ = try await Self.say(messages, visitor)
        case .correct:
            let id = try await Self.say(messages, visitor)
            try await visitor.send(.PATCH, "\(messages)/\(id)", ["content": "something better to say to one another"])
        case .react:
            guard let newest = try await Self.newest(1, messages, visitor).first else { return }
            try await visitor.send(.PUT, "\(messages)/\(newest)/reactions/%F0%9F%91%8D")
        case .searchMessages: try await visitor.fetch("\(messages)/search?content=people")
        case .searchPeople: try await visitor.fetch("/search/users?q=p\(Int.random(in: 0..<100))_")
        case .comeOnline:
            let socket = try await GatewaySocket.connect(port: port, path: "/gateway")
            _ = try await socket.next()
            try await socket.send(["op": 2, "d": ["token": .string(visitor.token)]])
            // The first event tells all that there is.
            while try await socket.next()["op"] != 0 {}
            await socket.disconnect()
        }
    }

    private static func say(_ messages: String, _ visitor: Visitor) async throws -> String {
        let said = try await visitor.send(.POST, messages, ["content": "something that people say to one another"])
        return said["id"]?.string ?? ""
    }

    /// The ids of the newest messages, newest first.
    private static func newest(_ limit: Int, _ messages: String, _ visitor: Visitor) async throws -> [String] {
        try await visitor.send(.GET, "\(messages)?limit=\(limit)").array?.compactMap { $0["id"]?.string } ?? []
    }
}

extension Visitor {
    /// Without looking into the answer.
    fileprivate func fetch(_ path: String) async throws {
        let reply = try await connection.send(.GET, "/api/v1" + path, headers: ["authorization": "Bearer \(token)"])
        guard reply.status == 200 else { throw Refused(reply: reply.text) }
    }
}
