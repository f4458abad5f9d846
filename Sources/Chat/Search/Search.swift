import Database
import Kernel
import WebAPI

/// Finding messages, people and servers. Every result is one that the searcher may see at that moment.
struct Search: Sendable {
    /// Up to so many channels are named to the index; beyond, their servers are.
    private static let maximumNamedChannels = 100
    private static let batch = 100
    /// After so many candidates the search ends with what it has.
    private static let maximumCandidates = 20_000
    /// How many matches are put in order when the best ones are wanted.
    private static let maximumRanked = 500

    let parts: Parts

    /// Where to look.
    enum Place: Sendable {
        case everywhere
        case server(ServerID)
        case channel(ChannelID)
    }

    /// A search's ground: the channels that the searcher can read, and what the index is asked for.
    private struct Ground {
        let channels: [ChannelID: Channel]
        let scope: [Int32]
    }

    // MARK: Messages

    /// - Throws: `.accessDenied`, `.permissionDenied`, `.channelNotFound`, `.serverNotFound` for the place.
    func messages(_ query: SearchQuery, in place: Place, for caller: Caller) async throws -> [Message] {
        try await parts.database.read { tx in
            let ground = try ground(place, for: caller.user, tx)
            guard !ground.channels.isEmpty else { return [] }
            let wanted = query.order == .best ? Self.maximumRanked : query.limit
            var found = try find(query, in: ground, limit: wanted, tx)
            if query.order == .best {
                let scored = found.map { ($0, query.score(of: $0)) }
                found = scored.sorted { ($0.1, $0.0.id) > ($1.1, $1.0.id) }.map(\.0)
            }
            return try read(Array(found.prefix(query.limit)), in: ground, for: caller.user, tx)
        }
    }

    private func find(
        _ query: SearchQuery, in ground: Ground, limit: Int, _ tx: Transaction
    ) throws -> [SearchCandidate] {
        let isMatch = { (candidate: SearchCandidate) in
            ground.channels[candidate.channel] != nil && query.matches(candidate)
        }
        // Pins are few, and the index does not know them.
        if query.isPinned == true {
            let pinned = try SearchStore.pinnedCandidates(in: Array(ground.channels.keys), tx).filter(isMatch)
            return Array(pinned.sorted { $0.id > $1.id }.prefix(limit))
        }
        let fresh = try SearchStore.queuedCandidates(tx).filter(isMatch)
        var found: [SearchCandidate] = []
        var before = query.before ?? MessageID(rawValue: .max)
        var seen = 0
        while found.count < limit, seen < Self.maximumCandidates {
            let candidates = try SearchStore.candidates(
                having: query.tokens, anyOf: ground.scope, before: before, after: query.after ?? MessageID(rawValue: 0),
                limit: Self.batch, tx)
            found += candidates.filter(isMatch)
            seen += candidates.count
            guard let last = candidates.last, candidates.count == Self.batch else { break }
            before = last.id
        }
        return Array((fresh + found).sorted { $0.id > $1.id }.prefix(limit))
    }

    private func read(
        _ found: [SearchCandidate], in ground: Ground, for reader: UserID, _ tx: Transaction
    ) throws -> [Message] {
        var messages: [MessageID: Message] = [:]
        for (channel, candidates) in Dictionary(grouping: found, by: \.channel) {
            guard let channel = ground.channels[channel] else { continue }
            for message in try MessageStore.messages(candidates.map(\.id), in: channel, for: reader, tx) {
                messages[message.id] = message
            }
        }
        return found.compactMap { messages[$0.id] }
    }

    // MARK: The ground

    private func ground(_ place: Place, for user: UserID, _ tx: Transaction) throws -> Ground {
        switch place {
        case .channel(let id):
            let place = try Messages.place(id, for: user, requiring: .messagesRead, tx)
            return Ground(channels: [id: place.channel], scope: [SearchToken.channel(id)])
        case .server(let id):
            let standing = try Servers.standing(of: user, in: id, tx)
            let channels = try readable(in: id, standing.holder, tx)
            return Ground(channels: channels, scope: Self.scope(channels, [id], others: []))
        case .everywhere:
            var channels: [ChannelID: Channel] = [:]
            var servers: [ServerID] = []
            for server in try ServerStore.servers(of: user, tx) {
                servers.append(server.id)
                channels.merge(try readable(in: server.id, Servers.holder(user, in: server, tx), tx)) { $1 }
            }
            let others = try ChannelStore.privateChannels(of: user, tx)
            for channel in others { channels[channel.id] = channel }
            return Ground(channels: channels, scope: Self.scope(channels, servers, others: others.map(\.id)))
        }
    }

    /// With their threads.
    private func readable(
        in server: ServerID, _ holder: PermissionHolder, _ tx: Transaction
    ) throws -> [ChannelID: Channel] {
        var channels: [ChannelID: Channel] = [:]
        var parents: Set<ChannelID> = []
        for place in try Channels.visible(in: server, to: holder, tx) where place.permissions.contains(.messagesRead) {
            channels[place.channel.id] = place.channel
            parents.insert(place.channel.id)
        }
        for thread in try ChannelStore.threads(of: server, tx) {
            if let parent = thread.thread?.parent, parents.contains(parent) { channels[thread.id] = thread }
        }
        return channels
    }

    private static func scope(
        _ channels: [ChannelID: Channel], _ servers: [ServerID], others: [ChannelID]
    ) -> [Int32] {
        if channels.count <= maximumNamedChannels { return channels.keys.sorted().map(SearchToken.channel) }
        return servers.map(SearchToken.server) + others.map(SearchToken.channel)
    }

    // MARK: People and servers

    /// The user of exactly that name, and those whom the searcher knows: friends and members of shared servers.
    func users(_ text: String, limit: Int, for caller: Caller) async throws -> [PublicUser] {
        try await parts.database.read { tx in
            var users = try UserStore.related(to: caller.user, matching: text, limit: limit, tx)
            if let exact = try UserStore.user(named: text, tx) {
                users.removeAll { $0.id == exact.id }
                users.insert(exact, at: 0)
            }
            return users.prefix(limit).map(PublicUser.init)
        }
    }

    /// Of the servers that the searcher is in.
    func servers(_ text: String, limit: Int, for caller: Caller) async throws -> [Server] {
        let wanted = SearchText(text)
        return try await parts.database.read { tx in
            Array(
                try ServerStore.servers(of: caller.user, tx).filter { SearchText($0.name).contains(wanted) }
                    .prefix(limit))
        }
    }

    /// Indexes some of the messages in line.
    /// - Returns: whether there may be more.
    func indexNext() async throws -> Bool {
        guard let batch = try await parts.database.read({ tx in try SearchIndex.prepareNext(tx) }) else { return false }
        try await parts.database.write { tx in try SearchIndex.insert(batch, tx) }
        return true
    }
}
