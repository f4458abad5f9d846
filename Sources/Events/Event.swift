import Kernel

/// Those who may see an event: everyone who sees a channel, the members of a server, or a user on all devices.
///
/// Snowflakes are unique across kinds, so the number alone says which.
public struct Audience: Hashable, Comparable, Sendable {
    public let id: Int64

    public init(id: Int64) { self.id = id }

    public static func channel(_ id: ChannelID) -> Audience { Audience(id: id.rawValue) }
    /// Those who may read a channel's messages, which takes `messages.read` besides seeing the channel. The channel's
    /// number with the other sign.
    public static func messages(of id: ChannelID) -> Audience { Audience(id: -id.rawValue) }
    /// Those who see all private threads of a channel by right; who is in one hears of it as of a channel. The channel's number
    /// with a bit that no number has which was made before 2058.
    public static func privateThreads(of id: ChannelID) -> Audience { Audience(id: id.rawValue ^ privateThreadBit) }
    /// Those of them who may read messages, too.
    public static func messages(inPrivateThreadsOf id: ChannelID) -> Audience {
        Audience(id: -(id.rawValue ^ privateThreadBit))
    }
    private static let privateThreadBit: Int64 = 1 << 62
    public static func server(_ id: ServerID) -> Audience { Audience(id: id.rawValue) }
    public static func user(_ id: UserID) -> Audience { Audience(id: id.rawValue) }

    public static func < (left: Audience, right: Audience) -> Bool { left.id < right.id }
}

/// A change of what the audience of a `.sight` event can see. What is gained is seen from the event after it on,
/// what is lost up to the event before it.
public struct SightChange: Sendable, Equatable {
    public let gained: [Audience]
    public let lost: [Audience]
    /// Users among the event's audience whom the change does not concern. Lets a change for nearly everyone in a large
    /// server be written down without naming them.
    public let except: [Audience]

    public init(gained: [Audience] = [], lost: [Audience] = [], except: [Audience] = []) {
        self.gained = gained
        self.lost = lost
        self.except = except
    }

    var payload: [UInt8] {
        var json = JSONWriter()
        json.beginObject()
        json.member("gained", gained.map(\.id))
        json.member("lost", lost.map(\.id))
        if !except.isEmpty { json.member("except", except.map(\.id)) }
        json.endObject()
        return json.bytes
    }

    init?(payload: [UInt8]) {
        guard let json = try? JSONParser.parse(payload) else { return nil }
        let audiences = { (key: String) in
            (json[key]?.array ?? []).compactMap(\.integer).map(Audience.init(id:))
        }
        self.init(gained: audiences("gained"), lost: audiences("lost"), except: audiences("except"))
    }
}

/// An entry of the log.
public struct Event: Sendable {
    /// The place in the total order; the gateway's `s`.
    public let position: Int64
    public let at: Timestamp
    public let name: EventName
    /// The bit that a bot's session must have asked for; none: everyone gets it.
    public let intent: Intents
    public let audiences: [Audience]
    public let subject: EventSubject
    /// The event's `d`, encoded once.
    public internal(set) var payload: [UInt8]

    public init(
        position: Int64, at: Timestamp, name: EventName, intent: Intents, audiences: [Audience],
        subject: EventSubject = .none, payload: [UInt8]
    ) {
        self.position = position
        self.at = at
        self.name = name
        self.intent = intent
        self.audiences = audiences
        self.subject = subject
        self.payload = payload
    }

    /// The same event with another `d`.
    public func with(payload: [UInt8]) -> Event {
        var event = self
        event.payload = payload
        return event
    }

    /// What a `.sight` event says.
    public var sightChange: SightChange? { name == .sight ? SightChange(payload: payload) : nil }
}
