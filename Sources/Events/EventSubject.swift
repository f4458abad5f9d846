import Kernel

/// What an event is about, beside its audience: a replay tells of it only while its reader can see all of this still.
public struct EventSubject: Sendable, Equatable {
    /// What must be visible. Nil: the audience that heard of it.
    var place: Audience?
    /// What the reader must be allowed in that place, which is a server or a channel then.
    var rights: [Permission] = []
    /// What must be visible besides: the channel in that server.
    var channel: Audience?
    /// The message, thread or account that must be there.
    public internal(set) var thing: Int64?
    /// The message that the payload quotes. If it is gone, so is the quotation.
    public internal(set) var quoted: Int64?

    public static let none = EventSubject()

    /// A message, which may quote another one.
    public static func message(_ id: MessageID, quoting quoted: MessageID? = nil) -> EventSubject {
        EventSubject(thing: id.rawValue, quoted: quoted?.rawValue)
    }

    public static func thread(_ id: ChannelID) -> EventSubject { EventSubject(thing: id.rawValue) }

    /// Somebody as they are: what was told of them before is past (`EventLog.forgetEarlier`).
    public static func user(_ id: UserID) -> EventSubject { EventSubject(thing: id.rawValue) }

    /// A thread that somebody is told of by name, and not where it is.
    public static func thread(_ id: ChannelID, seenIn place: Audience) -> EventSubject {
        EventSubject(place: place, thing: id.rawValue)
    }

    /// Something in a place that not everyone who is told can be expected to see later.
    public static func place(_ place: Audience?) -> EventSubject { EventSubject(place: place) }

    /// Something in a server that takes permissions to see, and sight of a channel if one is given.
    public static func right(
        _ permissions: Permission..., in server: ServerID, seeing channel: Audience? = nil
    ) -> EventSubject {
        EventSubject(place: .server(server), rights: permissions, channel: channel)
    }

    /// Something that takes permissions to see in the place that it is in.
    public static func right(_ permissions: Permission..., in place: Audience) -> EventSubject {
        EventSubject(place: place, rights: permissions)
    }

    /// The same, and a message besides.
    public func and(_ message: MessageID?) -> EventSubject {
        var subject = self
        subject.thing = message?.rawValue
        return subject
    }
}

/// What somebody sees at the end of a replay.
public struct SightNow: Sendable {
    public let audiences: Set<Audience>
    /// What they may do in each of their servers and channels.
    let permissions: [Audience: PermissionSet]

    public init(_ audiences: Set<Audience>, permissions: [Audience: PermissionSet] = [:]) {
        self.audiences = audiences
        self.permissions = permissions
    }

    /// - Parameter told: the audiences of the event.
    func shows(_ subject: EventSubject, toldTo told: [Audience]) -> Bool {
        guard let place = subject.place else { return told.contains(where: audiences.contains) }
        guard audiences.contains(place), subject.channel.map(audiences.contains) ?? true else { return false }
        return subject.rights.allSatisfy(permissions[place, default: []].contains)
    }
}
