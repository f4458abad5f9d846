import Database
import Events
import Kernel

/// Who sees which channels and events of a server, kept true when roles, overwrites and categories change.
///
/// Visibility is worked out here, when permissions change, and not when messages are sent. The change becomes part of the
/// event log, addressed to those whom it concerns and to nobody else.
struct Sight: Sendable {
    let ids: Snowflakes

    /// What members stand to lose and to gain together.
    private struct Difference: Hashable {
        let lost: Set<Audience>
        let gained: Set<Audience>
        let lostEvents: Set<ScheduledEventID>
        let gainedEvents: Set<ScheduledEventID>

        init(_ old: SightMap.View, _ new: SightMap.View) {
            lost = old.audiences.subtracting(new.audiences)
            gained = new.audiences.subtracting(old.audiences)
            lostEvents = old.events.subtracting(new.events)
            gainedEvents = new.events.subtracting(old.events)
        }

        var isEmpty: Bool { lost.isEmpty && gained.isEmpty && lostEvents.isEmpty && gainedEvents.isEmpty }
    }

    /// Makes a change of permissions and tells those who see more or less afterwards: CHANNEL_CREATE for what they gain,
    /// CHANNEL_DELETE for what they lose, and GUILD_SCHEDULED_EVENT_UPDATE and _DELETE in the same way.
    /// - Parameters:
    ///   - scope: whose sight the change can touch.
    ///   - body: leaves everybody in the server with their roles; one that goes may cease to be a role.
    func change<Result>(
        in server: ServerID, of scope: Standings.Scope = .all, _ tx: Transaction, _ body: () throws -> Result
    ) throws -> Result {
        guard let before = try map(of: server, tx) else { return try body() }
        let result = try body()
        guard let after = try map(of: server, tx) else { return result }
        let places = SightMap.Places(differingBetween: before, after)
        guard !places.isEmpty else { return result }
        let standings = try Standings(
            of: scope, in: after.server, owners: [before.server.owner, after.server.owner], by: places.rules, tx)
        let views = standings.kinds.map { ($0.members, before.view(of: $0, places), after.view(of: $0, places)) }
        try tell(views, before, after, tx)
        return result
    }

    /// Gives somebody other roles, and tells them what they see more or less by it.
    func setRoles(_ roles: [RoleID], of user: UserID, in server: ServerID, _ tx: Transaction) throws {
        let old = try MemberStore.roles(of: user, in: server, tx)
        try MemberStore.setRoles(roles, of: user, in: server, tx)
        guard let map = try map(of: server, tx) else { return }
        let places = SightMap.Places(everywhereBy: map)
        let views = [old, roles].map {
            map.view(of: Standings.Kind(members: .only([user]), roles: $0, person: user), places)
        }
        try tell([(.only([user]), views[0], views[1])], map, map, tx)
    }

    private func map(of server: ServerID, _ tx: Transaction) throws -> SightMap? {
        try ServerStore.server(server, tx).map { try SightMap(of: $0, tx) }
    }

    /// - Parameter views: what members saw, and what they see.
    private func tell(
        _ views: [(members: Crowd, old: SightMap.View, new: SightMap.View)], _ before: SightMap, _ after: SightMap,
        _ tx: Transaction
    ) throws {
        var differences: [Difference: Crowd] = [:]
        for (members, old, new) in views {
            let difference = Difference(old, new)
            guard !difference.isEmpty else { continue }
            differences[difference] = differences[difference].map { $0.union(members) } ?? members
        }
        // Of events that are gone everybody was told already.
        try announce(
            differences, in: after.server, channels: before.channels.merging(after.channels) { _, newer in newer },
            events: after.events, tx)
        for (difference, members) in differences {
            try EventSight.end(partIn: difference.lostEvents, of: members, in: after.server.id, tx)
        }
    }

    private func announce(
        _ differences: [Difference: Crowd], in server: Server, channels: [ChannelID: Channel],
        events: [ScheduledEventID: ScheduledEvent], _ tx: Transaction
    ) throws {
        for (difference, members) in differences {
            let target = try Target(members, in: server, tx)
            let lost = difference.lost.compactMap { channels[ChannelID(rawValue: $0.id)] }
            try Notifications.withdraw(from: lost.map(\.id), for: members, tx)
            let gained = difference.gained.compactMap { channels[ChannelID(rawValue: $0.id)] }
            let threads = try ThreadSight(
                of: members, in: server, lost: difference.lost, gained: difference.gained,
                channels: Array(channels.keys), tx)
            let lostEvents = difference.lostEvents.sorted().compactMap { events[$0] }
            let gainedEvents = difference.gainedEvents.sorted().compactMap { events[$0] }
            let count = lost.count + gained.count + threads.count + lostEvents.count + gainedEvents.count
            // Addressed to an audience that is made for this, so that many channels do not name many users each.
            let gathering = Audience(id: ids.next(UserID.self).rawValue)
            let needsGathering = !target.except.isEmpty || count > 1 || threads.hasInsiders
            if needsGathering { target.changeSight(gained: [gathering], tx) }
            let listeners = needsGathering ? [gathering] : target.audiences
            for channel in lost.sorted(by: { $0.id < $1.id }) {
                tx.emit(.channelDelete, ChannelDeletedEvent(id: channel.id, server: channel.server), to: listeners)
            }
            for channel in gained.sorted(by: { $0.id < $1.id }) {
                tx.emit(.channelCreate, channel, about: .place(.channel(channel.id)), to: listeners)
            }
            try threads.tell(listeners, tx)
            for event in lostEvents {
                tx.emit(
                    .guildScheduledEventDelete, ScheduledEventDeletedEvent(id: event.id, server: event.server),
                    to: listeners)
            }
            for event in gainedEvents {
                tx.emit(.guildScheduledEventUpdate, event, about: EventSight.subject(of: event), to: listeners)
            }
            target.changeSight(
                gained: difference.gained.sorted(),
                lost: difference.lost.sorted() + (needsGathering ? [gathering] : []), tx)
            threads.changeSight(tx)
        }
    }

    /// Members of a server, said as shortly as possible.
    struct Target {
        let audiences: [Audience]
        let except: [Audience]

        init(_ members: Crowd, in server: Server, _ tx: Transaction) throws {
            let count = members.count(in: server)
            if count > server.memberCount / 2, count > 16 {
                audiences = [.server(server.id)]
                except = try members.others(of: server.id, tx).sorted().map(Audience.user)
            } else {
                audiences = try members.members(of: server.id, tx).sorted().map(Audience.user)
                except = []
            }
        }

        func changeSight(gained: [Audience] = [], lost: [Audience] = [], _ tx: Transaction) {
            tx.changeSight(SightChange(gained: gained, lost: lost, except: except), of: audiences)
        }
    }
}
