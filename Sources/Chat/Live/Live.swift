import Community
import Content
import Database
import Events
import Features
import Gateway
import Kernel
import People

/// What the gateway learns from the features: who a token is, what they see, what they missed.
struct Live: GatewayBackend {
    let parts: Parts
    let sessions: Sessions
    let typing: Typing
    let presences: Presences
    let voice: Voice
    let receipts: Receipts
    let features: [any Feature]

    func identity(forToken token: String) async throws -> GatewayIdentity? {
        if let caller = try await caller({ try await sessions.currentCaller(forToken: token) }) {
            return GatewayIdentity(user: caller.user, login: caller.login)
        }
        guard let bot = try await caller({ try await sessions.currentBot(forToken: token) }) else { return nil }
        let (application, servers) = try await parts.database.read { tx in
            (try ApplicationStore.application(ofBot: bot.user, tx), try ServerStore.count(of: bot.user, tx))
        }
        return GatewayIdentity(
            user: bot.user, login: bot.login, isBot: true, grantedIntents: application?.intents ?? [],
            neededShards: BotGateway.shards(for: servers, atMost: parts.configuration.serversPerShard))
    }

    /// Nil for a token that is not, or no longer, one of that kind.
    private func caller(_ authenticate: () async throws -> Caller) async throws -> Caller? {
        do {
            return try await authenticate()
        } catch let error as APIError where error.status == 401 {
            return nil
        }
    }

    func countStart(of identity: GatewayIdentity) async throws {
        guard identity.isBot else { return }
        let isCounted = try await parts.database.write { [parts] tx in
            try ApplicationStore.countStart(of: identity.user, atMost: parts.configuration.sessionStartsPerDay, tx)
        }
        if !isCounted { throw GatewayRefusal.tooManyStarts }
    }

    func snapshot(for identity: GatewayIdentity) async throws -> GatewaySnapshot {
        try await parts.log.read(on: parts.database) { tx in
            let memberships = try Self.memberships(of: identity, tx)
            guard memberships.count <= parts.configuration.serversPerShard else { throw GatewayRefusal.tooManyServers }
            let audiences = try self.audiences(of: identity, in: memberships, tx)
            try parts.log.requireSettled(for: audiences, tx)
            let reader = ReadyReader(user: identity.user, shard: identity.shard)
            let members = try features.flatMap { feature in
                try (feature as? any ServerReader)?.ready(in: memberships, for: reader, tx)
                    ?? feature.ready(for: reader, tx)
            }
            return GatewaySnapshot(
                members: members.map { ($0.name, $0.bytes) }, audiences: audiences, place: try parts.log.place(tx))
        }
    }

    /// In those of the user's servers that belong to the session.
    private static func memberships(of identity: GatewayIdentity, _ tx: Transaction) throws -> [Membership] {
        try Servers.memberships(of: identity.user, where: { identity.shard?.contains($0) ?? true }, tx)
    }

    private func audiences(
        of identity: GatewayIdentity, in memberships: [Membership], _ tx: Transaction
    ) throws -> Set<Audience> {
        var audiences = try Servers.audiences(of: identity.user, in: memberships, tx)
        audiences.formUnion(
            try voice.audiences(of: identity.user, login: identity.login, session: identity.session, tx))
        audiences.insert(.user(identity.user))
        if identity.shard?.isFirst ?? true { audiences.formUnion(try PrivateChannels.audiences(of: identity.user, tx)) }
        return audiences
    }

    private func sight(
        of identity: GatewayIdentity, in memberships: [Membership], _ tx: Transaction
    ) throws -> SightNow {
        var permissions: [Audience: PermissionSet] = [:]
        for membership in memberships {
            permissions[.server(membership.server.id)] = membership.standing.permissions.granted
            for place in membership.places { permissions[.channel(place.channel.id)] = place.permissions.granted }
        }
        return SightNow(try audiences(of: identity, in: memberships, tx), permissions: permissions)
    }

    func beginReplay(
        for identity: GatewayIdentity, after position: Int64, of epoch: LogEpoch?, limit: Int
    ) async throws -> (replay: Replay, audiences: Set<Audience>) {
        try await parts.log.read(on: parts.database) { tx in
            let sight = try self.sight(of: identity, in: try Self.memberships(of: identity, tx), tx)
            let replay = try Replay(
                for: identity.user, after: position, of: epoch, seeing: sight, in: parts.log, limit: limit, tx)
            return (replay, sight.audiences)
        }
    }

    func continueReplay(_ replay: Replay) async throws -> GatewayReplayPage {
        try await parts.database.read { tx in
            var replay = replay
            let events = try Self.withoutWhatIsGone(try replay.next(tx), tx)
            return GatewayReplayPage(events: events, replay: replay)
        }
    }

