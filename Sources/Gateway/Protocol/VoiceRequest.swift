import Foundation
import Kernel

/// What a client says of voice (contract: Voice), decoded.
public enum VoiceRequest: Sendable, Equatable {
    /// Takes a place, changes how one is there, or leaves it.
    case state(VoiceStateRequest)
    /// Opens the media of the place that was taken.
    case connect(VoiceConnectRequest)
    case disconnect(ChannelID)
    case signal(VoiceSignal)
    case speaking(ChannelID, Speech)
    /// How a client finds the connection; no more than a hint.
    case quality(ChannelID)
    case keys(VoiceKeysRequest)

    /// What comes out of a microphone or a screen at the moment.
    public struct Speech: OptionSet, Sendable {
        public let rawValue: Int
        public static let voice = Speech(rawValue: 1)
        public static let soundshare = Speech(rawValue: 2)
        public static let priority = Speech(rawValue: 4)

        public init(rawValue: Int) { self.rawValue = rawValue }
    }

    public var channel: ChannelID? {
        switch self {
        case .state(let request): request.channel
        case .connect(let request): request.channel
        case .signal(let signal): signal.channel
        case .keys(let request): request.channel
        case .disconnect(let channel), .speaking(let channel, _), .quality(let channel): channel
        }
    }

    var opcode: Opcode {
        switch self {
        case .state: .voiceStateUpdate
        case .connect: .voiceConnect
        case .disconnect: .voiceDisconnect
        case .signal(let signal):
            switch signal.kind {
            case .offer: .voiceSDPOffer
            case .answer: .voiceSDPAnswer
            case .candidate: .voiceICECandidate
            }
        case .speaking: .voiceSpeaking
        case .quality: .voiceQuality
        case .keys: .voiceKeys
        }
    }

    /// Whether everybody who sees the channel is told of it, or every device in it begins anew.
    var isToldToMany: Bool {
        switch self {
        case .state, .connect: true
        case .disconnect, .signal, .speaking, .quality, .keys: false
        }
    }

    /// Whether it is one of the many frames of a call, which are counted apart (contract: Gateway, Limits).
    var isMedia: Bool { if case .state = self { false } else { true } }
}

/// VOICE_STATE_UPDATE, decoded.
public struct VoiceStateRequest: Sendable, Equatable {
    /// Nil leaves the place.
    public let channel: ChannelID?
    public let isSelfMuted: Bool
    public let isSelfDeafened: Bool
    public let hasVideo: Bool
    public let isStreaming: Bool

    static let input = JSONInput<VoiceStateRequest>(
        "VoiceStateRequest",
        .optional("server_id", .id(ServerID.self)),
        .optional("channel_id", .id(ChannelID.self)),
        .optional("self_mute", .bool, default: false),
        .optional("self_deaf", .bool, default: false),
        .optional("self_video", .bool, default: false),
        .optional("self_stream", .bool, default: false)
    ) { _, channel, isMuted, isDeafened, video, stream throws(APIError) in
        VoiceStateRequest(
            channel: channel, isSelfMuted: isMuted, isSelfDeafened: isDeafened, hasVideo: video, isStreaming: stream)
    }
}

/// VOICE_CONNECT, decoded.
public struct VoiceConnectRequest: Sendable, Equatable {
    public let channel: ChannelID
    /// X25519, in Base64; nil where the client can't encrypt.
    public let publicKey: String?
    public let device: String
    /// Nil leaves it as it is.
    public let isSelfMuted: Bool?
    public let isSelfDeafened: Bool?

    static let input = JSONInput<VoiceConnectRequest>(
        "VoiceConnect",
        .required("channel_id", .id(ChannelID.self)),
        .optional("public_key", publicKey),
        .required("device_id", deviceID),
        .optional("self_mute", .bool),
        .optional("self_deaf", .bool)
    ) { channel, key, device, isMuted, isDeafened throws(APIError) in
        VoiceConnectRequest(
            channel: channel, publicKey: key, device: device, isSelfMuted: isMuted, isSelfDeafened: isDeafened)
    }

    static let deviceID = JSONReader<String>.string(1...64).checked("must be of A-Z, a-z, 0-9, - and _") { text in
        text.utf8.allSatisfy { digits.contains($0) } ? text : nil
    }

    private static let digits = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
    private static let key_bytes = 32
    private static let publicKey = JSONReader<String>.string(44...44).checked("must be 32 bytes in Base64") { text in
        Data(base64Encoded: text)?.count == key_bytes ? text : nil
    }
}

/// VOICE_SDP_OFFER, VOICE_SDP_ANSWER and VOICE_ICE_CANDIDATE, decoded: what one end of a media connection says to the other.
public struct VoiceSignal: Sendable, Equatable {
    public enum Kind: Sendable, Equatable {
        case offer(sdp: String, streams: [Stream])
        case answer(sdp: String)
        /// An empty one says that there are no more.
        case candidate(String, mid: String?, line: Int?)
    }

    /// What is in a media section of an offer.
    public struct Stream: Sendable, Equatable {
        public enum Kind: String, CaseIterable, Sendable {
            case mic
            case camera
            case screen
            case screenAudio = "screen_audio"
        }

        public let mid: String
        public let kind: Kind

        static let input = JSONInput<Stream>(
            "VoiceStream", .required("mid", VoiceSignal.mid), .required("kind", .oneOf(Kind.self)),
            .optional("user_id", .id(UserID.self))
        ) { mid, kind, _ throws(APIError) in Stream(mid: mid, kind: kind) }
    }

