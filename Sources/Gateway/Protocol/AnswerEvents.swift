import Events
import Kernel

/// The events that answer what a client has asked for. The gateway sends them, the features make most of what they say.
extension EventName {
    static let ready = EventName(rawValue: "READY")
    static let resumed = EventName(rawValue: "RESUMED")
    static let guildMembersChunk = EventName(rawValue: "GUILD_MEMBERS_CHUNK")
    static let voiceError = EventName(rawValue: "VOICE_ERROR")
}

extension Opcode {
    /// Of calls, which both sides send: what one client says comes to others under its own number.
    private static let relayed: [EventName: Opcode] = Dictionary(
        uniqueKeysWithValues: [
            Opcode.voiceSDPOffer, .voiceSDPAnswer, .voiceICECandidate, .voiceSpeaking, .voiceKeys, .voiceQuality,
        ].map { (EventName(rawValue: $0.name), $0) })

    /// Under which number clients are told of an event.
    static func telling(_ name: EventName) -> Opcode { relayed[name] ?? .dispatch }
}

extension EventDeclaration {
    public static let voiceError = EventDeclaration(
        answer: .voiceError, VoiceError.schema, heardBy: "who has asked",
        "What was wanted of voice is not done; the connection stays open.")

    /// - Parameter members: those that come from the features.
    public static func ready(_ members: [JSONSchema.Property]) -> EventDeclaration {
        EventDeclaration(
            answer: .ready, .named("Ready", .object(ServerFrame.readyMembers + members)),
            heardBy: "who has identified", "A session begins: what a first screen needs.")
    }

    public static func resumed(_ payload: JSONSchema) -> EventDeclaration {
        EventDeclaration(
            answer: .resumed, payload, heardBy: "who has resumed",
            "Everything that was missed has come. Says besides who has come or gone.")
    }

    public static func guildMembersChunk(_ payload: JSONSchema) -> EventDeclaration {
        EventDeclaration(
            answer: .guildMembersChunk, payload, heardBy: "who has asked", "What REQUEST_GUILD_MEMBERS asked for.")
    }
}
