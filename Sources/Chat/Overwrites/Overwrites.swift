import Database
import EventLog
import HTTPTypes
import Kernel
import WebAPI

/// What roles and members may do in one channel, other than in the rest of the server.
struct Overwrites: Sendable {
    /// Rights over the server as a whole mean nothing in a channel.
    private static let serverWide: PermissionSet = [
        .administrator, .serverManage, .serverViewAuditLog, .serverAutomod, .membersKick, .membersBan, .membersTimeout,
        .membersManageNicknames, .membersManageRoles, .membersChangeNickname, .emojisManage,
    ]

    let parts: Parts
    let sight: Sight
    let auditLog: AuditLog

    struct Draft: Sendable {
        enum Kind: String, CaseIterable, Sendable {
            case role
            case member
        }

        let kind: Kind
        let allow: PermissionSet
        let deny: PermissionSet
    }

    /// - Throws: `.permissionDenied` without `channels.manage`.
    func list(_ channel: ChannelID, for caller: Caller) async throws -> [PermissionOverwrite] {
        try await parts.database.read { tx in
            let (place, _) = try Self.managed(channel, by: caller, tx)
            return place.channel.overwrites ?? []
        }
    }

    /// Sets what an overwrite allows and denies.
    /// - Throws: `.permissionDenied` for a right that the caller lacks, and for a role or member that is not below them.
    func set(
        _ subject: Int64, _ draft: Draft, in channel: ChannelID, by caller: Caller
    ) async throws -> PermissionOverwrite {
        try await parts.database.write { tx in
            let (place, standing) = try Self.managed(channel, by: caller, tx)
            guard draft.allow.isDisjoint(with: draft.deny) else {
                throw APIError.invalidInput("deny", "must not name what allow names")
            }
            guard draft.allow.union(draft.deny).isDisjoint(with: Self.serverWide) else {
                throw APIError.invalidInput("allow", "names a permission that belongs to the whole server")
            }
            let subject = try Self.subject(subject, draft.kind, by: standing, tx)
            let old = place.channel.overwrites?.first { $0.subject == subject }
            let new = PermissionOverwrite(subject, allow: draft.allow, deny: draft.deny)
            try Self.require(old, new, place)
            try apply(new.subject.number, old, new, to: place, in: standing.server.id, tx) {
                try ChannelStore.set(new, of: channel, tx)
            }
            if old != new {
                try auditLog.record(
                    .overwriteUpdate, .channel(channel), in: standing.server.id, by: caller,
                    changes: Self.changes(old, new, subject), tx)
            }
            return new
        }
    }

    /// Takes an overwrite away; that there was none is no error.
    func remove(_ subject: Int64, from channel: ChannelID, by caller: Caller) async throws {
        try await parts.database.write { tx in
            let (place, standing) = try Self.managed(channel, by: caller, tx)
            guard let old = place.channel.overwrites?.first(where: { $0.subject.number == subject }) else { return }
            switch old.subject {
            case .role(let role): _ = try Roles.actable(role, of: standing.server.id, by: standing, tx)
            case .member(let user):
                // Of somebody who has left anyone may clear up.
                if try MemberStore.isMember(user, of: standing.server.id, tx) {
                    _ = try Members.target(user, of: standing, permitting: .oneself, tx)
                }
            }
            try Self.require(old, nil, place)
            try apply(subject, old, nil, to: place, in: standing.server.id, tx) {
                try ChannelStore.removeOverwrite(of: subject, from: channel, tx)
            }
            try auditLog.record(
                .overwriteDelete, .channel(channel), in: standing.server.id, by: caller,
                changes: Self.changes(old, nil, old.subject), tx)
        }
    }

    private static func changes(
        _ old: PermissionOverwrite?, _ new: PermissionOverwrite?, _ subject: PermissionOverwrite.Subject
    ) -> [String: JSON] {
        AuditChanges.between(old, new).merging(["subject_id": .string(subject.text)]) { $1 }
    }

