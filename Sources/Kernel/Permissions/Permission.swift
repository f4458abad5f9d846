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
}

/// A set of permissions, one bit each in the order of their declaration.
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
        .voiceConnect, .voiceSpeak, .voiceVideo, .eventsView,
    ])

    /// What is left to a member who is timed out: to look on.
    public static let inTimeout: PermissionSet = [.channelsView, .messagesRead, .eventsView]

    /// What decides who sees a channel and what is said in it.
    public static let sight: PermissionSet = [.channelsView, .messagesRead, .administrator]

    /// Rights over the server as a whole, which mean nothing in a channel.
    public static let serverWide: PermissionSet = [
        .administrator, .serverManage, .serverViewAuditLog, .serverAutomod, .membersKick, .membersBan, .membersTimeout,
        .membersManageNicknames, .membersManageRoles, .membersChangeNickname, .emojisManage,
    ]

    public func contains(_ permission: Permission) -> Bool { rawValue & Self.bit(permission) != 0 }

    public var permissions: [Permission] { Permission.allCases.filter(contains) }

    private static let bits: [Permission: Int64] = Dictionary(
        uniqueKeysWithValues: Permission.allCases.enumerated().map { ($1, 1 << Int64($0)) })

    private static func bit(_ permission: Permission) -> Int64 { bits[permission] ?? 0 }
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
