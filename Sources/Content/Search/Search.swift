import Community
import Database
import Features
import Kernel
import People

/// Finding messages, people and servers. Every result is one that the searcher may see at that moment.
package struct Search: Sendable {
    /// Up to so many channels are named to the index; beyond, their servers are.
    private static let maximumNamedChannels = 100
    /// How many matches are put in order when the best ones are wanted.
    private static let maximumRanked = 500
    /// Between the steps of making the index anew, so that whoever writes does not wait for it.
    private static let pause = Duration.milliseconds(10)

    let parts: Parts

    /// Where to look.
    enum Place: Sendable {
        case everywhere
        case server(ServerID)
        case channel(ChannelID)
    }

    // MARK: Messages

    /// - Throws: `.accessDenied`, `.permissionDenied`, `.channelNotFound`, `.serverNotFound` for the place.
    func messages(_ query: SearchQuery, in place: Place, for caller: Caller) async throws -> [Message] {
        try await parts.database.read { tx in
            let ground = try ground(place, for: caller.user, tx)
            guard !ground.channels.isEmpty else { return [] }
            var hunt = SearchHunt(
                query, in: ground, limit: query.order == .best ? Self.maximumRanked : query.limit)
            var found = try hunt.run(tx)
            if query.order == .best {
                let scored = found.map { ($0, query.score(of: $0)) }
                found = scored.sorted { ($0.1, $0.0.id) > ($1.1, $1.0.id) }.map(\.0)
            }
            return try read(Array(found.prefix(query.limit)), in: &hunt.ground, for: caller.user, tx)
        }
    }

    private func read(
        _ found: [SearchCandidate], in ground: inout SearchGround, for reader: UserID, _ tx: Transaction
    ) throws -> [Message] {
        var messages: [MessageID: Message] = [:]
        for (channel, candidates) in Dictionary(grouping: found, by: \.channel) {
            guard let channel = try ground.channel(channel, tx) else { continue }
            for message in try MessageStore.messages(candidates.map(\.id), in: channel, for: reader, tx) {
                messages[message.id] = message
            }
        }
        return found.compactMap { messages[$0.id] }
    }

    // MARK: The ground

    private func ground(_ place: Place, for user: UserID, _ tx: Transaction) throws -> SearchGround {
        switch place {
        case .channel(let id):
            let place = try Messages.place(id, for: user, requiring: .messagesRead, tx)
            return SearchGround(only: place.channel)
        case .server(let id):
            let standing = try Servers.standing(of: user, in: id, tx)
            return try Self.ground(of: try readable(in: id, standing.holder, tx), [id], others: [], for: user, tx)
        case .everywhere:
            var places: [Community.Place] = []
            var servers: [ServerID] = []
            for server in try ServerStore.servers(of: user, tx) {
                servers.append(server.id)
                places += try readable(in: server.id, Servers.holder(user, in: server, tx), tx)
            }
            return try Self.ground(
                of: places, servers, others: try ChannelStore.privateChannels(of: user, tx), for: user, tx)
        }
    }

    /// Without threads.
    private func readable(
        in server: ServerID, _ holder: PermissionHolder, _ tx: Transaction
    ) throws -> [Community.Place] {
        try Channels.visible(in: server, to: holder, tx).filter { $0.permissions.contains(.messagesRead) }
    }

    private static func ground(
        of places: [Community.Place], _ servers: [ServerID], others: [Channel], for reader: UserID, _ tx: Transaction
    ) throws -> SearchGround {
        let parents = places.map(\.channel.id)
        let managed = places.filter { $0.permissions.keeps(.threadsManage) }.map(\.channel.id)
        let joined = try ThreadMemberStore.privateThreads(joinedBy: reader, in: parents, tx)
        let scope =
            places.count + others.count <= maximumNamedChannels
            ? parents.sorted().flatMap { [SearchToken.channel($0), SearchToken.threads(of: $0)] }
            : servers.map(SearchToken.server)
        return SearchGround(
            channels: places.map(\.channel) + others, parents: Set(parents), managed: Set(managed),
            scope: scope + others.map { SearchToken.channel($0.id) }
                + managed.sorted().map(SearchToken.privateThreads) + joined.map(SearchToken.channel),
            reader: reader)
    }

    // MARK: People and servers

    /// What to find people by, and after whom to go on.
    struct People: Sendable {
        let text: String
        let after: UserID?
        let limit: Int
    }

    /// The user of exactly that name, and those whom the searcher knows: friends and members of shared servers, by user
    /// name, with any part of any word of what they are called.
    func users(_ wanted: People, for caller: Caller) async throws -> [PublicUser] {
        let query = NameQuery(wanted.text)
        return try await parts.database.read { tx in
            var users = try MemberStore.acquaintances(
                of: caller.user, matching: query, after: wanted.after, limit: wanted.limit, tx)
            if let exact = try UserStore.user(named: wanted.text, tx) {
                users.removeAll { $0.id == exact.id }
                if wanted.after == nil { users.insert(exact, at: 0) }
            }
            let strangers = try RelationshipStore.blockers(of: caller.user, tx)
            return users.prefix(wanted.limit).map { PublicUser($0, keptAwayBy: strangers) }
        }
    }

    /// Of the servers that the searcher is in.
    func servers(_ text: String, limit: Int, for caller: Caller) async throws -> [Server] {
        let query = NameQuery(text)
        return try await parts.database.read { tx in
            Array(try ServerStore.servers(of: caller.user, tx).filter { query.matches([$0.name]) }.prefix(limit))
        }
    }

    /// Brings the index a step further.
    /// - Returns: whether there may be more to do.
    package func indexNext() async throws -> Bool {
        let step = try await parts.database.read { tx in try SearchIndex.next(tx) }
        if case .nothing = step { return false }
        try await parts.database.write { tx in try SearchIndex.perform(step, tx) }
        switch step {
        case .fetchOlder: try await Task.sleep(for: Self.pause)
        case .insert(_, _, let isLast):
            try await merge()
            // What has come meanwhile can wait until there is more of it: many at once cost little more than a few.
            return !isLast
        case .nothing, .beginAnew: break
        }
        return true
    }

    /// In transactions of their own, so that nobody who writes waits for long. What is left after so many goes on after the next step.
    private func merge() async throws {
        for _ in 0..<64 {
            guard try await parts.database.write({ tx in try SearchStore.merge(tx) }) else { return }
        }
    }
}
