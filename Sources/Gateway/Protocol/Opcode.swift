/// The `op` of a frame (contract: Gateway).
enum Opcode: Int64, CaseIterable, Sendable {
    case dispatch = 0
    case heartbeat = 1
    case identify = 2
    case presenceUpdate = 3
    case voiceStateUpdate = 4
    case resume = 6
    case reconnect = 7
    case requestGuildMembers = 8
    case invalidSession = 9
    case hello = 10
    case heartbeatAck = 11
    case serverStatus = 12
    case versionCheck = 13
    case voiceConnect = 20
    case voiceDisconnect = 21
    case voiceSDPOffer = 22
    case voiceSDPAnswer = 23
    case voiceICECandidate = 24
    case voiceSpeaking = 25
    case voiceQuality = 26
    case voiceKeys = 27
    case interactionCreate = 30
    case interactionResponse = 31
    case typingStart = 40
    case typingStop = 41

    /// Whether clients may have a reason to send it. Of a part that is not there they may think so of all of its ops.
    var isForServer: Bool {
        switch self {
        case .dispatch, .reconnect, .invalidSession, .hello, .heartbeatAck, .serverStatus: false
        case .heartbeat, .identify, .presenceUpdate, .voiceStateUpdate, .resume, .requestGuildMembers, .versionCheck,
            .voiceConnect, .voiceDisconnect, .voiceSDPOffer, .voiceSDPAnswer, .voiceICECandidate, .voiceSpeaking,
            .voiceQuality, .voiceKeys, .interactionCreate, .interactionResponse, .typingStart, .typingStop:
            true
        }
    }

    /// What the contract calls it.
    var name: String {
        switch self {
        case .dispatch: "DISPATCH"
        case .heartbeat: "HEARTBEAT"
        case .identify: "IDENTIFY"
        case .presenceUpdate: "PRESENCE_UPDATE"
        case .voiceStateUpdate: "VOICE_STATE_UPDATE"
        case .resume: "RESUME"
        case .reconnect: "RECONNECT"
        case .requestGuildMembers: "REQUEST_GUILD_MEMBERS"
        case .invalidSession: "INVALID_SESSION"
        case .hello: "HELLO"
        case .heartbeatAck: "HEARTBEAT_ACK"
        case .serverStatus: "SERVER_STATUS"
        case .versionCheck: "VERSION_CHECK"
        case .voiceConnect: "VOICE_CONNECT"
        case .voiceDisconnect: "VOICE_DISCONNECT"
        case .voiceSDPOffer: "VOICE_SDP_OFFER"
        case .voiceSDPAnswer: "VOICE_SDP_ANSWER"
        case .voiceICECandidate: "VOICE_ICE_CANDIDATE"
        case .voiceSpeaking: "VOICE_SPEAKING"
        case .voiceQuality: "VOICE_QUALITY"
        case .voiceKeys: "VOICE_KEYS"
        case .interactionCreate: "INTERACTION_CREATE"
        case .interactionResponse: "INTERACTION_RESPONSE"
        case .typingStart: "TYPING_START"
        case .typingStop: "TYPING_STOP"
        }
    }
}
