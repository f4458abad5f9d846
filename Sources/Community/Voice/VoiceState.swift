import Events
import Kernel

/// Somebody in a voice channel (contract: Voice).
package struct VoiceState: Sendable, Equatable {
    /// The gateway session whose place it is. Whoever resumes it, on whichever node, has the place still.
    package struct Holder: Sendable, Hashable {
        let user: UserID
        let login: SessionID
        let session: Int64

        package init(user: UserID, login: SessionID, session: Int64) {
            self.user = user
            self.login = login
            self.session = session
        }
    }

    /// What somebody does with their own microphone, loudspeaker, camera and screen.
    package struct Choice: Sendable, Equatable {
        var isMuted: Bool
        var isDeafened: Bool
        var hasVideo: Bool
        var isStreaming: Bool

        package init(isMuted: Bool, isDeafened: Bool, hasVideo: Bool, isStreaming: Bool) {
            self.isMuted = isMuted
            self.isDeafened = isDeafened
            self.hasVideo = hasVideo
            self.isStreaming = isStreaming
        }
    }

    /// What a device says of that when its media open; nil leaves it as it is.
    package struct ChoiceChange: Sendable {
        let isMuted: Bool?
        let isDeafened: Bool?

        package init(isMuted: Bool?, isDeafened: Bool?) {
            self.isMuted = isMuted
            self.isDeafened = isDeafened
        }
    }

    /// Where their media come from.
    package struct Device: Sendable, Equatable {
        let id: String
        /// X25519, in Base64; nil for one that can't encrypt.
        let publicKey: String?

        package init(id: String, publicKey: String?) {
            self.id = id
            self.publicKey = publicKey
        }
    }

    let id: VoiceSessionID
    let holder: Holder
    let server: ServerID
    /// Nil only where others are told that somebody has left.
    var channel: ChannelID?
    var choice: Choice
    /// Nil until the media are open.
    var device: Device?
    /// What moderators have imposed.
    var measure: VoiceMeasure
    /// Whether they may only listen.
    var isSuppressed: Bool
    var hasPriority: Bool
    /// Whether a moderator brought them: they need not have the right to come by themselves then.
    var wasBrought: Bool
    let joinedAt: Timestamp
    /// Until then nobody else's, be the connection there or not.
    var keptUntil: Timestamp

    package var user: UserID { holder.user }

    /// Whether it is known that their device can't encrypt: with them, nobody in the room does.
    var isPlain: Bool { device.map { $0.publicKey == nil } ?? false }

    /// As those are told who see the channel that was left.
    var left: VoiceState {
        var state = self
        (state.channel, state.device) = (nil, nil)
        return state
    }

    /// What is told to this one connection.
    package var ownAudience: Audience { Audience(id: id.rawValue) }
}

/// What moderators have imposed on a member, wherever in the server they speak.
struct VoiceMeasure: Sendable, Equatable {
    var isMuted = false
    var isDeafened = false

    static let none = VoiceMeasure()
}

extension VoiceMeasure: JSONObjectEncodable {
    static let shape = JSONShape<VoiceMeasure>(
        "VoiceMeasure", .field("mute", \.isMuted), .field("deaf", \.isDeafened))
}

extension VoiceState: JSONObjectEncodable {
    package static let shape = JSONShape<VoiceState>(
        "VoiceState",
        .field("user_id", \.user),
        .field("server_id", \.server),
        .field("channel_id", \.channel),
        .field("session_id", \.id),
        .field("self_mute", \.choice.isMuted),
        .field("self_deaf", \.choice.isDeafened),
        .field("self_video", \.choice.hasVideo),
        .field("self_stream", \.choice.isStreaming),
        .field("mute", \.measure.isMuted),
        .field("deaf", \.measure.isDeafened),
        .field("suppress", \.isSuppressed),
        .field("priority_speaker", \.hasPriority),
        .field("plain", \.isPlain),
        .field("joined_at", \.joinedAt))
}

extension VoiceState.Device {
    /// Who is in a room, as each of its devices must know it to seal keys for them.
    struct Entry: JSONObjectEncodable {
        let user: UserID
        let device: VoiceState.Device

        static let shape = JSONShape<Entry>(
            "VoiceRosterEntry",
            .field("user_id", \.user), .field("device_id", \.device.id), .field("public_key", \.device.publicKey))
    }
}
