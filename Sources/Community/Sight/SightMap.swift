import Database
import Events
import Kernel

/// What decides who sees which channels and events of a server, at one moment.
struct SightMap {
    /// What is asked about a place: what there is to see, and what overwrites are in force.
    fileprivate struct Asked: Hashable {
        let sight: PlaceSight
        /// Nil for the server as a whole.
        let overwrites: [PermissionOverwrite]?
    }

    /// What decides in one place. Two are the same where the same is to be seen, and everybody sees the same of it.
    struct Terms: Hashable {
        let rules: PlaceRules
        private let asked: Asked

        fileprivate init(_ asked: Asked, in server: Server, _ roles: [Role]) {
            rules = PlaceRules(
                in: server, roles: roles, overwrites: asked.overwrites ?? [], deciding: asked.sight.permissions)
            self.asked = asked
        }

        static func == (one: Terms, other: Terms) -> Bool {
            one.rules == other.rules && one.asked.sight == other.asked.sight
        }

        func hash(into hasher: inout Hasher) { hasher.combine(rules) }

        func sight(of holder: PermissionHolder) -> PlaceSight {
            PlaceSight(asked.overwrites.map { .inChannel(holder, overwrites: $0) } ?? .inServer(holder))
                .intersection(asked.sight)
        }
    }

    let server: Server
    let channels: [ChannelID: Channel]
    let events: [ScheduledEventID: ScheduledEvent]
    private let roles: Standings.RoleTable?
    private let terms: [ChannelID: Terms]
    private let serverTerms: Terms

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
        let withEvents = Set(events.compactMap(\.place.channel))
        // Most channels have the same ones in force, or none.
        var known: [Asked: Terms] = [:]
        func terms(_ asked: Asked) -> Terms {
            let terms = known[asked] ?? Terms(asked, in: server, roles)
            known[asked] = terms
            return terms
        }
        self.terms = channels.reduce(into: [:]) { result, channel in
            var sight = PlaceSight.possible(in: channel)
            if withEvents.contains(channel.id) { sight.insert(.events) }
            result[channel.id] = terms(Asked(sight: sight, overwrites: channel.inForce(overwrites)))
        }
        serverTerms = terms(Asked(sight: .events, overwrites: nil))
    }

    func terms(of channel: ChannelID) -> Terms? { terms[channel] }

    func terms(of event: ScheduledEventID) -> Terms? {
        events[event].flatMap { $0.place.channel.map { terms[$0] } ?? serverTerms }
    }

    func holder(_ kind: Standings.Kind) -> PermissionHolder? { roles.map { kind.holder(in: server, $0) } }

    func rules(of event: ScheduledEventID) -> [PlaceRules] { terms(of: event).map { [$0.rules] } ?? [] }

    func sees(_ event: ScheduledEventID, _ kind: Standings.Kind) -> Bool {
        guard let terms = terms(of: event), let holder = holder(kind) else { return false }
        return terms.sight(of: holder).contains(.events)
    }
}
