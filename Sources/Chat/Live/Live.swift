import Database
import EventLog
import Gateway
import Kernel
import WebAPI

/// What the gateway learns from the features: who a token is, what they see, what they missed.
struct Live: GatewayBackend {
    let parts: Parts
    let sessions: Sessions
    let typing: Typing

    func identity(forToken token: String) async throws -> GatewayIdentity? {
        do {
            let caller = try await sessions.caller(forToken: token)
            return GatewayIdentity(user: caller.user, login: caller.login)
        } catch let error as APIError where error.status == 401 {
            return nil
        }
    }

    func snapshot(for identity: GatewayIdentity) async throws -> GatewaySnapshot {
        try await parts.database.read { tx in
            let user = try UserStore.required(identity.user, tx)
            let servers = try ServerStore.servers(of: user.id, tx)
            let overviews = try servers.map { try Servers.overview(of: $0, for: user.id, tx) }
            let none = [String]().jsonBytes
            return GatewaySnapshot(
                members: [
                    ("user", SelfUser(user).jsonBytes),
                    ("servers", overviews.jsonBytes),
                    ("private_channels", none),
                    ("relationships", none),
                    ("read_state", none),
                    ("settings", Array("{}".utf8)),
                    ("presences", none),
                ],
                audiences: try Self.audiences(of: user.id, in: servers, tx),
                position: try parts.log.newestPosition(tx))
        }
    }

    private static func audiences(
        of user: UserID, in servers: [Server], _ tx: Transaction
    ) throws -> Set<Audience> {
        try servers.reduce(into: [.user(user)]) { audiences, server in
            audiences.formUnion(try Servers.audiences(in: server, of: user, tx))
        }
    }

    func beginReplay(
        for identity: GatewayIdentity, after position: Int64
    ) async throws -> (replay: Replay, audiences: Set<Audience>) {
        try await parts.database.read { tx in
            let servers = try ServerStore.servers(of: identity.user, tx)
            let audiences = try Self.audiences(of: identity.user, in: servers, tx)
            let replay = try Replay(
                for: identity.user, after: position, seeing: audiences, in: parts.log, tx)
            return (replay, audiences)
        }
    }

    func continueReplay(_ replay: Replay) async throws -> GatewayReplayPage {
        try await parts.database.read { tx in
            var replay = replay
            let events = try replay.next(tx)
            return GatewayReplayPage(events: events, replay: replay)
        }
    }

    func typing(in channel: ChannelID, by identity: GatewayIdentity, hasStopped: Bool) async throws {
        try await typing.announce(in: channel, by: identity.user, hasStopped: hasStopped)
    }

    func members(_ request: GuildMembersRequest, for identity: GatewayIdentity) async throws -> [UInt8] {
        try await parts.database.read { tx in
            _ = try Servers.standing(of: identity.user, in: request.server, tx)
            let members =
                request.users.isEmpty
                ? try MemberStore.members(
                    of: request.server, after: nil, query: request.query, limit: request.limit, tx)
                : try MemberStore.members(Array(request.users.prefix(100)), of: request.server, tx)
            let found = Set(members.map(\.user))
            return MembersChunk(
                server: request.server, members: members, notFound: request.users.filter { !found.contains($0) }
            ).jsonBytes
        }
    }
}

/// GUILD_MEMBERS_CHUNK.
struct MembersChunk: JSONObjectEncodable {
    let server: ServerID
    let members: [Member]
    let notFound: [UserID]

    static let shape = JSONShape<MembersChunk>(
        "MembersChunk",
        .field("server_id", \.server), .field("members", \.members), .field("not_found", \.notFound))
}
