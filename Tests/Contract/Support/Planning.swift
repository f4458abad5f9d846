import Client
import Kernel
import NIOHTTP1

/// A planned event and where it is asked for.
struct Plan: Sendable {
    let path: String
    let json: JSON

    var id: String { json["id"]?.string ?? "" }
    var start: Int64 { json["starts_at"]?.integer ?? 0 }
}

extension Person {
    /// Plans an event that begins in so many seconds and lasts an hour.
    func plans(
        _ name: String = "Meeting", in nest: Community, after seconds: Int64 = 86_400, _ more: [String: JSON] = [:]
    ) async throws -> Plan {
        let start = server.clock.now().seconds + seconds
        var draft: [String: JSON] = [
            "name": .string(name), "starts_at": .integer(start), "ends_at": .integer(start + 3600),
        ]
        if more["channel_id"] == nil { draft["location"] = "The park" }
        let json = try await does(.POST, "/servers/\(nest.id)/events", .object(draft.merging(more) { $1 }))
        return Plan(path: "/servers/\(nest.id)/events/\(try json.text("id"))", json: json)
    }

    @discardableResult
    func answers(_ plan: Plan, _ status: String = "going", _ more: [String: JSON] = [:]) async throws -> JSON {
        let body: [String: JSON] = ["status": .string(status)]
        return try await does(.PUT, "\(plan.path)/rsvp", .object(body.merging(more) { $1 }))
    }

    /// READY, as another device of one's own hears it.
    func readsReady() async throws -> JSON {
        let listener = Listener(socket: try await GatewaySocket.open(port: server.port, path: "/gateway"))
        return try await listener.identify(token: token)
    }

    /// What one was told of events, the newest first: what, and of what status.
    func isToldOfEvents() async throws -> [String] {
        let all = try await does(.GET, "/users/@me/notifications").array ?? []
        return all.compactMap { item in
            guard let type = item["type"]?.string, type.hasPrefix("event_") else { return nil }
            return "\(type) \(item["event"]?["status"]?.string ?? "")"
        }
    }
}
