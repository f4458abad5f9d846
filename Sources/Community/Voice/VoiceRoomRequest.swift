import Kernel

/// What a device says to the media server, on its way to the node that has it.
struct VoiceRoomRequest: Sendable, Equatable {
    enum Content: Sendable, Equatable {
        /// The media begin.
        case enter
        case publish(sdp: String, kinds: [String: String], attempt: Int)
        case accept(sdp: String, generation: Int)
        case candidate(String, mid: String?, line: Int?, VoicePeer)
    }

    let channel: ChannelID
    let place: VoiceSessionID
    let content: Content
}

/// One end of a connection for media.
enum VoicePeer: Sendable, Equatable {
    case user(UserID)
    /// The media server's, by which one publishes.
    case publishing
    /// The media server's, by which one is sent what others publish.
    case subscribing

    var text: String {
        switch self {
        case .user(let user): "\(user)"
        case .publishing: "pub"
        case .subscribing: "sub"
        }
    }
}

// MARK: Between nodes

extension VoiceRoomRequest {
    /// - Parameter node: whom it is for.
    func bytes(for node: String) -> [UInt8] {
        var fields: [String: JSON] = [
            "to": .string(node), "channel": .string("\(channel)"), "place": .string("\(place)"),
        ]
        switch content {
        case .enter: fields["does"] = .string("enter")
        case .publish(let sdp, let kinds, let attempt):
            fields["does"] = .string("publish")
            fields["sdp"] = .string(sdp)
            fields["kinds"] = .object(kinds.mapValues { .string($0) })
            fields["number"] = .integer(Int64(attempt))
        case .accept(let sdp, let generation):
            fields["does"] = .string("accept")
            fields["sdp"] = .string(sdp)
            fields["number"] = .integer(Int64(generation))
        case .candidate(let candidate, let mid, let line, let peer):
            fields["does"] = .string(peer.text)
            fields["candidate"] = .string(candidate)
            fields["mid"] = mid.map { .string($0) }
            fields["line"] = line.map { .integer(Int64($0)) }
        }
        return JSON.object(fields).jsonBytes
    }

    /// Nil for what another node, or one of another version, means.
    static func read(_ bytes: [UInt8], for node: String) -> VoiceRoomRequest? {
        guard let message = try? JSONParser.parse(bytes), message["to"]?.string == node,
            let channel = message["channel"]?.string.flatMap({ try? ChannelID(parsing: $0) }),
            let place = message["place"]?.string.flatMap({ try? VoiceSessionID(parsing: $0) }),
            let content = content(of: message)
        else { return nil }
        return VoiceRoomRequest(channel: channel, place: place, content: content)
    }

    private static func content(of message: JSON) -> Content? {
        let number = message["number"]?.integer.flatMap(Int.init(exactly:))
        switch message["does"]?.string {
        case "enter": return .enter
        case "publish":
            guard let sdp = message["sdp"]?.string, let kinds = message["kinds"]?.object, let number else {
                return nil
            }
            return .publish(sdp: sdp, kinds: kinds.compactMapValues(\.string), attempt: number)
        case "accept":
            guard let sdp = message["sdp"]?.string, let number else { return nil }
            return .accept(sdp: sdp, generation: number)
        case "pub", "sub":
            guard let candidate = message["candidate"]?.string else { return nil }
            return .candidate(
                candidate, mid: message["mid"]?.string, line: message["line"]?.integer.flatMap(Int.init(exactly:)),
                message["does"] == .string("pub") ? .publishing : .subscribing)
        default: return nil
        }
    }
}