    /// Everyone's sight is looked at again: also the first overwrite that a channel gets, which ends what it had from its
    /// category, and the last one that it loses.
    private func apply(
        _ subject: Int64, _ old: PermissionOverwrite?, _ new: PermissionOverwrite?, to place: Place,
        in server: ServerID, _ tx: Transaction, _ change: () throws -> Void
    ) throws {
        guard old != new else { return }
        let channel = place.channel
        let children =
            channel.type == .category
            ? try ChannelStore.channels(of: server, tx).filter { $0.category == channel.id } : []
        try sight.change(in: server, channels: Set([channel.id] + children.map(\.id)), tx, change)
        var changed = channel
        changed.overwrites = try ChannelStore.overwrites(of: [channel.id], tx)[channel.id] ?? []
        ChannelEvents.changed(changed, tx)
    }

    // MARK: Rules

    private static func managed(
        _ channel: ChannelID, by caller: Caller, _ tx: Transaction
    ) throws -> (place: Place, standing: Standing) {
        let place = try Channels.place(channel, for: caller.user, tx)
        guard let server = place.channel.server, place.channel.thread == nil else {
            throw APIError.invalidInput("channel_id", "has no overwrites")
        }
        try place.require(.channelsManage)
        return (place, try Servers.standing(of: caller.user, in: server, tx))
    }

    private static func subject(
        _ id: Int64, _ kind: Draft.Kind, by standing: Standing, _ tx: Transaction
    ) throws -> PermissionOverwrite.Subject {
        switch kind {
        case .role:
            return .role(
                try Roles.actable(RoleID(rawValue: id), of: standing.server.id, by: standing, tx).id)
        case .member:
            let user = UserID(rawValue: id)
            _ = try Members.target(user, of: standing, permitting: .oneself, tx)
            return .member(user)
        }
    }

    /// What changes hands has to be the caller's own.
    private static func require(
        _ old: PermissionOverwrite?, _ new: PermissionOverwrite?, _ place: Place
    ) throws(APIError) {
        let allowed = (old?.allow ?? []).symmetricDifference(new?.allow ?? [])
        let denied = (old?.deny ?? []).symmetricDifference(new?.deny ?? [])
        if let missing = allowed.union(denied).subtracting(place.permissions.granted).permissions.first {
            throw .permissionDenied(missing)
        }
    }

    // MARK: Routes

    private static let permissions = JSONReader<[Permission]>
        .array(of: .oneOf(Permission.self), count: 0...Permission.allCases.count)
        .checked("names permissions") { (names: [Permission]) -> PermissionSet? in PermissionSet(names) }

    private static let draftInput = JSONInput(
        "OverwriteDraft",
        .required("type", .oneOf(Draft.Kind.self)),
        .optional("allow", permissions, default: PermissionSet()),
        .optional("deny", permissions, default: PermissionSet()),
        make: { (kind, allow, deny) throws(APIError) in Draft(kind: kind, allow: allow, deny: deny) })

    private static let errors = Channels.access + [.permissionDenied, .invalidInput, .invalidRoleID]

    var routes: [Route] {
        [
            .authenticated(
                .get, "/channels/{channel_id}/overwrites", "List a channel's overwrites", takes: .nothing,
                returns: [PermissionOverwrite].self, errors: Self.errors
            ) { caller, call in .ok(try await list(try call.id("channel_id"), for: caller)) },
            .authenticated(
                .put, "/channels/{channel_id}/overwrites/{subject_id}",
                "Set what a role or a member may do in a channel", takes: .body(Self.draftInput),
                returns: PermissionOverwrite.self, errors: Self.errors + [.roleNotFound, .memberNotFound]
            ) { caller, call in
                .ok(
                    try await set(
                        try call.id("subject_id", RoleID.self).rawValue, call.body,
                        in: try call.id("channel_id"), by: caller))
            },
            .authenticated(
                .delete, "/channels/{channel_id}/overwrites/{subject_id}", "Take an overwrite away",
                takes: .nothing, returns: Success.self, errors: Self.errors
            ) { caller, call in
                try await remove(
                    try call.id("subject_id", RoleID.self).rawValue, from: try call.id("channel_id"), by: caller)
                return .success
            },
        ]
    }
}
