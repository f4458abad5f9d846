import Database
import Events
import Kernel

/// Who sees which channels and events of a server, kept true when roles, overwrites and categories change.
///
/// Visibility is worked out here, when permissions change, and not when messages are sent. The change becomes part of the
/// event log, addressed to those whom it concerns and to nobody else.
struct Sight: Sendable {
    let ids: Snowflakes

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
        let changes = SightChanges(from: before, to: after)
        guard !changes.isEmpty else { return result }
        let standings = try Standings(
            of: scope, in: after.server, owners: [before.server.owner, after.server.owner], by: changes.rules, tx)
        let found =
            switch scope {
            case .all: changes.differences(amongAll: standings.kinds)
            case .having, .users: changes.differences(among: standings.kinds)
            }
        try tell(found, before, after, tx)
        return result
    }

    /// Gives somebody other roles, and tells them what they see more or less by it.
    func setRoles(_ roles: [RoleID], of user: UserID, in server: ServerID, _ tx: Transaction) throws {
        let old = try MemberStore.roles(of: user, in: server, tx)
        try MemberStore.setRoles(roles, of: user, in: server, tx)
        guard let map = try map(of: server, tx) else { return }
        let kind = { Standings.Kind(members: .only([user]), roles: $0, person: user) }
        try tell(SightChanges(everywhereIn: map).differences(among: [(kind(old), kind(roles))]), map, map, tx)
    }

    private func map(of server: ServerID, _ tx: Transaction) throws -> SightMap? {
        try ServerStore.server(server, tx).map { try SightMap(of: $0, tx) }
    }

    private func tell(_ found: SightChanges.Found, _ before: SightMap, _ after: SightMap, _ tx: Transaction) throws {
        let (server, events) = (after.server, after.events)
        let common = try found.common.map { common in
            let except = try common.except.members(of: server.id, tx)
            return Telling(
                difference: common.difference, members: common.members, channels: [common.channel.id],
                target: Target(audiences: [.channel(common.channel.id)], except: except))
        }
        let channels = before.channels.merging(after.channels) { _, newer in newer }
        // Of those whom nothing tells from @everyone there may be none.
        let named = try found.differences.filter { try !$0.value.isEmpty(in: server, tx) }.map { difference, members in
            try Telling(
                difference: difference, members: members, channels: Array(channels.keys),
                target: Target(members, in: server, tx))
        }
        // Of events that are gone everybody was told already.
        try announce(common + named, in: server, channels: channels, events: events, tx)
        // By event, since to ask who takes part in one takes as long for a few of them as for all.
        var losing: [ScheduledEventID: [Crowd]] = [:]
        for telling in named {
            for event in telling.difference.lostEvents { losing[event, default: []].append(telling.members) }
        }
        for (id, crowds) in losing.sorted(by: { $0.key < $1.key }) {
            guard let event = try ScheduledEventStore.event(id, tx) else { continue }
            try EventSight.end(partIn: event, of: crowds, tx)
        }
    }

    /// What some are told, who they are, and by which audiences they hear of it.
    private struct Telling {
        let difference: SightChanges.Difference
        let members: Crowd
        /// Where it may be that they lose or gain.
        let channels: [ChannelID]
        let target: Target
    }

    /// What lies behind channels that some lose concerns them no more.
    private func withdraw(_ tellings: [Telling], from channels: [ChannelID: Channel], _ tx: Transaction) throws {
        var losing: [ChannelID: [Crowd]] = [:]
        for telling in tellings {
            for audience in telling.difference.lost {
                if let channel = channels[ChannelID(rawValue: audience.id)] {
                    losing[channel.id, default: []].append(telling.members)
                }
            }
        }
        for (channel, crowds) in losing.sorted(by: { $0.key < $1.key }) {
            try Notifications.withdraw(from: channel, for: crowds, tx)
        }
    }

    private func announce(
        _ tellings: [Telling], in server: Server, channels: [ChannelID: Channel],
        events: [ScheduledEventID: ScheduledEvent], _ tx: Transaction
    ) throws {
        try withdraw(tellings, from: channels, tx)
        let privateThreads = try ThreadSight.members(
            of: tellings.lazy.flatMap { $0.difference.lost.union($0.difference.gained) }, in: channels.keys, tx)
        var room = ThreadSight.maximumTold
        for telling in tellings {
            let (difference, target) = (telling.difference, telling.target)
            let lost = difference.lost.compactMap { channels[ChannelID(rawValue: $0.id)] }
            let gained = difference.gained.compactMap { channels[ChannelID(rawValue: $0.id)] }
            let threads = try ThreadSight(
                of: telling.members, in: server, lost: difference.lost, gained: difference.gained,
                channels: telling.channels, among: privateThreads, atMost: room, tx)
            room = max(0, room - threads.count)
            let lostEvents = difference.lostEvents.sorted().compactMap { events[$0] }
            let gainedEvents = difference.gainedEvents.sorted().compactMap { events[$0] }
            let count = lost.count + gained.count + threads.count + lostEvents.count + gainedEvents.count
            // Addressed to an audience that is made for this, so that many channels do not name many users each.
            let gathering = Audience(id: ids.next(UserID.self).rawValue)
            let needsGathering = count > 1 || count == 1 && !target.isShort || threads.hasInsiders
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

        var isShort: Bool { except.isEmpty && audiences.count <= Self.few }

        private static let few = 16

        init(audiences: [Audience], except: Set<UserID>) {
            self.audiences = audiences
            self.except = except.sorted().map(Audience.user)
        }

        init(_ members: Crowd, in server: Server, _ tx: Transaction) throws {
            let count = members.count(in: server)
            if count > server.memberCount / 2, count > Self.few {
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
