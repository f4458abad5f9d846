import Events
import Kernel
import NIOCore

/// Where an event belongs when a bot's events are divided among its sessions, which stands in the event itself.
enum EventHome: Equatable {
    case server(ServerID)
    /// A private channel, or nothing but its reader.
    case nowhere
    /// What it is about is seen in several places, as people are: it belongs where it is heard.
    case anywhere

    /// - Parameter data: the event's `d`.
    init(_ name: String, _ data: JSON) {
        let named = data["server_id"]
        if let id = named.flatMap(Self.identifier) {
            self = .server(id)
        } else if named != nil {
            self = .nowhere
        } else if name.hasPrefix("GUILD_"), let id = (data["id"] ?? data["server"]?["id"]).flatMap(Self.identifier) {
            // These are about the server itself.
            self = .server(id)
        } else {
            self = .anywhere
        }
    }

    init(_ event: Event) {
        self.init(event.name.rawValue, (try? JSONParser.parse(event.payload)) ?? .null)
    }

    init(_ frame: EventFrame) {
        let json = (try? JSONParser.parse(Array(frame.payload.readableBytesView))) ?? .null
        self.init(json["t"]?.string ?? "", json["d"] ?? .null)
    }

    private static func identifier(_ json: JSON) -> ServerID? { json.string.flatMap { try? ServerID(parsing: $0) } }
}

/// A session that takes a part of its user's events.
struct ShardedReader: Equatable {
    let shard: SessionShard
    let user: Audience

    /// Nil for a session that takes all.
    init?(_ identity: GatewayIdentity) {
        guard let shard = identity.shard, shard.count > 1 else { return nil }
        self.shard = shard
        user = .user(identity.user)
    }

    /// Whether an event is this session's, as one of its audiences.
    func takes(_ home: EventHome, as audience: Audience, _ intent: UInt32) -> Bool {
        switch home {
        case .server(let server): shard.contains(server)
        case .nowhere: shard.isFirst
        case .anywhere:
            if audience != user {
                shard.contains(ServerID(rawValue: audience.id))
            } else {
                // Presences that one of the sessions has asked for are told on each.
                shard.isFirst || intent & Intents.guildPresences.bits != 0
            }
        }
    }
}
