import Client
import Kernel

/// Something of the event log that the referee reckons with.
enum Occurrence: Hashable, Sendable {
    /// Nobody's number repeats, so that it may stand for the message.
    case message(id: String, channel: String, nonce: String)
    case deletion(id: String, channel: String)
    case typing(channel: String)

    // MARK: What changes who sees what

    case joined(user: String)
    case left(user: String)
    case roles(user: String, Set<String>)
    case overwrites(channel: String, Overwrites)
    /// The last that is told of a change; its target is a user or a channel.
    case recorded(target: String)
    /// To whom it concerns: the server, or a channel, came into sight or went out of it.
    case told(id: String)

    /// Who sees a channel: all members, unless some role is denied it, and others are given it.
    struct Overwrites: Hashable, Sendable {
        var denied: Set<String> = []
        var allowed: Set<String> = []
    }

    init?(_ name: String?, _ body: JSON) {
        func text(_ key: String) -> String { body[key]?.string ?? "" }
        switch name {
        case "MESSAGE_CREATE": self = .message(id: text("id"), channel: text("channel_id"), nonce: text("nonce"))
        case "MESSAGE_DELETE": self = .deletion(id: text("id"), channel: text("channel_id"))
        case "TYPING_START": self = .typing(channel: text("channel_id"))
        case "GUILD_MEMBER_ADD": self = .joined(user: body["member"]?["user_id"]?.string ?? "")
        case "GUILD_MEMBER_REMOVE": self = .left(user: text("user_id"))
        case "GUILD_MEMBER_UPDATE":
            self = .roles(
                user: body["member"]?["user_id"]?.string ?? "",
                Set((body["member"]?["roles"]?.array ?? []).compactMap(\.string)))
        case "CHANNEL_UPDATE": self = .overwrites(channel: text("id"), Overwrites(body["overwrites"]?.array ?? []))
        case "GUILD_AUDIT_LOG_ENTRY_CREATE": self = .recorded(target: text("target_id"))
        case "GUILD_CREATE": self = .told(id: body["server"]?["id"]?.string ?? "")
        case "GUILD_DELETE", "CHANNEL_CREATE", "CHANNEL_DELETE": self = .told(id: text("id"))
        default: return nil
        }
    }
}

extension Occurrence.Overwrites {
    init(_ overwrites: [JSON]) {
        for overwrite in overwrites {
            guard let role = overwrite["id"]?.string else { continue }
            if overwrite["allow"]?.array?.contains("channels.view") == true { allowed.insert(role) }
            if overwrite["deny"]?.array?.contains("channels.view") == true { denied.insert(role) }
        }
    }
}

/// An occurrence, and the `s` that it came with.
struct Heard: Hashable, Sendable {
    let position: Int64
    let occurrence: Occurrence
}

/// What a session has heard, and when it had to catch up.
struct Account: Sendable {
    /// Who hears, for the faults that are found.
    let name: String
    /// A guest's id; nil for the server's owner, who sees everything.
    let viewer: String?
    /// The position of READY, or of the RESUME that it begins with.
    let start: Int64
    var heard: [Heard] = []
    /// Stretches of the log that came by RESUME: after the first, through the second.
    var resumes: [Resume] = []
    /// How often a RESUME was refused.
    var refusals = 0

    struct Resume: Hashable, Sendable {
        let after: Int64
        let through: Int64
        /// What is shown was decided after this position, which somebody had heard before it was asked for…
        let decidedAfter: Int64
        /// …and before this one; nil when the connection broke before that was told.
        let decidedBefore: Int64?
    }

    init(name: String, viewer: String?, start: Int64) {
        self.name = name
        self.viewer = viewer
        self.start = start
    }

    /// The RESUME that something of that position would have come by.
    func resume(covering position: Int64) -> Resume? {
        resumes.first { position > $0.after && position <= $0.through }
    }
}
