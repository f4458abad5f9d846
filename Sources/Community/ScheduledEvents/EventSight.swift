import Database
import Events
import Kernel

/// Who sees events: members with events.view, who see the event's channel if it has one.
enum EventSight {
    /// What somebody may do where an event takes place.
    /// - Throws: `.serverNotFound`, `.channelNotFound`; `.accessDenied` for one who is no member, or does not see the channel.
    static func permissions(
        of user: UserID, in server: ServerID, _ channel: ChannelID?, _ tx: Transaction
    ) throws -> EffectivePermissions {
        guard let channel else { return try Servers.standing(of: user, in: server, tx).permissions }
        return try Channels.place(channel, for: user, tx).permissions
    }

    static func sees(_ user: UserID, _ event: ScheduledEvent, _ tx: Transaction) throws -> Bool {
        do {
            return try permissions(of: user, in: event.server, event.place.channel, tx).contains(.eventsView)
        } catch is APIError {
            return false
        }
    }

    /// Those of some events of a server that a member sees.
    static func visible(
        _ events: [ScheduledEvent], to holder: PermissionHolder, in places: [Place]
    ) -> [ScheduledEvent] {
        let seesServer = EffectivePermissions.inServer(holder).contains(.eventsView)
        let channels = Set(places.filter { $0.permissions.contains(.eventsView) }.map(\.channel.id))
        return events.filter { $0.place.channel.map(channels.contains) ?? seesServer }
    }

    // MARK: Telling

    /// Where an event has a channel, what one may do in that channel counts.
    static func subject(in server: ServerID, _ channel: ChannelID?) -> EventSubject {
        .right(.eventsView, in: channel.map(Audience.channel) ?? .server(server))
    }

    static func subject(of event: ScheduledEvent) -> EventSubject {
        subject(in: event.server, event.place.channel)
    }

    /// Everybody who sees an event, said as shortly as possible.
    static func audience(of event: ScheduledEvent, _ tx: Transaction) throws -> [Audience] {
        guard let id = event.place.channel else {
            return try Servers.audience(of: event.server, having: .eventsView, tx)
        }
        guard let server = try ServerStore.server(event.server, tx), let channel = try ChannelStore.channel(id, tx)
        else { return [] }
        let overwrites = try ChannelStore.overwrites(of: [id] + (channel.category.map { [$0] } ?? []), tx)
        let roles = try RoleStore.roles(of: server.id, tx)
        let everyoneSeesEvents = roles.contains { $0.isDefault && $0.permissions.contains(.eventsView) }
        let isDenied = channel.inForce(overwrites).contains { $0.deny.contains(.eventsView) }
        if everyoneSeesEvents, !isDenied { return [.channel(id)] }
        let standings = try Standings(
            of: .all, in: server, owners: [server.owner],
            by: [PlaceRules(in: server, roles: roles, overwrites: channel.inForce(overwrites), deciding: .sight)], tx)
        guard let table = Standings.RoleTable(roles) else { return [] }
        let seeing = standings.kinds.filter {
            Channels.place(channel, $0.holder(in: server, table), overwrites).permissions.contains(.eventsView)
        }
        return try Crowd(joining: seeing.map(\.members)).members(of: server.id, tx).sorted().map(Audience.user)
    }

    // MARK: Losing sight

    /// Who sees an event no more takes no part in it.
    /// - Returns: the event as it is then.
    @discardableResult
    static func end(partIn event: ScheduledEvent, of crowds: [Crowd], _ tx: Transaction) throws -> ScheduledEvent {
        guard !crowds.isEmpty else { return event }
        // It takes as long for one as for all.
        var known: [Audience]?
        func audienceOnce(of event: ScheduledEvent) throws -> [Audience] {
            let audience = try known ?? Self.audience(of: event, tx)
            known = audience
            return audience
        }
        return try people(of: event.id, among: crowds, in: event.server, tx).reduce(event) { event, user in
            try Answers.removeAll(of: user, from: event, telling: audienceOnce, tx)
        }
    }

    /// Ends the part in an event of those who do not see it where it is now.
    /// - Returns: the event as it is then.
    static func settle(_ event: ScheduledEvent, _ tx: Transaction) throws -> ScheduledEvent {
        guard let server = try ServerStore.server(event.server, tx) else { return event }
        let channels = try ChannelStore.channels(of: server.id, tx)
        let place = channels.first { $0.id == event.place.channel }
        let map = SightMap(
            of: server, roles: try RoleStore.roles(of: server.id, tx),
            channels: channels.filter { $0.id == place?.id || $0.id == place?.category }, events: [event])
        let standings = try Standings(of: .all, in: server, owners: [server.owner], by: map.rules(of: event.id), tx)
        let blind = standings.kinds.filter { !map.sees(event.id, $0) }
        return try end(partIn: event, of: blind.map(\.members), tx)
    }

    private static func people(
        of event: ScheduledEventID, among crowds: [Crowd], in server: ServerID, _ tx: Transaction
    ) throws -> [UserID] {
        var (found, last): ([UserID], UserID) = ([], UserID(rawValue: 0))
        while true {
            let page = try AnswerStore.people(of: event, after: last, limit: 1000, tx)
            let members = try MemberStore.members(among: page, of: server, tx)
            found += members.filter { member in crowds.contains { $0.contains(member) } }
            guard page.count == 1000, let end = page.last else { return found }
            last = end
        }
    }
}
