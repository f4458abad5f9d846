import Client
import Kernel
import NIOHTTP1

/// What people do now and then: in a minute each reads a channel twice, acknowledges what they read twice, types 0.6 times, says
/// something 0.5 times, reacts 0.3 times, and comes online 0.05 times (a connection with READY, which ends again).
enum Deed: CaseIterable, Sendable {
    case read
    case acknowledge
    case type
    case say
    case react
    case comeOnline

    private var perMinute: Double {
        switch self {
        case .read: 2
        case .acknowledge: 2
        case .type: 0.6
        case .say: 0.5
        case .react: 0.3
        case .comeOnline: 0.05
        }
    }

    /// Of one person, all of them together.
    static var perSecond: Double { allCases.reduce(0) { $0 + $1.perMinute } / 60 }

    static func byChance() -> Deed {
        var share = Double.random(in: 0..<allCases.reduce(0) { $0 + $1.perMinute })
        return allCases.first { deed in
            share -= deed.perMinute
            return share < 0
        } ?? .read
    }

    func happen(in channel: String, by visitor: Visitor, on port: Int) async throws {
        switch self {
        case .read: try await visitor.fetch("/channels/\(channel)/messages?limit=50")
        case .acknowledge: try await visitor.send(.POST, "/channels/\(channel)/messages/ack")
        case .type: try await visitor.send(.POST, "/channels/\(channel)/typing")
        case .say:
            try await visitor.send(
                .POST, "/channels/\(channel)/messages", ["content": "something that people say to one another"])
        case .react:
            let newest = try await visitor.send(.GET, "/channels/\(channel)/messages?limit=1")
            guard let id = newest.array?.first?["id"]?.string else { return }
            try await visitor.send(.PUT, "/channels/\(channel)/messages/\(id)/reactions/%F0%9F%91%8D")
        case .comeOnline:
            let socket = try await GatewaySocket.connect(port: port, path: "/gateway")
            _ = try await socket.next()
            try await socket.send(["op": 2, "d": ["token": .string(visitor.token)]])
            // The first event tells all that there is.
            while try await socket.next()["op"] != 0 {}
            await socket.disconnect()
        }
    }
}

extension Visitor {
    /// Without looking into the answer.
    fileprivate func fetch(_ path: String) async throws {
        let reply = try await connection.send(.GET, "/api/v1" + path, headers: ["authorization": "Bearer \(token)"])
        guard reply.status == 200 else { throw Refused(reply: reply.text) }
    }
}
