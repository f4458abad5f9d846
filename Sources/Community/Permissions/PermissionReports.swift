import Database
import Features
import Kernel

/// What somebody may do in a server or a channel, and why.
struct PermissionReports: Sendable {
    let parts: Parts

    struct Question: Sendable {
        let user: UserID?
        let channel: ChannelID?
        let explains: Bool
    }

    /// The caller's own permissions; those of others, and reasons, are for managers.
    /// - Throws: `.permissionDenied`, `.memberNotFound`, `.channelNotFound`, `.accessDenied`.
    func report(_ server: ServerID, _ question: Question, for caller: Caller) async throws -> PermissionReport {
        try await parts.database.read { tx in
            let standing = try Servers.standing(of: caller.user, in: server, tx)
            let user = question.user ?? caller.user
            if question.explains || user != caller.user { try standing.permissions.require(.rolesManage) }
            guard try MemberStore.isMember(user, of: server, tx) else { throw APIError.memberNotFound }
            let effective: EffectivePermissions
            if let channel = question.channel {
                // The caller has to see it; whether the other one does is the question.
                guard try Channels.place(channel, for: caller.user, tx).channel.server == server else {
                    throw APIError.channelNotFound
                }
                effective = try Channels.permissions(of: user, in: channel, of: standing.server, tx)
            } else {
                effective = .inServer(try Servers.holder(user, in: standing.server, tx))
            }
            return PermissionReport(
                user: user, channel: question.channel, permissions: effective.granted,
                explanation: question.explains ? PermissionExplanation(effective: effective) : nil)
        }
    }
}

struct PermissionReport: JSONObjectEncodable {
    let user: UserID
    let channel: ChannelID?
    let permissions: PermissionSet
    let explanation: PermissionExplanation?

    static let shape = JSONShape<PermissionReport>(
        "PermissionReport",
        .field("user_id", \.user),
        .field("channel_id", \.channel),
        .field("permissions", \.permissions),
        .field("explanation", \.explanation))
}

/// For each permission, everything that had a say, in the order in which it counts: the last step decides. None: nobody
/// granted it.
struct PermissionExplanation: JSONEncodable {
    let effective: EffectivePermissions

    static let schema = JSONSchema.named(
        "PermissionExplanation",
        .object(Permission.allCases.map { .init($0.rawValue, .array(of: PermissionStep.schema), isRequired: true) }))

    func encode(to json: inout JSONWriter) {
        json.beginObject()
        for permission in Permission.allCases { json.member(permission.rawValue, effective.steps(for: permission)) }
        json.endObject()
    }
}

extension PermissionStep: JSONObjectEncodable {
    public static let shape = JSONShape<PermissionStep>(
        "PermissionStep",
        .field("source", \.reason.source),
        .field("id", \.reason.subject),
        .field("grants", \.grants))
}

extension PermissionReason {
    fileprivate var source: String {
        switch self {
        case .owner: "owner"
        case .administrator: "administrator"
        case .role: "role"
        case .overwrite(.role): "role_overwrite"
        case .overwrite(.member): "member_overwrite"
        case .channelNotVisible: "channel_not_visible"
        case .timedOut: "timeout"
        case .pending: "pending"
        case .notGranted: "not_granted"
        }
    }

    /// The role or the member.
    fileprivate var subject: String? {
        switch self {
        case .administrator(let role), .role(let role): role.description
        case .overwrite(let subject): subject.text
        case .owner, .channelNotVisible, .timedOut, .pending, .notGranted: nil
        }
    }
}
