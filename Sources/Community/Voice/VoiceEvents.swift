import Events
import Kernel

/// VOICE_SERVER_UPDATE: how this device reaches the others.
struct VoiceServerEvent: JSONObjectEncodable {
    let channel: ChannelID
    let server: ServerID?
    /// The place of the device.
    let place: VoiceSessionID
    let mode: VoiceMode
    let servers: [ICEServer]
    let isEncrypted: Bool
    let epoch: Int

    static let shape = JSONShape<VoiceServerEvent>(
        "VoiceServerEvent",
        .field("channel_id", \.channel), .field("server_id", \.server), .field("session_id", \.place),
        .field("mode", \.mode.rawValue),
        .field("ice_servers", \.servers),
        .field("e2ee", \.isEncrypted), .field("epoch", \.epoch))
}

/// How media go from one to another.
enum VoiceMode: String {
    /// From each to each.
    case mesh
    /// Through a media server, which hands on what it can't read.
    case forwarding = "sfu"
}

/// VOICE_EPOCH: who is in a room from now on.
struct VoiceEpochEvent: JSONObjectEncodable {
    enum Cause: String {
        case join
        case leave
    }

    let channel: ChannelID
    let server: ServerID?
    let epoch: Int
    let cause: Cause
    /// Whether devices encrypt for each other: all of them can, and the channel does not forbid it.
    let isEncrypted: Bool
    let roster: [VoiceState.Device.Entry]

    static let shape = JSONShape<VoiceEpochEvent>(
        "VoiceEpochEvent",
        .field("channel_id", \.channel), .field("server_id", \.server), .field("epoch", \.epoch),
        .field("cause", \.cause.rawValue), .field("e2ee", \.isEncrypted),
        .field("roster", \.roster))
}

/// VOICE_SDP_OFFER and VOICE_SDP_ANSWER.
struct VoiceDescriptionEvent: JSONObjectEncodable {
    let channel: ChannelID
    let server: ServerID?
    /// Who says it.
    let peer: VoicePeer
    let sdp: String
    /// What is in the media sections; nil in an answer.
    let streams: [Stream]?
    let generation: Int

    struct Stream: JSONObjectEncodable {
        let mid: String
        let kind: String
        let user: UserID

        static let shape = JSONShape<Stream>(
            "VoiceStreamReport", .field("mid", \.mid), .field("kind", \.kind), .field("user_id", \.user))
    }

    static let shape = JSONShape<VoiceDescriptionEvent>(
        "VoiceDescriptionEvent",
        .field("channel_id", \.channel), .field("server_id", \.server), .field("pc", \.peer.text),
        .field("sdp", \.sdp),
        .field("streams", \.streams),
        .field("generation", \.generation))
}

/// VOICE_ICE_CANDIDATE.
struct VoiceCandidateEvent: JSONObjectEncodable {
    let channel: ChannelID
    let server: ServerID?
    let peer: UserID
    let candidate: String
    let mid: String?
    let line: Int?
    let generation: Int

    static let shape = JSONShape<VoiceCandidateEvent>(
        "VoiceCandidateEvent",
        .field("channel_id", \.channel), .field("server_id", \.server), .field("pc", \.peer),
        .field("candidate", \.candidate),
        .field("sdp_mid", \.mid), .field("sdp_mline_index", \.line), .field("generation", \.generation))
}

/// VOICE_SPEAKING.
struct VoiceSpeakingEvent: JSONObjectEncodable {
    let channel: ChannelID
    let server: ServerID?
    let user: UserID
    let speaking: Int

    static let shape = JSONShape<VoiceSpeakingEvent>(
        "VoiceSpeakingEvent",
        .field("channel_id", \.channel), .field("server_id", \.server), .field("user_id", \.user),
        .field("speaking", \.speaking))
}

/// VOICE_KEYS: the key of a sender, for one device.
struct VoiceKeyEvent: JSONObjectEncodable {
    let channel: ChannelID
    let server: ServerID?
    let epoch: Int
    let sender: UserID
    let senderDevice: String
    let sealed: String

    static let shape = JSONShape<VoiceKeyEvent>(
        "VoiceKeyEvent",
        .field("channel_id", \.channel), .field("server_id", \.server), .field("epoch", \.epoch),
        .field("from_user_id", \.sender),
        .field("from_device_id", \.senderDevice), .field("sealed", \.sealed))
}

extension Voice {
    package static let events: [EventDeclaration] = [
        .init(.voiceStateUpdate), .init(.voiceServerUpdate), .init(.voiceEpoch), .init(.voiceOffer),
        .init(.voiceAnswer), .init(.voiceCandidate), .init(.voiceSpeaking), .init(.voiceKeys),
    ]
}

extension Voice {
    /// What says that somebody is in a room, or is there otherwise.
    static let stateUpdate = EventKind.voiceStateUpdate.name
}

extension EventKind where Payload == VoiceState {
    static var voiceStateUpdate: Self {
        Self(
            "VOICE_STATE_UPDATE", intents: .always(.guildVoiceStates), heardBy: "who sees the channel, and oneself",
            "Somebody came to a voice channel, left it (`channel_id` is not there then) or is there otherwise.")
    }
}

extension TransientEventKind where Payload == VoiceServerEvent {
    static var voiceServerUpdate: Self {
        Self(
            "VOICE_SERVER_UPDATE", heardBy: "the device that has connected",
            "The media are open, and how the others are reached; with another mode all connections are made anew.")
    }
}

extension TransientEventKind where Payload == VoiceEpochEvent {
    static var voiceEpoch: Self {
        Self(
            "VOICE_EPOCH", heardBy: "the devices in the room",
            "Who is in the room from now on. Whoever came last makes offers to those before them.")
    }
}

extension TransientEventKind where Payload == VoiceDescriptionEvent {
    static var voiceOffer: Self {
        Self(
            "VOICE_SDP_OFFER", heardBy: "the device that it is for",
            "An offer from another device, or of the media server.")
    }

    static var voiceAnswer: Self {
        Self(
            "VOICE_SDP_ANSWER", heardBy: "the device that it is for",
            "An answer from another device, or of the media server.")
    }
}

extension TransientEventKind where Payload == VoiceCandidateEvent {
    static var voiceCandidate: Self {
        Self("VOICE_ICE_CANDIDATE", heardBy: "the device that it is for", "A way to another device.")
    }
}

extension TransientEventKind where Payload == VoiceSpeakingEvent {
    static var voiceSpeaking: Self {
        Self("VOICE_SPEAKING", heardBy: "the other devices in the room", "Somebody begins to speak, or has ended.")
    }
}

extension TransientEventKind where Payload == VoiceKeyEvent {
    static var voiceKeys: Self {
        Self("VOICE_KEYS", heardBy: "the device that it is sealed for", "The key of a sender.")
    }
}