    /// What is told of messages and threads that were deleted since is their deletion alone, and nobody quotes them any more.
    private static func withoutWhatIsGone(_ events: [Event], _ tx: Transaction) throws -> [Event] {
        let things = Set(events.flatMap { [$0.subject.thing, $0.subject.quoted] }.compactMap { $0 }).sorted()
        let messages = Set(try MessageStore.present(things, tx))
        let channels = Set(try ChannelStore.present(things.filter { !messages.contains($0) }, tx))
        let others = things.filter { !messages.contains($0) && !channels.contains($0) }
        let present = messages.union(channels).union(try UserStore.present(others, tx))
        return events.compactMap { event in
            if let thing = event.subject.thing, !present.contains(thing) { return nil }
            guard let quoted = event.subject.quoted, !present.contains(quoted) else { return event }
            return event.with(payload: Message.withoutQuotation(event.payload))
        }
    }

    func resumption(
        of identity: GatewayIdentity, after position: Int64, _ intents: Intents
    ) async throws -> @Sendable () -> [UInt8] {
        try await voice.resume(identity.user, login: identity.login, session: identity.session)
        let shard = identity.shard
        let changes =
            intents.contains(.guildPresences)
            ? try await presences.changes(for: identity.user, in: shard, since: position)
            : try await presences.ownChange(of: identity.user, in: shard, since: position)
        return { Resumed(presences: changes()).jsonBytes }
    }

    func startsTyping(in channel: ChannelID, _ identity: GatewayIdentity) async throws {
        try await typing.start(in: channel, by: identity.user)
    }

    func stopsTyping(in channel: ChannelID, _ identity: GatewayIdentity) async throws {
        try await typing.stop(in: channel, by: identity.user)
    }

    func members(_ request: GuildMembersRequest, for identity: GatewayIdentity) async throws -> [UInt8] {
        guard identity.shard?.contains(request.server) ?? true else { throw APIError.accessDenied }
        let (members, hidden) = try await parts.database.read { tx in
            _ = try Servers.standing(of: identity.user, in: request.server, tx)
            let members =
                request.users.isEmpty
                ? try MemberStore.members(of: request.server, called: request.query ?? "", limit: request.limit, tx)
                : try MemberStore.members(Array(request.users.prefix(100)), of: request.server, tx)
            return (members, try RelationshipStore.blockers(of: identity.user, tx))
        }
        let found = Set(members.map(\.user))
        let showsPresences = request.wantsPresences && identity.refusedIntents.isDisjoint(with: .guildPresences)
        if showsPresences { presences.watch(Array(found), in: request.server, by: identity.user) }
        return MembersChunk(
            server: request.server,
            members: showsPresences ? presences.attached(to: members, hiding: hidden) : members,
            notFound: request.users.filter { !found.contains($0) },
            nonce: request.nonce
        ).jsonBytes
    }

    func acknowledged(_ position: Int64, by identity: GatewayIdentity) {
        if !identity.isBot { receipts.acknowledged(position, by: identity.user) }
    }

    func connected(_ identity: GatewayIdentity, connection: UInt64) {
        presences.deviceCame(connection, of: identity.user)
        voice.connected(connection, of: identity.user, login: identity.login, session: identity.session)
    }

    func disconnected(_ identity: GatewayIdentity, connection: UInt64) {
        presences.deviceWent(connection, of: identity.user)
        voice.disconnected(connection, of: identity.user, login: identity.login, session: identity.session)
    }

    func connectionsElsewhere(of user: UserID) -> Int { presences.devicesElsewhere(of: user) }

    func room(for user: UserID, having count: Int, of limit: Int) -> Int {
        presences.room(for: user, having: count, of: limit)
    }

    func presence(_ status: String, of connection: UInt64, by identity: GatewayIdentity) async throws {
        guard let status = Presence.Status(rawValue: status) else {
            throw APIError.invalidInput("status", "is no status")
        }
        presences.device(connection, of: identity.user, is: status)
    }
}

/// RESUMED.
struct Resumed: JSONObjectEncodable {
    /// Of those whom the session watches and who have changed.
    let presences: [Presence]

    static let shape = JSONShape<Resumed>("Resumed", .field("presences", \.presences))
}

/// GUILD_MEMBERS_CHUNK.
struct MembersChunk: JSONObjectEncodable {
    let server: ServerID
    let members: [Member]
    let notFound: [UserID]
    /// That of the request.
    let nonce: String?

    static let shape = JSONShape<MembersChunk>(
        "MembersChunk",
        .field("server_id", \.server), .field("members", \.members), .field("not_found", \.notFound),
        .field("nonce", \.nonce))
}
