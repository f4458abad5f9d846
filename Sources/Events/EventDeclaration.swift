import Kernel

/// What a client has to know of a kind of event.
public struct EventDeclaration: Sendable {
    public let name: EventName
    /// The shape of `d`.
    public let payload: JSONSchema
    public let intentsInServers: Intents
    public let intentsInPrivate: Intents
    public let audience: String
    public let summary: String
    /// Whether it is in a replay.
    public let isLogged: Bool

    public init<Payload>(_ kind: EventKind<Payload>) { self.init(kind, isLogged: true) }

    public init<Payload>(_ kind: TransientEventKind<Payload>) { self.init(kind.kind, isLogged: false) }

    /// One that is sent to a single session as a part of the conversation with it.
    public init(answer name: EventName, _ payload: JSONSchema, heardBy audience: String, _ summary: String) {
        self.name = name
        self.payload = payload
        intentsInServers = []
        intentsInPrivate = []
        self.audience = audience
        self.summary = summary
        isLogged = false
    }

    private init<Payload>(_ kind: EventKind<Payload>, isLogged: Bool) {
        name = kind.name
        payload = Payload.schema
        intentsInServers = kind.intents.inServers
        intentsInPrivate = kind.intents.inPrivate
        audience = kind.audience
        summary = kind.summary
        self.isLogged = isLogged
    }
}
