import Database
import Features
import Files
import Kernel
import People

/// What people say of themselves, each thing to whom they want (contract: REST, Profiles).
struct Profiles: Sendable {
    static let maximumMutualServers = 100

    let parts: Parts
    let users: Users
    let presences: Presences

    struct Change: Sendable {
        let bio: Kernel.Change<String>
        let pronouns: Kernel.Change<String>
        let location: Kernel.Change<String>
        let timezone: Kernel.Change<String>
        let accentColor: Kernel.Change<String>
        let socialLinks: Kernel.Change<[Profile.Link]>
        let banner: Kernel.Change<String>
        let status: Kernel.Change<String>
        let statusEmoji: Kernel.Change<String>
        let circles: [Profile.Field: Circle]
    }

    // MARK: Reading

    /// Somebody's profile, with what the caller may see of it.
    /// - Throws: `.userNotFound`.
    func profile(of user: UserID, for caller: Caller) async throws -> ShownProfile {
        var profile = try await parts.database.read { tx in
            let account = try UserStore.required(user, tx)
            let closeness = try Relationships.closeness(of: caller.user, to: user, tx)
            var profile = ShownProfile(
                user: account, profile: try ProfileStore.profile(of: user, tx), closeness: closeness)
            if [.stranger, .contact, .friend].contains(closeness) {
                profile.mutualServers = try MemberStore.mutualServers(
                    of: caller.user, and: user, limit: Self.maximumMutualServers, tx)
                profile.mutualFriendCount = try RelationshipStore.mutualFriendCount(of: caller.user, and: user, tx)
            }
            return profile
        }
        profile.presence = try await presences.presence(of: user, for: caller.user)
        return profile
    }

    // MARK: Changing

    /// Changes what the caller says of themselves, and the account with it.
    /// - Throws: `.invalidInput` for a banner that is not one's own, `.moduleNotAvailable` for what is part of the module, and
    ///   what changing an account throws.
    func change(
        _ change: Change, and account: Users.Change = .none, by caller: Caller, from client: ClientInformation
    ) async throws -> SelfUser {
        if change.isOfModule { try requireModule() }
        let changed = try await users.change(account, by: caller, from: client) { user, tx in
            user.bio = change.bio.applied(to: user.bio)
            user.bioCircle = change.circles[.bio] ?? user.bioCircle
            if change.isOfModule { try Self.apply(change, of: user.id, tx) }
        }
        if change.saysStatus { try await presences.say(change.status, change.statusEmoji, by: caller.user) }
        return changed
    }

    private func requireModule() throws {
        try parts.configuration.require(.profiles)
    }

    private static func apply(_ change: Change, of user: UserID, _ tx: Transaction) throws {
        let old = try ProfileStore.profile(of: user, tx)
        var new = old
        new.pronouns = change.pronouns.applied(to: old.pronouns)
        new.location = change.location.applied(to: old.location)
        new.timezone = change.timezone.applied(to: old.timezone)
        new.accentColor = change.accentColor.applied(to: old.accentColor)
        new.socialLinks = change.socialLinks.applied(to: old.socialLinks) ?? []
        new.circles.merge(change.circles.filter { $0.key != .bio }) { $1 }
        switch change.banner {
        case .unchanged: break
        case .cleared: new.banner = nil
        // A picture is always an upload of one's own: an address elsewhere would tell it who looks.
        case .set(let url) where url == old.bannerURL: break
        case .set: throw APIError.invalidInput("banner_url", "must be null, or the address that the server gave")
        }
        guard new != old else { return }
        try ProfileStore.set(new, tx)
        if new.banner != old.banner { try Blobs.release(old.banner, tx) }
    }

    /// - Parameter blob: nil for none.
    func setBanner(_ blob: BlobID?, of caller: Caller, _ tx: Transaction) throws {
        var profile = try ProfileStore.profile(of: caller.user, tx)
        let old = profile.banner
        guard old != blob else { return }
        profile.banner = blob
        try ProfileStore.set(profile, tx)
        try Blobs.release(old, tx)
        try UserEvents.changedForSelf(caller.user, tx)
    }
}

extension Profiles.Change {
    /// Whether it says something beside the presence.
    fileprivate var saysStatus: Bool { !status.isUnchanged || !statusEmoji.isUnchanged }

    /// Whether it names what there is only with the module: the bio is older.
    fileprivate var isOfModule: Bool {
        let texts = [pronouns, location, timezone, accentColor, banner]
        return !circles.isEmpty || saysStatus || !socialLinks.isUnchanged || texts.contains { !$0.isUnchanged }
    }
}

extension Change {
    fileprivate var isUnchanged: Bool { if case .unchanged = self { true } else { false } }
}
