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
        guard place.channel.server != nil else { return place.participants }
        let (groupOf, permissions) = try groups(in: place, tx)
        let isPrivate = place.channel.thread?.isPrivate == true
        let insiders = isPrivate ? Set(try ThreadMemberStore.members(of: place.channel.id, tx)) : []
        return groupOf.compactMap { user, group in
            let own = permissions[group]
            guard own.contains(.channelsView), own.contains(.messagesRead),
                !isPrivate || own.contains(.threadsManage) || insiders.contains(user)
            else { return nil }
            return user
        }
    }

    /// What its members hear of a private thread because they are in it, put together where it is the same: nothing while they
    /// don't see the channel.
    package static func membersHearing(_ place: Place, _ tx: Transaction) throws -> [[Audience]: [UserID]] {
        let (groupOf, permissions) = try groups(in: place, tx)
        let members = try ThreadMemberStore.members(of: place.channel.id, tx).filter { groupOf[$0] != nil }
        return Dictionary(grouping: members) { member in
            groupOf[member].map { threadAudiences(of: place.channel.id, permissions[$0]) } ?? []
        }
    }

    /// - Parameter permissions: in the channel of the thread.
    package static func threadAudiences(of thread: ChannelID, _ permissions: EffectivePermissions) -> [Audience] {
        guard permissions.contains(.channelsView) else { return [] }
        return permissions.contains(.messagesRead) ? [.channel(thread), .messages(of: thread)] : [.channel(thread)]
    }

    /// How the members of a server stand in one of its channels, or in the channel of a thread.
    private static func groups(
        in place: Place, _ tx: Transaction
    ) throws -> (groupOf: [UserID: Int], permissions: [EffectivePermissions]) {
        let parent = try place.channel.thread.map { try ChannelStore.channel($0.parent, tx) }
        guard let id = place.channel.server, let server = try ServerStore.server(id, tx),
            let decisive = parent ?? place.channel
        else { return ([:], []) }
        let overwrites = try ChannelStore.overwrites(of: [decisive.id] + (decisive.category.map { [$0] } ?? []), tx)
        let standings = Standings(
            of: try MemberStore.standings(of: id, tx), in: server, roles: try RoleStore.roles(of: id, tx),
            overwrites: overwrites.values.joined())
        return (standings.groupOf, standings.holders.map { self.place(decisive, $0, overwrites).permissions })
    }

    /// When some people came to where a place is.
    package static func arrivals(of users: [UserID], in place: Place, _ tx: Transaction) throws -> [UserID: Timestamp] {
        guard let server = place.channel.server else {
            return try ChannelStore.arrivals(in: place.channel.id, among: users, tx)
        }
        return try MemberStore.joined(server, among: users, tx)
    }
}
