import Database
import Events
import Features
import Kernel

/// Who is in a server, what they are called there and which roles they have.
struct Members: Sendable {
    /// The longest silence that can be imposed.
    static let maximumTimeout = Duration.seconds(28 * 24 * 3600)

    let parts: Parts
    let sight: Sight
    let auditLog: AuditLog
    let presences: Presences
    let notifications: Notifications

    struct Page: Sendable {
        let limit: Int
        let after: UserID?
        let query: String?
    }

    struct Change: Sendable {
        let nickname: Kernel.Change<String>
        let timeoutUntil: Kernel.Change<Timestamp>
        /// What the member is told of why.
        let timeoutReason: String?
        let roles: [RoleID]?
    }

    /// A page of the members, in the order of their ids.
    /// - Throws: `.serverNotFound`, `.accessDenied`.
    func list(_ server: ServerID, _ page: Page, for caller: Caller) async throws -> [Member] {
        let (members, hidden) = try await parts.database.read { tx in
            _ = try Servers.standing(of: caller.user, in: server, tx)
            let members = try MemberStore.members(
                of: server, after: page.after, query: page.query.map { NameQuery($0) }, limit: page.limit, tx)
            return (members, try RelationshipStore.blockers(of: caller.user, tx))
        }
        return presences.attached(to: members, hiding: hidden)
    }

    // MARK: Rules

    /// Who may be acted on besides those below one.
    enum Exception {
        case nobody
        case oneself
    }

    /// A member whom the caller may act on: one below them.
    /// - Throws: `.memberNotFound`, `.permissionDenied`.
    static func target(
        _ user: UserID, of standing: Standing, permitting exception: Exception = .nobody, _ tx: Transaction
    ) throws -> Member {
        guard let member = try MemberStore.member(user, of: standing.server.id, tx) else {
            throw APIError.memberNotFound
        }
        if user == standing.holder.user, exception == .oneself { return member }
        let holder = try Servers.holder(user, in: standing.server, tx)
        guard PermissionRules.canAct(standing.holder, on: holder) else { throw APIError(.permissionDenied) }
        return member
    }

    // MARK: Changing

    /// Changes a member's nickname, silence and roles; all of it or nothing.
    /// - Throws: `.permissionDenied`, `.memberNotFound`, `.roleNotFound`.
    func change(_ user: UserID, _ change: Change, in server: ServerID, by caller: Caller) async throws -> Member {
        try await parts.database.write { tx in
            let standing = try Servers.standing(of: caller.user, in: server, tx)
            guard let old = try MemberStore.member(user, of: server, tx) else { throw APIError.memberNotFound }
            var new = old
            try rename(&new, change.nickname, by: standing, tx)
            try silence(&new, change.timeoutUntil, by: standing, tx)
            if let roles = change.roles {
                let wanted = Set(roles)
                for role in wanted.subtracting(old.roles).sorted() { try Self.requireGrantable(role, by: standing, tx) }
                for role in Set(old.roles).subtracting(wanted).sorted() {
                    try Self.requireRemovable(role, from: user, by: standing, tx)
                }
                new.roles = wanted.sorted()
            }
            try store(new, insteadOf: old, in: server, by: caller, tx)
            if let end = new.timeoutUntil, end != old.timeoutUntil,
                try Notifications.mayTellAgain(user, of: caller.user, tx)
            {
                let measure = Notification.Measure(
                    action: .timeout, serverName: standing.server.name, reason: change.timeoutReason, endsAt: end)
                try notifications.notify(
                    user, named: new.username, of: measure, in: standing.server, by: caller.user, tx)
            }
            return new
        }
    }

    private func rename(
        _ member: inout Member, _ change: Kernel.Change<String>, by standing: Standing, _ tx: Transaction
    ) throws {
        if case .unchanged = change { return }
        let isOneself = member.user == standing.holder.user
        try standing.permissions.require(isOneself ? .membersChangeNickname : .membersManageNicknames)
        if !isOneself { _ = try Self.target(member.user, of: standing, tx) }
        member.nickname = change.applied(to: member.nickname)
    }

    private func silence(
        _ member: inout Member, _ change: Kernel.Change<Timestamp>, by standing: Standing, _ tx: Transaction
    ) throws {
        if case .unchanged = change { return }
        try standing.permissions.require(.membersTimeout)
        _ = try Self.target(member.user, of: standing, tx)
        if case .set(let end) = change, !(tx.now...tx.now + Self.maximumTimeout).contains(end) {
            throw APIError.invalidInput("timeout_until", "must be within the next 28 days")
        }
        member.timeoutUntil = change.applied(to: member.timeoutUntil)
    }

