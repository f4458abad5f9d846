import Community
import Database
import Events
import Features
import Kernel
import People

/// What administrators of the instance do with accounts.
struct AdminUsers: Sendable {
    let parts: Parts
    let sessions: Sessions
    let deletions: AccountDeletions
    let log: AdminLog

    struct Page: Sendable {
        let text: String?
        let after: UserID?
        let limit: Int
    }

    // MARK: Looking

    func list(_ page: Page) async throws -> [AdminUser] {
        try await parts.database.read { tx in
            try AdminStore.users(matching: page.text, after: page.after, limit: page.limit, tx).map(AdminUser.init)
        }
    }

    func read(_ id: UserID) async throws -> AdminUser {
        try await parts.database.read { tx in AdminUser(user: try UserStore.required(id, tx)) }
    }

    // MARK: Doing

    /// Changes an account and writes it down.
    /// - Throws: `.userNotFound`; `.permissionDenied` for another administrator: these are made and unmade on the command
    ///   line.
    private func change(
        _ id: UserID, _ action: String, by caller: Caller,
        _ body: @escaping @Sendable (User, Transaction) throws -> Void
    ) async throws -> AdminUser {
        let bots = try await parts.database.read { tx in try ApplicationStore.applications(of: id, tx) }
        defer { for user in [id] + bots.compactMap(\.bot) { sessions.forget(user) } }
        return try await parts.database.write { tx in
            let old = try UserStore.required(id, tx)
            guard !old.isAdmin || id == caller.user else { throw APIError(.permissionDenied) }
            guard old.deletedAt == nil else { throw APIError.userNotFound }
            try body(old, tx)
            tx.changeStanding(of: [id] + (try ApplicationStore.applications(of: id, tx)).compactMap(\.bot))
            let new = AdminUser(user: try UserStore.required(id, tx))
            // Nobody is told which administrator it was.
            try SecurityLog.record(
                .adminAction, of: id, from: nil, with: ["action": .string(action)], self.parts, tx)
            try log.record(
                action, id.description, changes: AuditChanges.between(AdminUser(user: old), new), by: caller, tx)
            return new
        }
    }

    /// Keeps an account from being used, and ends its sessions.
    func lock(_ id: UserID, by caller: Caller) async throws -> AdminUser {
        guard id != caller.user else { throw APIError.invalidInput("user_id", "is your own") }
        return try await change(id, "user.lock", by: caller) { user, tx in
            try AccountStore.setLocked(user.lockedAt ?? tx.now, id, tx)
            try Sessions.endAll(of: id, except: nil, because: .locked, tx)
            try Sessions.takeTokens(ofBotsOf: id, tx)
        }
    }

    func unlock(_ id: UserID, by caller: Caller) async throws -> AdminUser {
        try await change(id, "user.unlock", by: caller) { _, tx in
            try AccountStore.setLocked(nil, id, tx)
        }
    }

    func logOut(_ id: UserID, by caller: Caller) async throws -> AdminUser {
        try await change(id, "user.logout", by: caller) { _, tx in
            try Sessions.endAll(of: id, except: nil, because: .revoked, tx)
            try Sessions.takeTokens(ofBotsOf: id, tx)
        }
    }

    /// Gives an account another name, by default one that says nothing.
    /// - Throws: `.usernameTaken`.
    func rename(_ id: UserID, to name: String?, by caller: Caller) async throws -> AdminUser {
        try await change(id, "user.rename", by: caller) { user, tx in
            var renamed = user
            if let name, NameRules.key(name) != NameRules.key(user.username) { try AccountNames.requireFree(name, tx) }
            renamed.username = name ?? GeneratedName.user(id)
            renamed.displayName = nil
            try UserStore.update(renamed, tx)
            try UserEvents.changed(renamed, self.parts.features, tx)
        }
    }

    /// Begins the deletion: the account is locked, and erased when the time of grace is over.
    func delete(_ id: UserID, by caller: Caller) async throws -> AdminUser {
        guard id != caller.user else { throw APIError.invalidInput("user_id", "is your own") }
        return try await change(id, "user.delete", by: caller) { user, tx in
            try AccountStore.setLocked(user.lockedAt ?? tx.now, id, tx)
            try AccountStore.setDeletion(tx.now + AccountDeletions.grace, of: id, tx)
            try Sessions.endAll(of: id, except: nil, because: .deleted, tx)
            try Sessions.takeTokens(ofBotsOf: id, tx)
        }
    }

    /// Takes a deletion back that has not happened yet.
    func restore(_ id: UserID, by caller: Caller) async throws -> AdminUser {
        try await change(id, "user.restore", by: caller) { _, tx in
            try AccountStore.setLocked(nil, id, tx)
            try AccountStore.setDeletion(nil, of: id, tx)
        }
    }

    // MARK: Tiers and badges

    func benefits(of id: UserID) async throws -> UserBenefits {
        let user = try await read(id).user
        return UserBenefits(badges: user.badges, tier: user.tier, limits: user.tier.limits)
    }

    func setTier(_ tier: Tier, of id: UserID, by caller: Caller) async throws -> UserBenefits {
        _ = try await change(id, "user.tier", by: caller) { _, tx in try AdminStore.setTier(tier, id, tx) }
        return try await benefits(of: id)
    }

    func giveBadge(_ name: String, to id: UserID, by caller: Caller) async throws -> UserBenefits {
        let badge = try Self.badge(name)
        return try await changeBadges(of: id, "user.badge_add", by: caller) { $0.union([badge]) }
    }

    func takeBadge(_ name: String, from id: UserID, by caller: Caller) async throws -> UserBenefits {
        let badge = try Self.badge(name)
        return try await changeBadges(of: id, "user.badge_remove", by: caller) { $0.subtracting([badge]) }
    }

    private static func badge(_ name: String) throws(APIError) -> Badge {
        guard let badge = Badge(rawValue: name) else {
            throw APIError.invalidInput(
                "badge", "must be one of \(Badge.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        return badge
    }

    private func changeBadges(
        of id: UserID, _ action: String, by caller: Caller, _ change: @escaping @Sendable (Set<Badge>) -> Set<Badge>
    ) async throws -> UserBenefits {
        _ = try await self.change(id, action, by: caller) { user, tx in
            let wanted = change(Set(user.badges))
            let badges = Badge.allCases.filter(wanted.contains)
            try BadgeStore.set(badges, of: id, tx)
            try UserEvents.changed(try UserStore.required(id, tx), self.parts.features, tx)
        }
        return try await benefits(of: id)
    }
}
