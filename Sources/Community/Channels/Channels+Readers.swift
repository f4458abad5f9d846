import Database
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
        guard let id = place.channel.server else { return place.participants }
        let parent = try place.channel.thread.map { try ChannelStore.channel($0.parent, tx) }
        guard let server = try ServerStore.server(id, tx), let decisive = parent ?? place.channel else { return [] }
        let overwrites = try ChannelStore.overwrites(of: [decisive.id] + (decisive.category.map { [$0] } ?? []), tx)
        let standings = Standings(
            of: try MemberStore.standings(of: id, tx), in: server, roles: try RoleStore.roles(of: id, tx),
            overwrites: overwrites.values.joined())
        let permissions = standings.holders.map { self.place(decisive, $0, overwrites).permissions }
        let isPrivate = place.channel.thread?.isPrivate == true
        let insiders = isPrivate ? Set(try ThreadMemberStore.members(of: place.channel.id, tx)) : []
        return standings.groupOf.compactMap { user, group in
            let own = permissions[group]
            guard own.contains(.channelsView), own.contains(.messagesRead),
                !isPrivate || own.contains(.threadsManage) || insiders.contains(user)
            else { return nil }
            return user
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
