import Database
import Events
import Kernel

/// Who sees which channels and events of a server, kept true when roles, overwrites and categories change.
///
/// Visibility is worked out here, when permissions change, and not when messages are sent. The change becomes part of the
/// event log, addressed to those whom it concerns and to nobody else.
struct Sight: Sendable {
    let ids: Snowflakes

    /// Whose sight a change can touch.
    enum Members: Sendable {
        case all
        case having(RoleID)
        case user(UserID)
    }

    /// What members stand to lose and to gain together.
    private struct Difference: Hashable {
        let lost: Set<Audience>
        let gained: Set<Audience>
        let lostEvents: Set<ScheduledEventID>
        let gainedEvents: Set<ScheduledEventID>

        init(_ old: SightMap.Group, _ new: SightMap.Group) {
            lost = old.audiences.subtracting(new.audiences)
            gained = new.audiences.subtracting(old.audiences)
            lostEvents = old.events.subtracting(new.events)
            gainedEvents = new.events.subtracting(old.events)
        }

        var isEmpty: Bool { lost.isEmpty && gained.isEmpty && lostEvents.isEmpty && gainedEvents.isEmpty }
    }

    /// Makes a change of permissions and tells those who see more or less afterwards: CHANNEL_CREATE for what they gain,
    /// CHANNEL_DELETE for what they lose, and GUILD_SCHEDULED_EVENT_UPDATE and _DELETE in the same way.
    /// - Parameter channels: the ones that may be concerned; nil for all.
    func change<Result>(
        in server: ServerID, of members: Members = .all, channels: Set<ChannelID>? = nil, _ tx: Transaction,
        _ body: () throws -> Result
    ) throws -> Result {
        guard let old = try ServerStore.server(server, tx) else { return try body() }
        let standings = try self.members(members, of: server, tx)
        let before = try map(standings, in: old, channels, tx)
        let known = try ChannelStore.channels(of: server, tx)
        let result = try body()
        guard let new = try ServerStore.server(server, tx) else { return result }
        let users = Set(standings.map(\.user))
        let later = try current(members, of: server, tx).filter { users.contains($0.user) }
        let after = try map(later, in: new, channels, tx)
        let channels = try known + ChannelStore.channels(of: server, tx)
        let differences = Self.differences(before, after)
        try announce(
            differences, in: new, channels: Dictionary(channels.map { ($0.id, $0) }) { _, newer in newer },
            // Of events that are gone everybody was told already.
            events: Dictionary(uniqueKeysWithValues: ScheduledEventStore.open(in: server, tx).map { ($0.id, $0) }), tx)
        for (difference, users) in differences {
            try EventSight.end(partIn: difference.lostEvents, of: users, tx)
        }
        return result
    }

    private func members(
        _ members: Members, of server: ServerID, _ tx: Transaction
    ) throws -> [(user: UserID, roles: [RoleID])] {
        switch members {
        case .all: try MemberStore.standings(of: server, tx)
        case .having(let role): try MemberStore.standings(of: server, having: role, tx)
        case .user(let user): try MemberStore.standings(of: server, user: user, tx)
        }
    }

    /// The same members after the change, when those who had a role may not have it any more.
    private func current(
        _ members: Members, of server: ServerID, _ tx: Transaction
    ) throws -> [(user: UserID, roles: [RoleID])] {
        if case .user(let user) = members { return try MemberStore.standings(of: server, user: user, tx) }
        return try MemberStore.standings(of: server, tx)
    }

    private func map(
        _ members: [(user: UserID, roles: [RoleID])], in server: Server, _ channels: Set<ChannelID>?,
        _ tx: Transaction
    ) throws -> SightMap {
        let all = try ChannelStore.channels(of: server.id, tx)
        return SightMap(
            of: members, in: server, roles: try RoleStore.roles(of: server.id, tx),
            channels: channels.map { wanted in all.filter { wanted.contains($0.id) } } ?? all,
            overwrites: all.overwritesByChannel,
            events: try ScheduledEventStore.open(in: server.id, tx).filter { event in
                channels.map { wanted in event.place.channel.map(wanted.contains) ?? false } ?? true
            })
    }

    private static func differences(_ before: SightMap, _ after: SightMap) -> [Difference: [UserID]] {
        // First by groups, of which there are few: to compare what is seen for each member would take much longer.
        var moves: [[Int]: [UserID]] = [:]
        for (user, old) in before.groupOf {
            if let new = after.groupOf[user] { moves[[old, new], default: []].append(user) }
        }
        var result: [Difference: [UserID]] = [:]
        for (move, users) in moves {
            let difference = Difference(before.groups[move[0]], after.groups[move[1]])
            if !difference.isEmpty { result[difference, default: []] += users }
        }
        return result
    }

    private func announce(
        _ differences: [Difference: [UserID]], in server: Server, channels: [ChannelID: Channel],
        events: [ScheduledEventID: ScheduledEvent], _ tx: Transaction
    ) throws {
        for (difference, users) in differences {
            let target = try Target(users, in: server, tx)
            let lost = difference.lost.compactMap { channels[ChannelID(rawValue: $0.id)] }
            try Notifications.withdraw(from: lost.map(\.id), for: Set(users), tx)
            let gained = difference.gained.compactMap { channels[ChannelID(rawValue: $0.id)] }
            let threads = try ThreadSight(
                of: users, lost: difference.lost, gained: difference.gained, channels: Array(channels.keys), tx)
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

    /// Users of a server, said as shortly as possible.
    struct Target {
        let audiences: [Audience]
        let except: [Audience]

        init(_ users: [UserID], in server: Server, _ tx: Transaction) throws {
            guard users.count > server.memberCount / 2, users.count > 16 else {
                audiences = users.sorted().map(Audience.user)
                except = []
                return
            }
            let concerned = Set(users)
            audiences = [.server(server.id)]
            except = try MemberStore.users(of: server.id, tx).filter { !concerned.contains($0) }.map(Audience.user)
        }

        func changeSight(gained: [Audience] = [], lost: [Audience] = [], _ tx: Transaction) {
            tx.changeSight(SightChange(gained: gained, lost: lost, except: except), of: audiences)
        }
    }
}
