import Database
import Features
import Kernel

/// The directory of servers that anybody on the instance may find and join.
package struct Discovery: Sendable {
    static let cap = Cap("servers in the directory", per: .instance, 10_000, .refused(field: "enabled"))
    static let bumpPause = Duration.seconds(2 * 3600)

    let parts: Parts
    let servers: Servers
    let auditLog: AuditLog

    // MARK: Being found

    /// - Throws: `.permissionDenied` without `server.manage`.
    func report(_ id: ServerID, for caller: Caller) async throws -> ListingReport {
        try await parts.database.read { tx in
            try Servers.standing(of: caller.user, in: id, tx).permissions.require(.serverManage)
            return ListingReport(listing: try ListingStore.listing(of: id, tx))
        }
    }

    struct Draft: Sendable {
        let isEnabled: Bool
        let texts: Listing.Texts
    }

    func set(_ draft: Draft, of id: ServerID, by caller: Caller) async throws -> ListingReport {
        try await parts.database.write { tx in
            let standing = try Servers.standing(of: caller.user, in: id, tx)
            try standing.permissions.require(.serverManage)
            let old = try ListingStore.listing(of: id, tx)
            var new =
                old
                ?? Listing(server: id, isEnabled: draft.isEnabled, texts: draft.texts, status: .pending)
            new.status = Listing.status(after: old, draft.texts, parts.configuration.review)
            new.isEnabled = draft.isEnabled
            new.texts = draft.texts
            try Self.store(new, insteadOf: old, of: standing.server, tx)
            if new != old {
                try auditLog.record(
                    .discoveryUpdate, .server(id), in: id, by: caller,
                    changes: AuditChanges.between(
                        ListingReport(listing: old), ListingReport(listing: new)
                    ).filter { !$0.key.hasSuffix("_at") }, tx)
            }
            return ListingReport(listing: try ListingStore.listing(of: id, tx))
        }
    }

    /// - Throws: `.invalidInput` when the directory is full.
    package static func store(
        _ listing: Listing, insteadOf old: Listing?, of server: Server, _ tx: Transaction
    ) throws {
        var listing = listing
        if listing.isListed, old?.isListed != true {
            try cap.requireRoom(try ListingStore.listedCount(tx))
            listing.listedAt = listing.listedAt ?? tx.now
        }
        try ListingStore.set(listing, named: server.name, tx)
    }

    /// A server is called otherwise or has another icon, which stands in the directory as well: administrators who look at
    /// what is listed look again.
    static func faceChanges(_ server: Server, _ configuration: ChatConfiguration, _ tx: Transaction) throws {
        guard var listing = try ListingStore.listing(of: server.id, tx) else { return }
        if listing.status == .listed, configuration.review == .before { listing.status = .pending }
        try ListingStore.set(listing, named: server.name, tx)
    }

    /// Puts a server at the top of those that were put there.
    /// - Throws: `.rateLimited` within two hours; `.accessDenied` for a server that is not listed.
    func bump(_ id: ServerID, by caller: Caller) async throws -> Bump {
        try await parts.database.write { tx in
            let standing = try Servers.standing(of: caller.user, in: id, tx)
            try standing.permissions.require(.serverManage)
            guard var listing = try ListingStore.listing(of: id, tx), listing.isListed else {
                throw APIError.accessDenied
            }
            if let last = listing.bumpedAt, last + Self.bumpPause > tx.now {
                let rest = min(last.milliseconds - tx.now.milliseconds, 0) + Self.bumpPause.wholeMilliseconds
                throw APIError.rateLimited(retryAfter_s: Double(rest) / 1000)
            }
            listing.bumpedAt = tx.now
            try ListingStore.set(listing, named: standing.server.name, tx)
            return Bump(at: tx.now)
        }
    }

    // MARK: Finding

    func search(_ search: ListingSearch, for caller: Caller) async throws -> ListedServers {
        try await parts.database.read { tx in
            let candidates = try ListingStore.candidates(search.category, search.language, tx)
            let ids = candidates.map(\.server)
            let online = search.order == .active ? try PresenceStore.onlineCounts(in: ids, tx) : [:]
            let ranked = search.ranked(
                candidates, members: try ServerStore.memberCounts(of: ids, tx), online: online)
            let page = Array(ranked.dropFirst(search.offset).prefix(search.limit))
            return ListedServers(servers: try Self.listed(page, for: caller, tx), total: ranked.count)
        }
    }

    private static func listed(_ ids: [ServerID], for caller: Caller, _ tx: Transaction) throws -> [ListedServer] {
        let listings = try ListingStore.listings(of: ids, tx)
        let online = try PresenceStore.onlineCounts(in: ids, tx)
        return try ids.compactMap { id in
            guard let listing = listings[id], listing.isListed,
                let (server, isMember) = try tx.ask(ServerStore.server(id, asSeenBy: caller.user))
            else { return nil }
            return ListedServer(
                server: server, texts: listing.texts, onlineCount: online[id] ?? 0, isMember: isMember)
        }
    }

    /// The hundred tags that most servers have.
    func tags() async throws -> [ListingTopic] {
        let candidates = try await parts.database.read { tx in try ListingStore.candidates(nil, nil, tx) }
        let counts = candidates.flatMap(\.tags).reduce(into: [:]) { $0[$1, default: 0] += 1 }
        return counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(100)
            .map { ListingTopic(name: $0.key, serverCount: $0.value) }
    }

    /// All of them, also those that no server has.
    func categories() async throws -> [ListingTopic] {
        let counts = try await parts.database.read { tx in
            Dictionary(uniqueKeysWithValues: try ListingStore.categories(tx).map { ($0.name, $0.serverCount) })
        }
        return Listing.Category.allCases.map { ListingTopic(name: $0.rawValue, serverCount: counts[$0.rawValue] ?? 0) }
    }

    /// - Throws: `.serverNotFound`; `.accessDenied` for a server that is not listed.
    func preview(_ id: ServerID, for caller: Caller) async throws -> ServerPreview {
        try await parts.database.read { tx in
            guard try ServerStore.server(id, tx) != nil else { throw APIError.serverNotFound }
            guard let listed = try Self.listed([id], for: caller, tx).first else { throw APIError.accessDenied }
            let hasRules = !parts.configuration.disabledModules.contains(.onboarding)
            let rules = hasRules ? try OnboardingStore.setup(of: id, tx).rules : ServerRules()
            return ServerPreview(
                listed: listed, emojis: try EmojiStore.emojis(of: id, tx), rules: rules.isEnabled ? rules.rules : [])
        }
    }

    /// - Throws: `.accessDenied` for a server that is not listed; `.alreadyMember`, `.bannedFromServer`.
    func join(_ id: ServerID, by caller: Caller) async throws -> JoinedServer {
        try await parts.database.write { tx in
            guard let (server, isMember) = try tx.ask(ServerStore.server(id, asSeenBy: caller.user)) else {
                throw APIError.serverNotFound
            }
            guard try isMember || ListingStore.listing(of: id, tx)?.isListed == true else {
                throw APIError.accessDenied
            }
            try servers.join(server, by: caller.user, tx)
            return JoinedServer(server: id)
        }
    }
}
