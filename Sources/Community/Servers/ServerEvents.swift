import Database
import Events
import Kernel

package enum ServerEvents {
    static func changed(_ server: Server, _ tx: Transaction) {
        tx.emit(.guildUpdate, server, to: .server(server.id))
    }

    /// The user sees the server from here on.
    static func gained(_ server: Server, by user: UserID, _ tx: Transaction) throws {
        try Notifications.withdrawExclusions(of: user, from: server.id, tx)
        let audiences = try Servers.audiences(in: server, of: user, tx)
        tx.changeSight(SightChange(gained: audiences), of: [.user(user)])
        tx.emit(
            .guildCreate, try Servers.overview(of: server, for: user, tx), about: .place(.server(server.id)),
            to: .user(user))
    }

    /// The user sees nothing of the server any more. To be called while they are still a member.
    static func lost(_ server: Server, by user: UserID, _ tx: Transaction) throws {
        tx.emit(.guildMemberRemove, MemberRemovedEvent(server: server.id, user: user), to: .server(server.id))
        let audiences = try Servers.audiences(in: server, of: user, tx)
        tx.changeSight(SightChange(lost: audiences), of: [.user(user)])
        try Notifications.withdraw(of: user, in: server.id, tx)
        tx.emit(.guildDelete, ServerDeletedEvent(id: server.id), to: .user(user))
    }

    /// To be called while the members are still there.
    package static func deleted(_ server: Server, _ tx: Transaction) throws {
        tx.emit(.guildDelete, ServerDeletedEvent(id: server.id), to: .server(server.id))
        // Members may see different channels, so each group that sees the same loses just that. They are named one by one:
        // an audience can't be told of its own end.
        let nothing = SightMap(of: server, roles: [], channels: [], events: [])
        let changes = SightChanges(from: try SightMap(of: server, tx), to: nothing)
        let standings = try Standings(of: .all, in: server, owners: [server.owner], by: changes.rules, tx)
        var others = Set(try MemberStore.users(of: server.id, tx))
        for (difference, crowd) in changes.differences(among: standings.kinds).differences {
            let members = try crowd.members(of: server.id, tx)
            others.subtract(members)
            tx.changeSight(
                SightChange(lost: [.server(server.id)] + difference.lost.sorted()),
                of: members.sorted().map(Audience.user))
        }
        tx.changeSight(SightChange(lost: [.server(server.id)]), of: others.sorted().map(Audience.user))
    }
}

extension Servers {
    package static let events: [EventDeclaration] = [.init(.guildCreate), .init(.guildUpdate), .init(.guildDelete)]
}

extension EventKind where Payload == ServerOverview {
    static var guildCreate: Self {
        Self(
            "GUILD_CREATE", intents: .always(.guilds), heardBy: "who sees it from now on",
            "A server was made or joined.")
    }
}

extension EventKind where Payload == Server {
    static var guildUpdate: Self {
        Self("GUILD_UPDATE", intents: .always(.guilds), heardBy: "its members", "A server was changed.")
    }
}

extension EventKind where Payload == ServerDeletedEvent {
    static var guildDelete: Self {
        Self(
            .guildDelete, intents: .always(.guilds), heardBy: "who saw it",
            "A server is gone, or one is no member any more.")
    }
}
