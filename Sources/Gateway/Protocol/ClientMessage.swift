import Events
import Kernel

/// IDENTIFY, decoded.
struct IdentifyRequest: Sendable, Equatable {
    let token: String
    /// Nil: everything that the user may see.
    let intents: Int?
    let wantsCompression: Bool
    let clientVersion: String?
    /// `[index, count]`, as the client wrote it.
    let shard: JSON?

    static let input = JSONInput<IdentifyRequest>(
        "Identify",
        .required("token", .string(0...4096)),
        .optional("intents", .integer(Int.min...Int.max)),
        .optional("compress", .bool),
        .optional("client_version", .string(0...256)),
        .optional("shard", writtenShard)
    ) { token, intents, compress, version, shard throws(APIError) in
        IdentifyRequest(
            token: token, intents: intents, wantsCompression: compress ?? false, clientVersion: version, shard: shard)
    }

    /// What is none has a close code of its own.
    private static let writtenShard = JSONReader<JSON>(.array(of: .integer(), count: 2...2)) { .success($0) }
}

/// RESUME, decoded.
struct ResumeRequest: Sendable, Equatable {
    let token: String
    let sessionID: String
    let sequence: Int64

    static let input = JSONInput<ResumeRequest>(
        "Resume",
        .required("token", .string(0...4096)),
        .required("session_id", .string(0...512)),
        .required("seq", .integer(0...Int.max))
    ) { token, sessionID, sequence throws(APIError) in
        ResumeRequest(token: token, sessionID: sessionID, sequence: Int64(sequence))
    }
}

extension GuildMembersRequest {
    static let input = JSONInput<GuildMembersRequest>(
        "RequestGuildMembers",
        .required("server_id", .id(ServerID.self)),
        .optional("query", .string(0...100)),
        .optional("limit", .integer(1...1000)),
        .optional("user_ids", .array(of: .id(UserID.self), count: 0...1000)),
        .optional("presences", .bool),
        .optional("nonce", .string(0...64))
    ) { server, query, limit, users, presences, nonce throws(APIError) in
        GuildMembersRequest(
            server: server, query: query, limit: limit ?? 1000, users: users ?? [],
            wantsPresences: presences ?? false, nonce: nonce)
    }
}

/// What a client said, checked for shape but not yet for sense.
enum ClientMessage: Sendable {
    /// With the last `s` that the client has.
    case heartbeat(Int64?)
    case identify(IdentifyRequest)
    case resume(ResumeRequest)
    case members(GuildMembersRequest)
    case typingStart(ChannelID)
    case typingStop(ChannelID)
    /// Nothing but the status counts: how this device is used.
    case presence(String)
    /// Nil asks only for what the server supports.
    case versionCheck(String?)
    case voice(VoiceRequest)
    /// Of the contract, but belonging to a part that this server does not have.
    case unavailable(Opcode)

    /// - Throws: 4001 for an unknown `op`, 4002 for what can't be understood.
    static func decode(_ text: [UInt8]) throws(CloseReason) -> ClientMessage {
        let json: JSON
        do throws(JSONSyntaxError) {
            json = try JSONParser.parse(text)
        } catch {
            throw .undecodable("not JSON at byte \(error.offset): \(error.reason)")
        }
        guard let frame = json.object else { throw .undecodable("a frame must be an object") }
        guard let number = frame["op"]?.integer else { throw .undecodable("op must be an integer") }
        guard let opcode = Opcode(rawValue: number), opcode.isForServer else {
            throw CloseReason(.unknownOpcode, "unknown opcode \(number)")
        }
        return try message(opcode, frame["d"] ?? .null)
    }

    private static func message(_ opcode: Opcode, _ data: JSON) throws(CloseReason) -> ClientMessage {
        switch opcode {
        case .heartbeat:
            guard data == .null || data.integer != nil else {
                throw .undecodable("HEARTBEAT: d must be an integer or null")
            }
            return .heartbeat(data.integer)
        case .identify: return .identify(try read(IdentifyRequest.input, opcode, data))
        case .resume: return .resume(try read(ResumeRequest.input, opcode, data))
        case .requestGuildMembers: return .members(try read(GuildMembersRequest.input, opcode, data))
        case .typingStart: return .typingStart(try read(typing, opcode, data))
        case .typingStop: return .typingStop(try read(typing, opcode, data))
        case .presenceUpdate: return .presence(try read(presence, opcode, data))
        case .versionCheck: return .versionCheck(data == .null ? nil : try read(versionCheck, opcode, data))
        case .voiceStateUpdate: return .voice(.state(try read(VoiceStateRequest.input, opcode, data)))
        case .voiceConnect: return .voice(.connect(try read(VoiceConnectRequest.input, opcode, data)))
        case .voiceDisconnect: return .voice(.disconnect(try read(VoiceRequest.place, opcode, data)))
        case .voiceSDPOffer: return .voice(.signal(try read(VoiceSignal.offer, opcode, data)))
        case .voiceSDPAnswer: return .voice(.signal(try read(VoiceSignal.answer, opcode, data)))
        case .voiceICECandidate: return .voice(.signal(try read(VoiceSignal.candidate, opcode, data)))
        case .voiceSpeaking: return .voice(try read(VoiceRequest.speaking, opcode, data))
        case .voiceQuality: return .voice(try read(VoiceRequest.quality, opcode, data))
        case .voiceKeys: return .voice(.keys(try read(VoiceKeysRequest.input, opcode, data)))
        default: return .unavailable(opcode)
        }
    }

    /// Whether it counts among the frames of calls, of which there are many.
    var isMedia: Bool { if case .voice(let request) = self { request.isMedia } else { false } }

    static let typing = JSONInput<ChannelID>("Typing", .required("channel_id", .id(ChannelID.self))) {
        channel throws(APIError) in channel
    }

    static let presence = JSONInput<String>("DevicePresence", .required("status", .string(1...32))) {
        status throws(APIError) in status
    }

    static let versionCheck = JSONInput<String?>(
        "VersionCheck", .optional("client_version", .string(0...256))
    ) { version throws(APIError) in version }

    private static func read<Value>(
        _ input: JSONInput<Value>, _ opcode: Opcode, _ data: JSON
    ) throws(CloseReason) -> Value {
        guard let object = data.object else { throw .undecodable("\(opcode.name): d must be an object") }
        do throws(APIError) {
            return try input.decode(object)
        } catch {
            let issue = error.details.first.map { "\($0.field) \($0.message)" } ?? error.message
            throw .undecodable("\(opcode.name): \(issue)")
        }
    }
}
