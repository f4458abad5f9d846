import Database
import Events
import Kernel

/// What decides who sees which channels and events of a server, at one moment.
struct SightMap {
    /// What some members see of it.
    struct View {
        let audiences: Set<Audience>
        let events: Set<ScheduledEventID>
    }

    let server: Server
    let channels: [ChannelID: Channel]
    let events: [ScheduledEventID: ScheduledEvent]
    private let roles: Standings.RoleTable?
    private let overwrites: [ChannelID: [PermissionOverwrite]]
    private let rules: [ChannelID: PlaceRules]
    private let serverRules: PlaceRules

    init(of server: Server, _ tx: Transaction) throws {
        try self.init(
            of: server, roles: RoleStore.roles(of: server.id, tx), channels: ChannelStore.channels(of: server.id, tx),
            events: ScheduledEventStore.open(in: server.id, tx))
    }

    init(of server: Server, roles: [Role], channels: [Channel], events: [ScheduledEvent]) {
        self.server = server
        self.channels = Dictionary(uniqueKeysWithValues: channels.map { ($0.id, $0) })
        self.events = Dictionary(uniqueKeysWithValues: events.map { ($0.id, $0) })
        self.roles = Standings.RoleTable(roles)
        let overwrites = channels.overwritesByChannel
        self.overwrites = overwrites
        // Most channels have the same ones in force, or none.
        var known: [[PermissionOverwrite]: PlaceRules] = [:]
        func rules(by inForce: [PermissionOverwrite]) -> PlaceRules {
            let rules = known[inForce] ?? PlaceRules(in: server, roles: roles, overwrites: inForce, deciding: .sight)
            known[inForce] = rules
            return rules
        }
        self.rules = channels.reduce(into: [:]) { $0[$1.id] = rules(by: $1.inForce(overwrites)) }
        serverRules = rules(by: [])
    }

    private func rules(in event: ScheduledEvent) -> PlaceRules? {
        event.place.channel.map { rules[$0] } ?? serverRules
    }

    func view(of kind: Standings.Kind, _ places: Places) -> View {
        guard let roles else { return View(audiences: [], events: []) }
        let holder = kind.holder(in: server, roles)
        let visible = places.channels.compactMap { channels[$0] }.map { Channels.place($0, holder, overwrites) }
        return View(
            audiences: Set(visible.flatMap(\.visibleAudiences)),
            events: Set(
                EventSight.visible(places.events.compactMap { events[$0] }, to: holder, in: visible).map(\.id)))
    }

    /// Where somebody may see something else by one map than by another.
    struct Places {
        /// With the channels in which the events are.
        let channels: [ChannelID]
        let events: [ScheduledEventID]
        /// All that decides there.
        let rules: [PlaceRules]

        var isEmpty: Bool { channels.isEmpty && events.isEmpty }

        init(differingBetween old: SightMap, _ new: SightMap) {
            let changed = Set(old.channels.keys).union(new.channels.keys).filter { old.rules[$0] != new.rules[$0] }
            let events = Set(old.events.keys).union(new.events.keys).filter { id in
                let (before, after) = (old.events[id], new.events[id])
                return before?.place.channel != after?.place.channel
                    || before.map(old.rules(in:)) != after.map(new.rules(in:))
            }
            self.init(channels: changed, events: events, by: [old, new])
        }

        init(everywhereBy map: SightMap) {
            self.init(channels: Set(map.channels.keys), events: Set(map.events.keys), by: [map])
        }

        init(of event: ScheduledEvent, by map: SightMap) { self.init(channels: [], events: [event.id], by: [map]) }

        private init(channels: Set<ChannelID>, events: Set<ScheduledEventID>, by maps: [SightMap]) {
            let around = events.flatMap { id in maps.compactMap { $0.events[id]?.place.channel } }
            self.channels = channels.union(around).sorted()
            self.events = events.sorted()
            let ofChannels = self.channels.flatMap { id in maps.compactMap { $0.rules[id] } }
            rules = events.isEmpty ? ofChannels : ofChannels + maps.map(\.serverRules)
        }
    }
}