    /// - Throws: `.permissionDenied`, `.memberNotFound`, `.roleNotFound`.
    func assign(_ role: RoleID, to user: UserID, in server: ServerID, by caller: Caller) async throws -> Member {
        try await changeRoles(of: user, in: server, by: caller) { roles, standing, tx in
            try Self.requireGrantable(role, by: standing, tx)
            roles.insert(role)
        }
    }

    func remove(_ role: RoleID, from user: UserID, in server: ServerID, by caller: Caller) async throws -> Member {
        try await changeRoles(of: user, in: server, by: caller) { roles, standing, tx in
            try Self.requireRemovable(role, from: user, by: standing, tx)
            roles.remove(role)
        }
    }

    private func changeRoles(
        of user: UserID, in server: ServerID, by caller: Caller,
        _ change: @escaping @Sendable (inout Set<RoleID>, Standing, Transaction) throws -> Void
    ) async throws -> Member {
        try await parts.database.write { tx in
            let standing = try Servers.standing(of: caller.user, in: server, tx)
            guard let old = try MemberStore.member(user, of: server, tx) else { throw APIError.memberNotFound }
            var roles = Set(old.roles)
            try change(&roles, standing, tx)
            var new = old
            new.roles = roles.sorted()
            try store(new, insteadOf: old, in: server, by: caller, tx)
            return new
        }
    }

    /// Nobody gets rid of what a role of their own denies them.
    private static func requireRemovable(
        _ role: RoleID, from user: UserID, by standing: Standing, _ tx: Transaction
    ) throws {
        try requireManageable(role, by: standing, tx)
        if user == standing.holder.user { try Roles.requireOverwrites(of: role, \.deny, by: standing, tx) }
    }

    private static func requireManageable(_ role: RoleID, by standing: Standing, _ tx: Transaction) throws {
        try standing.permissions.require(.membersManageRoles)
        let role = try Roles.actable(role, of: standing.server.id, by: standing, tx)
        guard !role.isDefault else { throw APIError.invalidInput("role_id", "everyone has the default role") }
    }

    /// Giving a role is granting what it allows, in single channels, too.
    private static func requireGrantable(_ role: RoleID, by standing: Standing, _ tx: Transaction) throws {
        try requireManageable(role, by: standing, tx)
        try Roles.requireOverwrites(of: role, \.allow, by: standing, tx)
        guard let role = try RoleStore.role(role, of: standing.server.id, tx) else { throw APIError.roleNotFound }
        try Roles.require(role.permissions, standing)
    }

    private func store(
        _ new: Member, insteadOf old: Member, in server: ServerID, by caller: Caller, _ tx: Transaction
    ) throws {
        let changes = AuditChanges.between(old, new)
        guard !changes.isEmpty else { return }
        try MemberStore.update(new, of: server, tx)
        if new.roles != old.roles {
            try sight.setRoles(new.roles, of: new.user, in: server, tx)
        }
        tx.emit(.guildMemberUpdate, MemberEvent(server: server, member: new), to: .server(server))
        let onlyRoles = changes.keys.allSatisfy { $0 == "roles" }
        try auditLog.record(
            onlyRoles ? .memberRolesUpdate : .memberUpdate, .user(new.user), in: server, by: caller, changes: changes,
            tx)
    }

    /// Forgets timeouts that are over.
    /// - Returns: whether there may be more.
    func endExpiredStates() async throws -> Bool {
        try await parts.database.write { tx in try ModerationStateStore.deleteExpired(limit: 500, tx) }
    }

    // MARK: Removing

    /// - Throws: `.permissionDenied`, `.memberNotFound`.
    func kick(_ user: UserID, from server: ServerID, by caller: Caller) async throws {
        try await parts.database.write { tx in
            let standing = try Servers.standing(of: caller.user, in: server, tx)
            try standing.permissions.require(.membersKick)
            let member = try Self.target(user, of: standing, tx)
            try Servers.remove(user, from: standing.server, parts.features, tx)
            try notifications.notify(
                user, named: member.username, of: Notification.Measure(action: .kick, serverName: standing.server.name),
                in: standing.server, by: caller.user, tx)
            try auditLog.record(
                .memberKick, .user(user), in: server, by: caller,
                changes: AuditChanges.between(member, nil).filter { ["roles", "joined_at"].contains($0.key) }, tx)
        }
    }
}