    public let channel: ChannelID
    /// The other end: `pub` and `sub` are the server's, anything else a user.
    public let peer: Peer
    /// Which attempt at a connection it belongs to.
    public let generation: Int
    public let kind: Kind

    public enum Peer: Sendable, Equatable {
        case publishing
        case subscribing
        case user(UserID)
    }

    private static let maximumSDP = 32 * 1024
    private static let maximumStreams = 8
    static let mid = JSONReader<String>.string(1...32)
    private static let sdp = JSONReader<String>.string(1...maximumSDP)
    private static let generation = JSONReader<Int>.integer(0...Int(Int32.max))
    private static let peer = JSONReader<String>.string(1...20).checked("must be pub, sub or the id of a user") {
        text in
        Peer(text) == nil ? nil : text
    }

    static let offer = JSONInput<VoiceSignal>(
        "VoiceOffer",
        .required("channel_id", .id(ChannelID.self)), .required("pc", peer), .required("sdp", sdp),
        .optional("streams", .array(of: .object(Stream.input), count: 0...maximumStreams), default: []),
        .required("generation", generation)
    ) { channel, peer, sdp, streams, generation throws(APIError) in
        VoiceSignal(
            channel: channel, peer: try Peer(read: peer), generation: generation,
            kind: .offer(sdp: sdp, streams: streams))
    }

    static let answer = JSONInput<VoiceSignal>(
        "VoiceAnswer",
        .required("channel_id", .id(ChannelID.self)), .required("pc", peer), .required("sdp", sdp),
        .required("generation", generation)
    ) { channel, peer, sdp, generation throws(APIError) in
        VoiceSignal(channel: channel, peer: try Peer(read: peer), generation: generation, kind: .answer(sdp: sdp))
    }

    static let candidate = JSONInput<VoiceSignal>(
        "VoiceCandidate",
        .required("channel_id", .id(ChannelID.self)), .required("pc", peer),
        .required("candidate", .string(0...1024)), .optional("sdp_mid", .string(0...32)),
        .optional("sdp_mline_index", .integer(0...255)), .required("generation", generation)
    ) { channel, peer, candidate, mid, line, generation throws(APIError) in
        VoiceSignal(
            channel: channel, peer: try Peer(read: peer), generation: generation,
            kind: .candidate(candidate, mid: mid, line: line))
    }
}

extension VoiceSignal.Peer {
    init?(_ text: String) {
        switch text {
        case "pub": self = .publishing
        case "sub": self = .subscribing
        default:
            guard let user = try? UserID(parsing: text) else { return nil }
            self = .user(user)
        }
    }

    /// What a reader has looked at already.
    fileprivate init(read text: String) throws(APIError) {
        guard let peer = Self(text) else { throw .invalidInput("pc", "must be pub, sub or the id of a user") }
        self = peer
    }
}

/// VOICE_KEYS, decoded: the key of a sender, sealed for each of those who may hear.
public struct VoiceKeysRequest: Sendable, Equatable {
    public struct Key: Sendable, Equatable {
        public let user: UserID
        public let device: String
        /// Base64.
        public let sealed: String

        static let input = JSONInput<Key>(
            "SealedVoiceKey", .required("user_id", .id(UserID.self)),
            .required("device_id", VoiceConnectRequest.deviceID), .required("sealed", sealed)
        ) { user, device, sealed throws(APIError) in Key(user: user, device: device, sealed: sealed) }

        private static let maximum_bytes = 256
        private static let sealed = JSONReader<String>.string(1...344).checked("must be Base64") { text in
            Data(base64Encoded: text).map { $0.count <= maximum_bytes } == true ? text : nil
        }
    }

    public let channel: ChannelID
    public let epoch: Int
    public let keys: [Key]

    static let input = JSONInput<VoiceKeysRequest>(
        "VoiceKeys",
        .required("channel_id", .id(ChannelID.self)), .required("epoch", .integer(0...Int(Int32.max))),
        .required("keys", .array(of: .object(Key.input), count: 0...99))
    ) { channel, epoch, keys throws(APIError) in VoiceKeysRequest(channel: channel, epoch: epoch, keys: keys) }
}

extension VoiceRequest {
    static let place = JSONInput<ChannelID>("VoiceDisconnect", .required("channel_id", .id(ChannelID.self))) {
        channel throws(APIError) in channel
    }

    static let speaking = JSONInput<VoiceRequest>(
        "VoiceSpeaking", .required("channel_id", .id(ChannelID.self)), .required("speaking", .integer(0...7))
    ) { channel, bits throws(APIError) in .speaking(channel, Speech(rawValue: bits)) }

    /// What it says is measured by the server itself.
    static let quality = JSONInput<VoiceRequest>("VoiceQuality", .required("channel_id", .id(ChannelID.self))) {
        channel throws(APIError) in .quality(channel)
    }
}

/// VOICE_ERROR: why something that a client wanted of voice is not done. The connection stays open.
public struct VoiceError: JSONObjectEncodable, Sendable {
    let opcode: Int64
    let error: APIError
    let channel: ChannelID?

    public static let shape = JSONShape<VoiceError>(
        "VoiceError",
        .field("op", \.opcode), .field("code", \.error.status), .field("message", \.error.message),
        .field("details", \.error.details), .field("channel_id", \.channel))
}
