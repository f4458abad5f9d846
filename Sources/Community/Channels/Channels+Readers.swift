import Database
import Events
import Kernel

/// Who reads a channel, worked out for all members at once.
extension Channels {
    /// Whether those who write there are told who has read, as long as few people read it. A thread is as its channel.
    package static func givesReceipts(_ channel: Channel, _ tx: Transaction) throws -> Bool {
        guard let thread = channel.thread else { return channel.givesReceipts ?? false }
        return try ChannelStore.channel(thread.parent, tx)?.givesReceipts ?? false
    }

    /// Everybody who reads a place now, bots among them.
    package static func readers(of place: Place, _ tx: Transaction) throws -> [UserID] {
        guard let server = place.channel.server else { return place.participants }
        let isPrivate = place.channel.thread?.isPrivate == true
        let insiders = isPrivate ? try ThreadMemberStore.members(of: place.channel.id, tx) : []
        return try standings(in: place, .all, tx).flatMap { members, own -> Set<UserID> in
            guard own.contains(.channelsView), own.contains(.messagesRead) else { return [] }
            return isPrivate && !own.contains(.threadsManage)
                ? try members.members(among: insiders, of: server, tx) : try members.members(of: server, tx)
        }
    }

    /// What its members hear of a private thread because they are in it, put together where it is the same: nothing while they
    /// don't see the channel.
    package static func membersHearing(_ place: Place, _ tx: Transaction) throws -> [[Audience]: [UserID]] {
        guard let server = place.channel.server else { return [:] }
        let insiders = try ThreadMemberStore.members(of: place.channel.id, tx)
        return try standings(in: place, .users(insiders), tx).reduce(into: [:]) { hearing, standing in
            let members = try standing.members.members(among: insiders, of: server, tx)
            guard !members.isEmpty else { return }
            hearing[threadAudiences(of: place.channel.id, standing.permissions), default: []] += members
        }
    }

    /// - Parameter permissions: in the channel of the thread.
    package static func threadAudiences(of thread: ChannelID, _ permissions: EffectivePermissions) -> [Audience] {
        guard permissions.contains(.channelsView) else { return [] }
        return permissions.contains(.messagesRead) ? [.channel(thread), .messages(of: thread)] : [.channel(thread)]
    }

    /// How members of a server stand in one of its channels, or in the channel of a thread.
    private static func standings(
        in place: Place, _ scope: Standings.Scope, _ tx: Transaction
    ) throws -> [(members: Crowd, permissions: EffectivePermissions)] {
        let parent = try place.channel.thread.map { try ChannelStore.channel($0.parent, tx) }
        guard let id = place.channel.server, let server = try ServerStore.server(id, tx),
            let decisive = parent ?? place.channel
        else { return [] }
        let overwrites = try ChannelStore.overwrites(of: [decisive.id] + (decisive.category.map { [$0] } ?? []), tx)
        let roles = try RoleStore.roles(of: id, tx)
        guard let table = Standings.RoleTable(roles) else { return [] }
        let rules = PlaceRules(in: server, roles: roles, overwrites: decisive.inForce(overwrites), deciding: .sight)
        return try Standings(of: scope, in: server, owners: [server.owner], by: [rules], tx).kinds.map {
            ($0.members, self.place(decisive, $0.holder(in: server, table), overwrites).permissions)
        }
    }

    /// When some people came to where a place is.
    package static func arrivals(of users: [UserID], in place: Place, _ tx: Transaction) throws -> [UserID: Timestamp] {
        guard let server = place.channel.server else {
            return try ChannelStore.arrivals(in: place.channel.id, among: users, tx)
        }
        return try MemberStore.joined(server, among: users, tx)
    }
}
