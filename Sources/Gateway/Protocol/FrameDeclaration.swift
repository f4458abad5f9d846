import Kernel

/// A frame that is no event, as clients have to know it.
struct FrameDeclaration: Sendable {
    enum Sender { case client, server }

    let opcode: Opcode
    let sender: Sender
    /// The shape of `d`.
    let data: JSONSchema
    let summary: String

    private init(_ opcode: Opcode, from sender: Sender, _ data: JSONSchema, _ summary: String) {
        self.opcode = opcode
        self.sender = sender
        self.data = data
        self.summary = summary
    }

    private static let nothing = JSONSchema.null

    /// What this server takes and sends.
    static let all: [FrameDeclaration] = [
        .init(.hello, from: .server, hello, "The first frame of a connection."),
        .init(.heartbeatAck, from: .server, nothing, "A heartbeat has come."),
        .init(.invalidSession, from: .server, .boolean, "It can't be resumed: identify anew."),
        .init(
            .reconnect, from: .server, nothing,
            "This node ends, others go on: connect again and resume, without a wait."),
        .init(.serverStatus, from: .server, serverStatus, "A stop or a maintenance is near."),
        .init(.versionCheck, from: .server, versions, "Which versions the server talks to."),
        .init(
            .heartbeat, from: .client, .nullable(.integer()),
            "The client is there; `d` is the last `s`, or null."),
        .init(
            .identify, from: .client, IdentifyRequest.input.schema,
            "Begins a session. `intents` is a sum of the numbers in events.md."),
        .init(.resume, from: .client, ResumeRequest.input.schema, "Takes a session up again."),
        .init(
            .presenceUpdate, from: .client, ClientMessage.presence.schema,
            "How this device is used: online, idle, dnd or invisible."),
        .init(
            .requestGuildMembers, from: .client, GuildMembersRequest.input.schema,
            "Asks for members of a server, by a part of their names or by their ids. Bots get presences with GUILD_PRESENCES."
        ),
        .init(
            .versionCheck, from: .client, .nullable(ClientMessage.versionCheck.schema),
            "Asks which versions the server talks to."),
        .init(
            .voiceStateUpdate, from: .client, VoiceStateRequest.input.schema,
            "Takes a place in a voice channel, changes how one is there, or leaves it with null."),
        .init(
            .voiceConnect, from: .client, VoiceConnectRequest.input.schema,
            "Opens the media of the place that was taken."),
        .init(.voiceDisconnect, from: .client, VoiceRequest.place.schema, "Closes the media and leaves the place."),
        .init(
            .voiceSDPOffer, from: .client, VoiceSignal.offer.schema,
            "An offer (RFC 8866) for the other end `pc`: pub, sub or the id of a user."),
        .init(
            .voiceSDPAnswer, from: .client, VoiceSignal.answer.schema, "The answer to an offer of the same generation."),
        .init(
            .voiceICECandidate, from: .client, VoiceSignal.candidate.schema,
            "A way to reach this end (RFC 8838), or an empty one when there are no more."),
        .init(
            .voiceSpeaking, from: .client, VoiceRequest.speaking.schema,
            "Bits: 1 a voice, 2 the sound of a screen, 4 with priority."),
        .init(.voiceQuality, from: .client, VoiceRequest.quality.schema, "How a client finds the connection: a hint."),
        .init(
            .voiceKeys, from: .client, VoiceKeysRequest.input.schema,
            "The key of a sender, sealed for each device that may hear it."),
        .init(.typingStart, from: .client, ClientMessage.typing.schema, "One has begun to type."),
        .init(.typingStop, from: .client, ClientMessage.typing.schema, "One has stopped typing."),
    ]

    private static let hello = JSONSchema.named(
        "Hello", .object([.init("heartbeat_interval", .integer(range: 0...Int64.max), isRequired: true)]))

    private static let versions = JSONSchema.named(
        "Versions",
        .object([
            .init("client_version", .nullable(.string()), isRequired: true),
            .init("min_version", .string(), isRequired: true),
            .init("server_version", .string(), isRequired: true),
            .init("update_url", .nullable(.string()), isRequired: true),
        ]))

    private static let serverStatus = JSONSchema.named(
        "ServerStatus",
        .object([
            .init("state", .enumeration(GatewayStop.State.allCases.map(\.rawValue)), isRequired: true),
            .init("message", .string(), isRequired: true),
            .init("closing_in_seconds", .integer(range: 0...Int64.max), isRequired: true),
            .init("estimated_downtime_seconds", .integer(range: 0...Int64.max), isRequired: false),
            .init("restart_at", .timestamp, isRequired: false),
        ]))
}
