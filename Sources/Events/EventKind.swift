import Kernel

/// A kind of event that the log keeps and clients are told of. Declared once, in the folder of its payload:
///
/// ```swift
/// extension EventKind where Payload == PollEvent {
///     static var pollUpdate: Self {
///         Self(
///             "POLL_UPDATE", intents: .inServers(.guildMessages, inPrivate: .directMessages),
///             heardBy: "who reads the channel", "Somebody voted, or the poll was closed.")
///     }
/// }
/// ```
///
/// What is emitted, documented and held against the frames of the tests comes from there.
public struct EventKind<Payload: JSONEncodable>: Sendable {
    public let name: EventName
    public let intents: EventIntents<Payload>
    let audience: String
    let summary: String

    /// - Parameters:
    ///   - intents: what a bot's session must have asked for.
    ///   - audience: who hears of it, for the documentation.
    ///   - summary: when it comes, in a sentence.
    public init(
        _ name: EventName, intents: EventIntents<Payload> = .none, heardBy audience: String, _ summary: String
    ) {
        self.name = name
        self.intents = intents
        self.audience = audience
        self.summary = summary
    }

    public init(_ name: String, intents: EventIntents<Payload> = .none, heardBy audience: String, _ summary: String) {
        self.init(EventName(rawValue: name), intents: intents, heardBy: audience, summary)
    }
}

/// A kind of event that is told to those who are there and kept nowhere, such as typing.
public struct TransientEventKind<Payload: JSONEncodable>: Sendable {
    let kind: EventKind<Payload>

    public init(_ name: String, intents: EventIntents<Payload> = .none, heardBy audience: String, _ summary: String) {
        kind = EventKind(name, intents: intents, heardBy: audience, summary)
    }

    private init(_ kind: EventKind<Payload>) { self.kind = kind }

    public var name: EventName { kind.name }
    public var intents: EventIntents<Payload> { kind.intents }

    /// The same event as it is told to the devices of the one whom it is about, whatever they asked for.
    public var toOwnDevices: Self { Self(EventKind(name, heardBy: kind.audience, kind.summary)) }
}

/// The intents that an event needs: always the same ones, or others in private channels than in servers.
public struct EventIntents<Payload: Sendable>: Sendable {
    let inServers: Intents
    let inPrivate: Intents
    private let isPrivate: @Sendable (Payload) -> Bool

    /// Everyone gets it.
    public static var none: Self { .always([]) }

    public static func always(_ intents: Intents) -> Self {
        EventIntents(inServers: intents, inPrivate: intents) { _ in false }
    }

    /// Only some of the payloads need intents: what comes out of private channels.
    public static func inPrivate(_ intents: Intents, if isPrivate: @escaping @Sendable (Payload) -> Bool) -> Self {
        EventIntents(inServers: [], inPrivate: intents, isPrivate: isPrivate)
    }

    private init(inServers: Intents, inPrivate: Intents, isPrivate: @escaping @Sendable (Payload) -> Bool) {
        self.inServers = inServers
        self.inPrivate = inPrivate
        self.isPrivate = isPrivate
    }

    public func needed(for payload: Payload) -> Intents { isPrivate(payload) ? inPrivate : inServers }
}

/// What an event says of something in a channel.
public protocol PlacedPayload: JSONEncodable {
    /// Nil in a private channel.
    var server: ServerID? { get }
}

extension EventIntents where Payload: PlacedPayload {
    public static func inServers(_ servers: Intents, inPrivate: Intents) -> Self {
        EventIntents(inServers: servers, inPrivate: inPrivate) { $0.server == nil }
    }
}
