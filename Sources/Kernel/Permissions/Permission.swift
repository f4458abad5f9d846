/// What a member may be allowed to do, named `area.verb` (contract: REST, Permissions).
public enum Permission: String, CaseIterable, Sendable {
    case serverManage = "server.manage"
    case serverViewAuditLog = "server.view_audit_log"
    case serverAutomod = "server.automod"
    case channelsManage = "channels.manage"
    case channelsView = "channels.view"
    case rolesManage = "roles.manage"
    case membersKick = "members.kick"
    case membersBan = "members.ban"
    case membersTimeout = "members.timeout"
    case membersManageNicknames = "members.manage_nicknames"
    case membersManageRoles = "members.manage_roles"
    case membersChangeNickname = "members.change_nickname"
    case invitesCreate = "invites.create"
    case invitesManage = "invites.manage"
    case emojisManage = "emojis.manage"
    case messagesSend = "messages.send"
    case messagesRead = "messages.read"
    case messagesManage = "messages.manage"
    case messagesEmbedLinks = "messages.embed_links"
    case messagesAttachFiles = "messages.attach_files"
    case messagesMentionEveryone = "messages.mention_everyone"
    case messagesAddReactions = "messages.add_reactions"
    case messagesUseExternalEmojis = "messages.use_external_emojis"
    case messagesBypassSlowmode = "messages.bypass_slowmode"
    case messagesCreateThreads = "messages.create_threads"
    case webhooksManage = "webhooks.manage"
    case voiceConnect = "voice.connect"
    case voiceSpeak = "voice.speak"
    case voiceVideo = "voice.video"
    case voiceMuteMembers = "voice.mute_members"
    case voiceDeafenMembers = "voice.deafen_members"
    case voiceMoveMembers = "voice.move_members"
    case eventsManage = "events.manage"
    case eventsView = "events.view"
    case administrator = "administrator"
    case messagesCreatePrivateThreads = "messages.create_private_threads"
    case threadsManage = "threads.manage"
    case messagesSendVoice = "messages.send_voice"
    case messagesUseExternalStickers = "messages.use_external_stickers"
    case pollsCreate = "polls.create"
    case eventsCreate = "events.create"
    case voiceUseSoundboard = "voice.use_soundboard"
    case voiceStream = "voice.stream"
    case voiceUseVoiceActivity = "voice.use_vad"
    case voicePrioritySpeaker = "voice.priority_speaker"
    case voiceRequestToSpeak = "voice.request_to_speak"

    /// Its place in what is stored of roles and overwrites: it never changes, and a place that is given up is not given
    /// again. The next free one is 46; there are 63.
    var bit: Int {
        switch self {
        case .serverManage: 0
        case .serverViewAuditLog: 1
        case .serverAutomod: 2
        case .channelsManage: 3
        case .channelsView: 4
        case .rolesManage: 5
        case .membersKick: 6
        case .membersBan: 7
        case .membersTimeout: 8
        case .membersManageNicknames: 9
        case .membersManageRoles: 10
        case .membersChangeNickname: 11
        case .invitesCreate: 12
        case .invitesManage: 13
        case .emojisManage: 14
        case .messagesSend: 15
        case .messagesRead: 16
        case .messagesManage: 17
        case .messagesEmbedLinks: 18
        case .messagesAttachFiles: 19
        case .messagesMentionEveryone: 20
        case .messagesAddReactions: 21
        case .messagesUseExternalEmojis: 22
        case .messagesBypassSlowmode: 23
        case .messagesCreateThreads: 24
        case .webhooksManage: 25
        case .voiceConnect: 26
        case .voiceSpeak: 27
        case .voiceVideo: 28
        case .voiceMuteMembers: 29
        case .voiceDeafenMembers: 30
        case .voiceMoveMembers: 31
        case .eventsManage: 32
        case .eventsView: 33
        case .administrator: 34
        case .messagesCreatePrivateThreads: 35
        case .threadsManage: 36
        case .messagesSendVoice: 37
        case .messagesUseExternalStickers: 38
        case .pollsCreate: 39
        case .eventsCreate: 40
        case .voiceUseSoundboard: 41
        case .voiceStream: 42
        case .voiceUseVoiceActivity: 43
        case .voicePrioritySpeaker: 44
        case .voiceRequestToSpeak: 45
        }
    }
}

/// A set of permissions, one bit each, as it is stored.
public struct PermissionSet: OptionSet, Hashable, Sendable {
    public let rawValue: Int64

    public init(rawValue: Int64) { self.rawValue = rawValue }

    public init(_ permissions: some Sequence<Permission>) {
        self.init(rawValue: permissions.reduce(0) { $0 | Self.bit($1) })
    }

    public static let all = PermissionSet(Permission.allCases)

    /// What @everyone may do in a new server.
    public static let everyoneDefaults = PermissionSet([
        .channelsView, .membersChangeNickname, .invitesCreate, .messagesSend, .messagesRead, .messagesEmbedLinks,
        .messagesAttachFiles, .messagesAddReactions, .messagesUseExternalEmojis, .messagesCreateThreads,
        .voiceConnect, .voiceSpeak, .voiceVideo, .eventsView, .messagesCreatePrivateThreads, .messagesSendVoice,
        .messagesUseExternalStickers, .pollsCreate, .voiceUseSoundboard, .voiceStream, .voiceUseVoiceActivity,
        .voiceRequestToSpeak,
    ])

    /// What is left to a member who is timed out or pending: to look on.
    public static let inTimeout: PermissionSet = [.channelsView, .messagesRead, .eventsView]

    /// What gives power over others or over what is theirs, and so is given by people alone, never by what somebody chooses
    /// for themselves.
    public static let moderating: PermissionSet = [
        .administrator, .serverManage, .serverViewAuditLog, .serverAutomod, .channelsManage, .rolesManage,
        .membersKick, .membersBan, .membersTimeout, .membersManageNicknames, .membersManageRoles, .invitesManage,
        .emojisManage, .messagesManage, .messagesMentionEveryone, .messagesBypassSlowmode, .webhooksManage,
        .voiceMuteMembers, .voiceDeafenMembers, .voiceMoveMembers, .eventsManage, .threadsManage,
    ]

    /// What decides who sees a channel, its private threads, what is said in them and what is planned.
    public static let sight: PermissionSet = [
        .channelsView, .messagesRead, .threadsManage, .eventsView, .administrator,
    ]

    /// Rights over the server as a whole, which mean nothing in a channel.
    public static let serverWide: PermissionSet = [
        .administrator, .serverManage, .serverViewAuditLog, .serverAutomod, .membersKick, .membersBan, .membersTimeout,
        .membersManageNicknames, .membersManageRoles, .membersChangeNickname, .emojisManage,
    ]

    public func contains(_ permission: Permission) -> Bool { rawValue & Self.bit(permission) != 0 }

    public var permissions: [Permission] { Permission.allCases.filter(contains) }

    private static func bit(_ permission: Permission) -> Int64 { 1 << Int64(permission.bit) }
}

extension PermissionSet: ExpressibleByArrayLiteral {
    public init(arrayLiteral permissions: Permission...) { self.init(permissions) }
}

extension PermissionSet: JSONEncodable {
    public static var schema: JSONSchema {
        .named(
            "Permissions",
            .object(Permission.allCases.map { JSONSchema.Property($0.rawValue, .boolean, isRequired: true) }))
    }

    public func encode(to json: inout JSONWriter) {
        json.beginObject()
        for permission in Permission.allCases { json.member(permission.rawValue, contains(permission)) }
        json.endObject()
    }
}
