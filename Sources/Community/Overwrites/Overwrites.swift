import Database
import Events
import Features
import Kernel

/// What roles and members may do in one channel, other than in the rest of the server.
struct Overwrites: Sendable {
    let parts: Parts
    let sight: Sight
    let auditLog: AuditLog

    struct Draft: Sendable {
        enum Kind: String, CaseIterable, Sendable {
            case role
            case member
        }

        /// What is said of somebody, without their name.
        struct Content: Sendable {
            let kind: Kind
            let allow: PermissionSet
            let deny: PermissionSet
        }

        /// The role's or the member's id.
        let subject: Int64
        let content: Content
    }

    /// - Throws: `.permissionDenied` without `channels.manage`.
    func list(_ channel: ChannelID, for caller: Caller) async throws -> [PermissionOverwrite] {
        try await parts.database.read { tx in
            let (place, _) = try Self.managed(channel, by: caller, tx)
            return place.channel.overwrites ?? []
        }
    }

    /// Sets what an overwrite allows and denies. The first one of a channel is laid over those of its category, which become
    /// the channel's own.
    /// - Throws: `.permissionDenied` for a right that the caller lacks, and for a role or member that is not below them.
    func set(_ draft: Draft, in channel: ChannelID, by caller: Caller) async throws -> PermissionOverwrite {
        try await parts.database.write { tx in
            let (place, standing) = try Self.managed(channel, by: caller, tx)
            let wanted = try Self.overwrite(draft, by: standing, tx)
            let own = place.channel.overwrites ?? []
            let inForce = place.permissions.overwrites ?? []
            let all = own.isEmpty ? inForce.covered(by: wanted) : own.replaced(by: wanted)
            let old = inForce.first { $0.subject == wanted.subject }
            let new = all.first { $0.subject == wanted.subject } ?? wanted
            try Self.require(old, new, place.permissions)
            if try apply(all, to: place, by: standing, tx) {
                var changes = Self.changes(old, new, wanted.subject)
                if own.isEmpty, !inForce.isEmpty {
                    changes["category_id"] = .string(place.channel.category?.description ?? "")
                }
                try auditLog.record(
                    .overwriteUpdate, .channel(channel), in: standing.server.id, by: caller, changes: changes, tx)
            }
            return new
        }
    }

    /// Takes an overwrite away; that there was none is no error. With the last one a channel has those of its category again.
    func remove(_ subject: Int64, from channel: ChannelID, by caller: Caller) async throws {
        try await parts.database.write { tx in
            let (place, standing) = try Self.managed(channel, by: caller, tx)
            let own = place.channel.overwrites ?? []
            guard let old = own.first(where: { $0.subject.number == subject }) else { return }
            switch old.subject {
            case .role(let role): _ = try Roles.actable(role, of: standing.server.id, by: standing, tx)
            case .member(let user):
                // Of somebody who has left anyone may clear up.
                if try MemberStore.isMember(user, of: standing.server.id, tx) {
                    _ = try Members.target(user, of: standing, permitting: .oneself, tx)
                }
            }
            try Self.require(old, nil, place.permissions)
            if try apply(own.filter { $0 != old }, to: place, by: standing, tx) {
                try auditLog.record(
                    .overwriteDelete, .channel(channel), in: standing.server.id, by: caller,
                    changes: Self.changes(old, nil, old.subject), tx)
            }
        }
    }

    private static func changes(
        _ old: PermissionOverwrite?, _ new: PermissionOverwrite?, _ subject: PermissionOverwrite.Subject
    ) -> [String: JSON] {
        AuditChanges.between(old, new).merging(["subject_id": .string(subject.text)]) { $1 }
    }

    /// Gives a channel these overwrites, and those of its channels that have none if it is a category.
    /// - Returns: whether it had others.
    private func apply(
        _ overwrites: [PermissionOverwrite], to place: Place, by standing: Standing, _ tx: Transaction
    ) throws -> Bool {
        let old = place.channel
        guard Set(overwrites) != Set(old.overwrites ?? []) else { return false }
        var new = old
        new.overwrites = overwrites.inOrder
        let tree = try ChannelTree(of: standing.server.id, tx)
        try OverwriteChange(before: tree, after: tree.replacing([new])).require(by: standing, tx)
        try sight.change(in: standing.server.id, tx) {
            try ChannelStore.setOverwrites(overwrites, of: old.id, tx)
        }
        ChannelEvents.changed(new, tx)
        return true
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

    /// The overwrites of a channel that is made with these: as if they were set one after the other.
    /// - Parameter inherited: what would count in the channel without them.
    /// - Throws: as `set`; `.invalidInput` for a subject that is named twice.
    static func laid(
        _ drafts: [Draft], over inherited: [PermissionOverwrite], by standing: Standing, _ tx: Transaction
    ) throws -> [PermissionOverwrite] {
        guard Set(drafts.map(\.subject)).count == drafts.count else {
            throw APIError.invalidInput("overwrites", "names a role or a member twice")
        }
        guard !drafts.isEmpty else { return [] }
        let permissions = EffectivePermissions.inChannel(standing.holder, overwrites: inherited)
        return try drafts.reduce(inherited) { all, draft in
            let overwrite = try overwrite(draft, by: standing, tx)
            let old = inherited.first { $0.subject == overwrite.subject }
            try require(old, old?.covered(by: overwrite) ?? overwrite, permissions)
            return all.covered(by: overwrite)
        }.inOrder
    }

    private static func overwrite(
        _ draft: Draft, by standing: Standing, _ tx: Transaction
    ) throws -> PermissionOverwrite {
        let content = draft.content
        guard content.allow.isDisjoint(with: content.deny) else {
            throw APIError.invalidInput("deny", "must not name what allow names")
        }
        guard content.allow.union(content.deny).isDisjoint(with: .serverWide) else {
            throw APIError.invalidInput("allow", "names a permission that belongs to the whole server")
        }
        return PermissionOverwrite(
            try subject(draft.subject, content.kind, by: standing, tx), allow: content.allow, deny: content.deny)
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
        _ old: PermissionOverwrite?, _ new: PermissionOverwrite?, _ permissions: EffectivePermissions
    ) throws(APIError) {
        let allowed = (old?.allow ?? []).symmetricDifference(new?.allow ?? [])
        let denied = (old?.deny ?? []).symmetricDifference(new?.deny ?? [])
        if let missing = allowed.union(denied).subtracting(permissions.granted).permissions.first {
            throw .permissionDenied(missing)
        }
    }

    /// Takes away what channels say of somebody who is gone for good. One that has nothing else of its own is given an overwrite
    /// that says nothing, or those of its category would count in it.
    static func removeAll(of user: UserID, _ tx: Transaction) throws {
        let ids = try ChannelStore.channels(withOverwriteOf: user, tx)
        let overwrites = try ChannelStore.overwrites(of: ids, tx)
        for id in ids {
            guard var channel = try ChannelStore.channel(id, tx), let server = channel.server else { continue }
            var rest = (overwrites[id] ?? []).filter { $0.subject != .member(user) }
            if rest.isEmpty, channel.category != nil,
                let everyone = try RoleStore.roles(of: server, tx).first(where: \.isDefault)
            {
                rest = [PermissionOverwrite(.role(everyone.id))]
            }
            channel.overwrites = rest
            try ChannelStore.setOverwrites(rest, of: id, tx)
            ChannelEvents.changed(channel, tx)
        }
    }

    static let permissions = JSONReader<[Permission]>
        .array(of: .oneOf(Permission.self), count: 0...Permission.allCases.count)
        .checked("names permissions") { (names: [Permission]) -> PermissionSet? in PermissionSet(names) }

    /// A whole overwrite, as it stands in a channel that is made with it.
    static let draftInput = JSONInput(
        "ChannelOverwriteDraft",
        .required("id", .id(RoleID.self)),
        .required("type", .oneOf(Draft.Kind.self)),
        .optional("allow", permissions, default: PermissionSet()),
        .optional("deny", permissions, default: PermissionSet()),
        make: { (subject, kind, allow, deny) throws(APIError) in
            Draft(subject: subject.rawValue, content: Draft.Content(kind: kind, allow: allow, deny: deny))
        })
}

extension [PermissionOverwrite] {
    /// As they are listed.
    var inOrder: [PermissionOverwrite] { sorted { $0.subject.number < $1.subject.number } }
}
